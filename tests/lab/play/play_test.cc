// Scenarios and random plays without a lab: what is read, refused, played, and in which order.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "lab/fault/fault_catalogue.h"
#include "lab/play/player.h"
#include "lab/play/random_plan.h"
#include "lab/play/random_player.h"
#include "lab/play/scenario.h"
#include "stage_fake.h"

namespace bdrmesh::lab::play {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

const Names kNames{{"east", "west", "south"}, 2, 2};

std::string refusal(const std::string& text) {
  try {
    read_scenario(text, kNames);
  } catch (const Error& e) {
    return e.message();
  }
  return "";
}

TEST(Scenario, ReadsEveryKindOfLine) {
  const Scenario scenario = read_scenario(R"(# a quarrel
mesh
load start rate 50 hot 5   # in the background
at 5s fault kill east ticdc 1
every 2s until 20s fault duplicate-row east west
wait 500ms
heal east
sql east 'SELECT 1 # no comment'
expect sql west "SELECT 1" = 1 within 2s
expect feeds normal
load stop
expect nothing lost within 1m
say all is well
)",
                                          kNames);
  ASSERT_EQ(scenario.size(), 12U);
  EXPECT_EQ(scenario[0].line, 2U);
  EXPECT_EQ(scenario[2].at, Millis{5000});
  EXPECT_EQ(scenario[3].every, Millis{2000});
  EXPECT_EQ(scenario[3].until, Millis{20'000});
  EXPECT_EQ(scenario[6].action.statement, "SELECT 1 # no comment");
  EXPECT_EQ(scenario[7].action.wanted, "1");
  EXPECT_EQ(scenario[10].action.patience, Millis{60'000});
}

TEST(Scenario, EveryWrongLineIsNamedBeforeItBegins) {
  const std::string why = refusal("mesh\nfault kill north pd\n\nwiat 5s\nload start rate fast\n");
  EXPECT_THAT(why, HasSubstr("line 2: no cluster is called 'north'"));
  EXPECT_THAT(why, HasSubstr("line 4: 'wiat' is none of"));
  EXPECT_THAT(why, HasSubstr("line 5: load: 'fast' is no rate"));
}

TEST(Scenario, RefusesWhatCannotBePlayed) {
  EXPECT_THAT(refusal("at 5s mesh\nat 3s mesh"), HasSubstr("before that of a line above"));
  EXPECT_THAT(refusal("every 1s wait 1s"), HasSubstr("cannot be repeated"));
  EXPECT_THAT(refusal("expect sunshine"), HasSubstr("expect what?"));
  EXPECT_THAT(refusal("sql north 'SELECT 1'"), HasSubstr("'north'"));
  EXPECT_THAT(refusal("at soon mesh"), HasSubstr("'soon' is no time"));
  EXPECT_THAT(refusal("# nothing\n"), HasSubstr("empty"));
}

class PlayTest : public testing::Test {
 protected:
  bool play(const std::string& text) {
    return Player(clock_, stage_, [this](const std::string& line) { told_ += line + "\n"; })
        .play(read_scenario(text, kNames));
  }

  FakeHands clock_;
  FakeStage stage_{clock_};
  std::string told_;
};

TEST_F(PlayTest, EachLineHappensAtItsTimeAndRepeatedOnesInBetween) {
  EXPECT_TRUE(
      play("every 2s until 5s fault move-owner east\n"
           "at 3s fault kill east pd\nat 7s fault restart east pd\n"));
  EXPECT_THAT(stage_.done, ElementsAre("2000 move-owner east", "3000 kill east pd",
                                       "4000 move-owner east", "7000 restart east pd"));
}

TEST_F(PlayTest, FailedExpectationEndsThePlayAndSaysWhatWasSeen) {
  stage_.sql_answer = "41";
  EXPECT_FALSE(play("expect sql east 'SELECT n' = 42 within 1s\nfault kill east pd\n"));
  EXPECT_THAT(told_, HasSubstr("DOES NOT HOLD: it is '41'"));
  EXPECT_TRUE(stage_.done.empty());
}

TEST_F(PlayTest, RefusedFaultEndsThePlay) {
  stage_.refuses = "freeze-feed";
  EXPECT_FALSE(play("fault freeze-feed east west\nfault kill east pd\n"));
  EXPECT_THAT(told_, HasSubstr("line 1: fault freeze-feed east west  -> FAILED: no such feed"));
}

TEST_F(PlayTest, LostRowsFailTheExpectation) {
  EXPECT_TRUE(play("expect nothing lost within 1s"));
  stage_.lost_rows = "app.orders id 7 is missing";
  EXPECT_FALSE(play("expect nothing lost within 1s"));
  EXPECT_THAT(told_, HasSubstr("app.orders id 7 is missing"));
}

TEST_F(PlayTest, LoadIsStartedAsTheWordsSay) {
  EXPECT_TRUE(play("load start rate 7 hot 3 long 10 shared-hot 2 ddl 6\nwait 1s\nload stop\n"));
  EXPECT_EQ(stage_.load.rate, 7);
  EXPECT_EQ(stage_.load.hot_keys, 3);
  EXPECT_EQ(stage_.load.shared_hot_keys, 2);
  EXPECT_DOUBLE_EQ(stage_.load.long_share, 0.1);
  EXPECT_EQ(stage_.load.ddl_per_minute, 6);
}

RandomOptions hour(std::uint64_t seed) {
  RandomOptions options;
  options.seed = seed;
  options.duration = Millis{3'600'000};
  return options;
}

TEST(RandomPlan, SameSeedSamePlan) {
  const auto words = [](const std::vector<Mishap>& plan) {
    std::string all;
    for (const Mishap& mishap : plan) {
      all += std::to_string(mishap.at.count()) + fault::joined(mishap.words) + "\n";
    }
    return all;
  };
  EXPECT_EQ(words(random_plan(hour(42), kNames)), words(random_plan(hour(42), kNames)));
  EXPECT_NE(words(random_plan(hour(42), kNames)), words(random_plan(hour(43), kNames)));
}

TEST(RandomPlan, IsUnderstoodEndsInTimeAndLosesNothingUnlessAsked) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const std::vector<Mishap> plan = random_plan(hour(seed), kNames);
    EXPECT_GT(plan.size(), 300U);
    for (const Mishap& mishap : plan) {
      EXPECT_NO_THROW(fault::check_words(mishap.words, kNames)) << fault::joined(mishap.words);
      EXPECT_FALSE(fault::find_fault(mishap.words.front()).loses_rows);
      EXPECT_LE(mishap.at + mishap.lasts, Millis{3'600'000});
    }
  }
  RandomOptions careless = hour(1);
  careless.may_lose_rows = true;
  const std::vector<Mishap> plan = random_plan(careless, kNames);
  EXPECT_TRUE(std::ranges::any_of(plan, [](const Mishap& mishap) {
    return fault::find_fault(mishap.words.front()).loses_rows;
  }));
}

TEST(RandomPlan, AtMostTwoMishapsLastAtOnceAndNeverOnOneCluster) {
  const std::vector<Mishap> plan = random_plan(hour(5), kNames);
  for (const Mishap& one : plan) {
    int together = 0;
    for (const Mishap& other : plan) {
      const bool lasts = other.at < one.at && other.at + other.lasts > one.at;
      if (!lasts || one.lasts == Millis{0}) continue;
      ++together;
      EXPECT_NE(one.words.at(1), other.words.at(1));
    }
    EXPECT_LE(together, 1);
  }
}

TEST(RandomPlayer, UndoesEachMishapWithWhatTheLabSaid) {
  FakeHands clock;
  FakeStage stage(clock);
  std::vector<std::string> told;
  RandomPlayer player(clock, stage, [&told](const std::string& line) { told.push_back(line); });
  stage.refuses = "freeze-feed";
  player.play({{Millis{1000}, {"kill", "east", "pd"}, Millis{3000}},
               {Millis{2000}, {"freeze-feed", "east", "west"}, Millis{500}},
               {Millis{3000}, {"move-owner", "west"}, Millis{0}}},
              {});
  EXPECT_THAT(stage.done,
              ElementsAre("1000 kill east pd", "3000 move-owner west", "4000 undo kill east pd"));
  EXPECT_EQ(player.counts().at("freeze-feed").refused, 1);
  EXPECT_EQ(player.counts().at("kill").done, 1);
  EXPECT_THAT(told, Contains(HasSubstr("refused: no such feed")));
}

}  // namespace
}  // namespace bdrmesh::lab::play
