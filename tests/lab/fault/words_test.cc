// The words of faults: what is understood, what is refused and why, what may come next. Pure.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

#include "base/error.h"
#include "lab/fault/fault_catalogue.h"
#include "lab/fault/word_type.h"

namespace bdrmesh::lab::fault {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const Names kNames{{"east", "west"}, 2, 2};

std::string refusal(const std::string& line) {
  try {
    check_words(split_words(line), kNames);
  } catch (const Error& e) {
    return e.message();
  }
  return "";
}

TEST(FaultWords, AreUnderstoodAsTheirUsageSays) {
  for (const char* line : {"kill east tidb-server 1",
                           "kill east tidb 2",
                           "kill west ticdc",
                           "kill west ticdc 2",
                           "suspend east region",
                           "restart east pd",
                           "delay-feed east west 1500",
                           "delay-feed east west 2s",
                           "slow-sysvar east 2 never",
                           "slow-sysvar east 1 20ms",
                           "fail-ddl east",
                           "fail-ddl east 1 1062 'DROP COLUMN'",
                           "set-role east primary",
                           "clock-offset west -5s",
                           "gc-past east 470618061000000000",
                           "drop-row east west app.orders",
                           "error-answer east ticdc 503 'POST /api' forever",
                           "heal",
                           "heal east",
                           "list"}) {
    EXPECT_EQ(refusal(line), "") << line;
  }
}

TEST(FaultWords, AreRefusedWithTheReason) {
  EXPECT_THAT(refusal("explode east"), HasSubstr("no fault 'explode'"));
  EXPECT_THAT(refusal("kill north mariadb"), HasSubstr("no cluster is called 'north'"));
  EXPECT_THAT(refusal("kill east"), HasSubstr("usage: CLUSTER PART"));
  EXPECT_THAT(refusal("kill east disk"), HasSubstr("none of tidb-server, ticdc"));
  EXPECT_THAT(refusal("kill east tidb-server"), HasSubstr("1 or 2"));
  EXPECT_THAT(refusal("kill east tidb-server 3"), HasSubstr("1 or 2, not 3"));
  EXPECT_THAT(refusal("kill east pd 1"), HasSubstr("one word too many"));
  EXPECT_THAT(refusal("delay-feed east west soon"), HasSubstr("'soon' is no time"));
  EXPECT_THAT(refusal("delay-feed east west -2s"), HasSubstr("negative"));
  EXPECT_THAT(refusal("set-role east king"), HasSubstr("none of primary, secondary, none"));
  EXPECT_THAT(refusal("drop-row east west orders"), HasSubstr("no schema.table"));
  EXPECT_THAT(refusal("gc-past east now"), HasSubstr("no TSO"));
  EXPECT_THAT(refusal("fail-ddl east many"), HasSubstr("'many' is no number"));
  EXPECT_THAT(refusal("kill east 'ticdc"), HasSubstr("quote is not closed"));
}

TEST(FaultWords, ArgumentsAreFoundByTheirNames) {
  const Arguments words = read_words("CLUSTER PART", {"east", "tidb", "2"}, kNames);
  EXPECT_EQ(words.text("CLUSTER"), "east");
  EXPECT_EQ(words.text("PART"), "tidb-server");
  EXPECT_EQ(words.number_or("NUMBER", 0), 2);
  const Arguments rows = read_words("FROM TO [TABLE]", {"east", "west"}, kNames);
  EXPECT_EQ(rows.table(), std::make_pair(std::string("app"), std::string("*")));
  EXPECT_EQ(read_words("TIME", {"1m"}, kNames).time("TIME"), Millis{60'000});
}

TEST(FaultWords, TimesHaveUnits) {
  EXPECT_EQ(parse_time("1500"), Millis{1500});
  EXPECT_EQ(parse_time("250ms"), Millis{250});
  EXPECT_EQ(parse_time("20s"), Millis{20'000});
  EXPECT_EQ(parse_time("-1h"), Millis{-3'600'000});
  for (const char* text : {"", "s", "1 s", "1d", "x", "--1", "1.5s"}) {
    EXPECT_EQ(parse_time(text), std::nullopt) << text;
  }
}

TEST(FaultWords, JoinedWordsAreSplitIntoTheSameWords) {
  for (const Words& words : {Words{"a", "b c", "d"}, Words{"it's"}, Words{"say \"x\""},
                             Words{"", "empty"}, Words{"#no", "comment"}}) {
    EXPECT_EQ(split_words(joined(words)), words);
  }
}

TEST(FaultWords, WhatComesNextIsOffered) {
  EXPECT_THAT(completions({}, kNames), Contains("freeze-feed"));
  EXPECT_THAT(completions({"kill"}, kNames), ElementsAre("east", "west"));
  EXPECT_THAT(completions({"kill", "east"}, kNames), Contains("mariadb"));
  EXPECT_THAT(completions({"kill", "east", "ticdc"}, kNames), ElementsAre("1", "2"));
  EXPECT_THAT(completions({"kill", "east", "mariadb"}, kNames), IsEmpty());
  EXPECT_THAT(completions({"set-role", "east"}, kNames),
              ElementsAre("primary", "secondary", "none"));
  EXPECT_THAT(completions({"explode"}, kNames), IsEmpty());
}

TEST(FaultCatalogue, EveryFaultHasItsOwnNameAndAUsageThatCanBeRead) {
  std::set<std::string_view> names;
  for (const Fault* fault : all_faults()) {
    EXPECT_TRUE(names.insert(fault->name).second) << fault->name;
    EXPECT_FALSE(fault->effect.empty());
    EXPECT_LE(fault->effect.size(), 60U) << fault->name;
    EXPECT_FALSE(word_types(fault->usage).empty()) << fault->name;
    EXPECT_THAT(shown_usage(fault->usage), Not(HasSubstr(":"))) << fault->name;
  }
  EXPECT_GT(names.size(), 40U);
  EXPECT_EQ(catalogue_json().size(), names.size() + 1);  // and `heal`
}

TEST(FaultCatalogue, HasNoEndlessLines) {
  std::istringstream lines(catalogue_text());
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100U) << line;
}

}  // namespace
}  // namespace bdrmesh::lab::fault
