#include <gtest/gtest.h>

#include "verify/objects/object_compare.h"
#include "verify/objects/sequence_text.h"

namespace bdrmesh::verify {
namespace {

const ClusterName kEast("east");
const ClusterName kWest("west");
const TableName kName{"app", "o"};

// As TiDB v9.0 prints them.
std::string sequence(const std::string& numbers, const std::string& rest = "cache 1000 nocycle") {
  return "CREATE SEQUENCE `o` " + numbers + " " + rest + " ENGINE=InnoDB";
}
std::string numbers(int start, int step) {
  return "start with " + std::to_string(start) +
         " minvalue 1 maxvalue 9223372036854775806 increment by " + std::to_string(step);
}
std::string view(const std::string& select, const std::string& security = "DEFINER",
                 const std::string& definer = "`root`@`%`") {
  return "CREATE ALGORITHM=UNDEFINED DEFINER=" + definer + " SQL SECURITY " + security +
         " VIEW `o` (`a`) AS " + select;
}

std::vector<SchemaDifference> compare(const std::string& east, const std::string& west,
                                      SequenceUse use = SequenceUse::everywhere) {
  return compare_objects({{kEast, east}, {kWest, west}}, use);
}

/// The differences without the value, which every sequence has.
std::vector<SchemaDifference> findings(std::vector<SchemaDifference> all) {
  std::erase_if(all, [](const SchemaDifference& one) { return one.what == "sequence value"; });
  return all;
}

struct Case {
  std::string east;
  std::string west;
  std::string what;  ///< empty: no difference
  Severity severity = Severity::differs;
  SequenceUse use = SequenceUse::everywhere;
};

TEST(ObjectCompare, TellsHarmlessDifferencesFromOthers) {
  const auto pair = SequenceUse::on_one_member;
  const std::string select = "SELECT `a` AS `a` FROM `app`.`t`";
  const std::vector<Case> cases = {
      {view(select), view(select), ""},
      {view(select), view(select + " WHERE `a`>1"), "view definition"},
      {view(select), view(select, "INVOKER"), "view SQL SECURITY", Severity::warning},
      {view(select), view(select, "DEFINER", "`x VIEW y`@`%`"), "view DEFINER", Severity::warning},
      {"CREATE ALGORITHM=MERGE" + view(select).substr(26), view(select), "view ALGORITHM",
       Severity::legitimate},
      {view(select), sequence(numbers(1, 1)), "object"},
      {sequence(numbers(1, 2)), sequence(numbers(2, 2)), "sequence numbers", Severity::legitimate},
      {sequence(numbers(1, 2)), sequence(numbers(3, 2)), "sequence numbers", Severity::warning},
      {sequence(numbers(1, 1)), sequence(numbers(1, 1)), "sequence numbers", Severity::warning},
      {sequence(numbers(1, 1)), sequence(numbers(1, 1)), "", Severity::differs, pair},
      {sequence(numbers(1, 1)), sequence(numbers(5000, 1)), "sequence START", Severity::legitimate,
       pair},
      {sequence(numbers(1, 1)), sequence(numbers(1, 2)), "sequence numbers", Severity::differs,
       pair},
      {sequence(numbers(1, 2)), sequence(numbers(1, 2), "nocache nocycle"), "sequence CACHE",
       Severity::warning, pair},
      {sequence(numbers(1, 2)), sequence(numbers(1, 2), "cache 1000 cycle"), "sequence CYCLE",
       Severity::differs, pair},
      {sequence(numbers(1, 2)), sequence(numbers(1, 2)) + " COMMENT='x'", "sequence COMMENT",
       Severity::warning, pair},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.east + "\nagainst\n" + c.west);
    for (const auto& all : {compare(c.east, c.west, c.use), compare(c.west, c.east, c.use)}) {
      const auto found = findings(all);
      if (c.what.empty()) {
        EXPECT_TRUE(found.empty()) << found.front().what;
        continue;
      }
      ASSERT_EQ(found.size(), 1U);
      EXPECT_EQ(found[0].what, c.what);
      EXPECT_EQ(found[0].severity, c.severity) << found[0].why;
      EXPECT_EQ(found[0].fragments.size(), 2U);
    }
  }
}

TEST(ObjectCompare, ListsTheValueOfASequenceAsWhatMayDiffer) {
  const auto all = compare(sequence(numbers(1, 2)), sequence(numbers(2, 2)));
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[1].what, "sequence value");
  EXPECT_EQ(all[1].severity, Severity::legitimate);
}

TEST(ObjectCompare, HealsByOneStatement) {
  const auto heal = [](const std::optional<std::string>& east,
                       const std::optional<std::string>& west, SequenceUse use) {
    const std::map<ClusterName, std::optional<std::string>> both{{kEast, east}, {kWest, west}};
    const auto found = findings(compare_objects(both, use));
    return healing_of_object(found.at(0), kName, kEast, both, use);
  };
  const std::string east_view = view("SELECT 1 AS `a`");
  using Heal = std::map<std::string, std::string>;
  EXPECT_EQ(heal(east_view, view("SELECT 2 AS `a`"), SequenceUse::everywhere),
            (Heal{{"west", "USE `app`; CREATE OR REPLACE " + east_view.substr(7)}}));
  EXPECT_EQ(heal(east_view, std::nullopt, SequenceUse::everywhere),
            (Heal{{"west", "USE `app`; " + east_view}}));
  const std::string mine = sequence(numbers(1, 2));
  EXPECT_EQ(heal(mine, std::nullopt, SequenceUse::on_one_member),
            (Heal{{"west", "USE `app`; " + mine}}));
  EXPECT_EQ(heal(mine, sequence(numbers(1, 1)), SequenceUse::on_one_member),
            (Heal{{"west",
                   "ALTER SEQUENCE `app`.`o` minvalue 1 maxvalue 9223372036854775806 "
                   "increment by 2"}}));
  // It would hand out the same numbers on both.
  EXPECT_EQ(heal(mine, std::nullopt, SequenceUse::everywhere), Heal{});
  EXPECT_EQ(heal(mine, sequence(numbers(3, 2)), SequenceUse::everywhere), Heal{});
}

TEST(SequenceText, ReadsWhatTidbPrints) {
  const auto one = sequence_from(
      "CREATE SEQUENCE `s``1 start with 9` start with 100 minvalue 5 maxvalue 1000000 increment by "
      "10 cache 50 cycle ENGINE=InnoDB COMMENT='seq'");
  ASSERT_TRUE(one);
  EXPECT_EQ(one->numbers(), "start with 100 minvalue 5 maxvalue 1000000 increment by 10");
  EXPECT_EQ(one->cache, "cache 50");
  EXPECT_EQ(one->cycle, "cycle");
  EXPECT_EQ(one->comment, "'seq'");
  const auto down = sequence_from(
      "CREATE SEQUENCE `s3` start with -1 minvalue -9223372036854775807 maxvalue -1 increment by "
      "-1 nocache nocycle ENGINE=InnoDB");
  ASSERT_TRUE(down);
  EXPECT_EQ(down->step, -1);
  EXPECT_FALSE(sequence_from("CREATE TABLE `t` (`a` int)"));
  EXPECT_FALSE(sequence_from("CREATE SEQUENCE `s` sparkling"));
}

TEST(SequenceText, KnowsWhoSharesNumbers) {
  const auto made = [](std::int64_t start, std::int64_t least, std::int64_t most, std::int64_t step,
                       bool cycle) {
    return SequenceText{start, least, most, step, "nocache", cycle ? "cycle" : "nocycle", ""};
  };
  EXPECT_TRUE(share_numbers(made(1, 1, 100, 1, false), made(50, 1, 100, 1, false)));
  EXPECT_FALSE(share_numbers(made(1, 1, 40, 1, false), made(50, 1, 100, 1, false)));
  EXPECT_FALSE(share_numbers(made(1, 1, 100, 3, false), made(2, 1, 100, 3, false)));
  EXPECT_TRUE(share_numbers(made(1, 1, 100, 3, false), made(2, 1, 100, 2, false)));
  // One counts down from where the other begins to count up.
  EXPECT_FALSE(share_numbers(made(-1, -100, -1, -1, false), made(1, 1, 100, 1, false)));
  // After its end a cycle begins at its bound: 1, 4, … instead of 2, 5, …
  EXPECT_TRUE(share_numbers(made(2, 1, 100, 3, true), made(1, 1, 100, 3, false)));
}

}  // namespace
}  // namespace bdrmesh::verify
