#include "model/table_filter.h"

#include <gtest/gtest.h>
#include <random>

#include "base/error.h"

namespace bdrmesh {
namespace {

struct Case {
  std::vector<std::string> rules;
  TableName name;
  bool matches;
};

TEST(TableFilter, FollowsTheRulesOfTicdc) {
  const std::vector<Case> cases = {
      {{}, {"any", "thing"}, true},
      {{"app.*"}, {"app", "t"}, true},
      {{"app.*"}, {"apps", "t"}, false},
      {{"*.*"}, {"x", "y"}, true},
      {{"app.*", "!app.tmp_*"}, {"app", "tmp_1"}, false},
      {{"app.*", "!app.tmp_*"}, {"app", "tmp"}, true},
      {{"!app.tmp_*", "app.*"}, {"app", "tmp_1"}, true},  // the later rule wins
      {{"app.*", "!app.tmp_*", "app.tmp_keep"}, {"app", "tmp_keep"}, true},
      {{"!app.t"}, {"app", "u"}, false},  // only a rule that includes lets a table in
      {{"db?.t"}, {"db1", "t"}, true},
      {{"db?.t"}, {"db", "t"}, false},
      {{"db?.t"}, {"db12", "t"}, false},
      {{"db?.t"}, {"db\xc3\xbc", "t"}, true},  // one letter, two bytes
      {{"db[a-c].t"}, {"dbb", "t"}, true},
      {{"db[a-c].t"}, {"dbd", "t"}, false},
      {{"db[!a-c].t"}, {"dbd", "t"}, true},
      {{"db[!a-c].t"}, {"dbb", "t"}, false},
      {{"db[A-C].t"}, {"dbb", "t"}, true},
      {{"db[xyz0-9].t"}, {"db7", "t"}, true},
      {{"`odd.name`.`a``b`"}, {"odd.name", "a`b"}, true},
      {{"\"odd*name\".\"t\"\"u\""}, {"odd*name", "t\"u"}, true},
      {{"\"odd*name\".t"}, {"oddXname", "t"}, false},
      {{"a\\.b.c"}, {"a.b", "c"}, true},
      {{"a\\*.c"}, {"a*", "c"}, true},
      {{"a\\*.c"}, {"ab", "c"}, false},
      {{"App.T"}, {"aPP", "t"}, true},
      {{"  app.t\t"}, {"app", "t"}, true},
      {{"a*b*c.t"}, {"axxbyyc", "t"}, true},
      {{"a*b*c.t"}, {"axxcyyb", "t"}, false},
      {{"*a.t"}, {"aaab", "t"}, false},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(TableFilter(c.rules).matches(c.name), c.matches)
        << testing::PrintToString(c.rules) << " with " << to_string(c.name);
  }
}

TEST(TableFilter, TellsCaseApartWhenAsked) {
  const TableFilter filter({"App.T"}, TableFilter::Case::sensitive);
  EXPECT_TRUE(filter.matches({"App", "T"}));
  EXPECT_FALSE(filter.matches({"app", "T"}));
  EXPECT_FALSE(filter.matches({"App", "t"}));
}

TEST(TableFilter, KnowsWhichDatabasesItMayTouch) {
  const TableFilter filter({"app.*", "!app.tmp", "!dead.*", "live.one"});
  EXPECT_TRUE(filter.matches_schema("APP"));
  EXPECT_TRUE(filter.matches_schema("live"));
  EXPECT_FALSE(filter.matches_schema("dead"));
  EXPECT_FALSE(filter.matches_schema("other"));
  EXPECT_FALSE(TableFilter({"app.*", "!app.*"}).matches_schema("app"));
}

TEST(TableFilter, NamesTheRuleAndThePositionOfAMistake) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"app", "position 4"},      {"", "position 1"},
      {"app.", "position 5"},     {".t", "position 1"},
      {"app.[a", "position 7"},   {"app.[]", "position 6"},
      {"app.[z-a]", "backwards"}, {"`app.t", "not closed"},
      {"app.t.u", "position 6"},  {"/re/.t", "regular expressions"},
      {"@file", "file"},          {"a b.t", "position 2"},
      {"app.t\\", "backslash"},   {"app.\\t", "punctuation"},
      {"!", "position 2"},        {"``.t", "empty name"},
  };
  for (const auto& [rule, part] : cases) {
    try {
      const TableFilter filter({"good.*", rule});
      ADD_FAILURE() << "accepted " << rule;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::invalid);
      EXPECT_EQ(error.code(), "BAD_TABLE_RULE");
      EXPECT_NE(error.message().find("\"" + rule + "\""), std::string::npos) << error.message();
      EXPECT_NE(error.message().find(part), std::string::npos) << rule << ": " << error.message();
    }
  }
}

TEST(TableFilter, SurvivesAnyRule) {
  std::mt19937 random(20261121);
  const std::string letters = "ab.*?[]!-\\`\"@/ \xc3\xbc^";
  int accepted = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string rule;
    for (auto length = random() % 12; length > 0; --length)
      rule += letters[random() % letters.size()];
    try {
      TableFilter({rule}).matches({"ab\xc3", "b*"});
      ++accepted;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), "BAD_TABLE_RULE");
    }
  }
  EXPECT_GT(accepted, 0);
}

}  // namespace
}  // namespace bdrmesh
