// Remembered settings: the first value, given back once by the last holder, whatever dies between.
#include "gate/shared_setting.h"

#include <gtest/gtest.h>

#include "fakes/fake_clock.h"
#include "fakes/fake_world.h"
#include "fakes/faulty_world.h"

namespace bdrmesh {
namespace {

using fakes::ClusterState;
using fakes::Effect;

const ClusterName kEast("east");

/// The source id plays the setting: a number, and more is stronger.
SharedSetting setting() {
  return {"level",
          [](TidbCluster& tidb, const Call& call) { return std::to_string(tidb.source_id(call)); },
          [](TidbCluster& tidb, const std::string& value, const Call& call) {
            tidb.set_source_id(std::stoi(value), call);
          },
          [](const std::string& a, const std::string& b) { return std::stoi(a) > std::stoi(b); }};
}

struct SharedSettingTest : ::testing::Test {
  fakes::FakeClock clock;
  fakes::FakeWorld inner{clock, {"east"}};
  fakes::FaultyWorld world{inner, clock, {"east"}};
  TokenKeeper keeper{world, {"manager-1", 5}};
  SharedSettings settings{world, keeper};

  int value() { return inner.tidb(kEast).source_id({}); }
  std::optional<RememberedSetting> remembered() {
    const auto row = inner.tidb(kEast).token({});
    return row ? remembered_setting(*row, "level") : std::nullopt;
  }
  void hold(const std::string& operation, int wanted) {
    settings.hold(kEast, setting(), operation, std::to_string(wanted), {});
  }
  std::optional<std::string> give_back(const std::string& operation) {
    return settings.give_back(kEast, setting(), operation, {});
  }
};

TEST_F(SharedSettingTest, RemembersTheFirstValueBeforeItChangesAnything) {
  hold("op-1", 5);
  EXPECT_EQ(value(), 5);
  ASSERT_TRUE(remembered());
  EXPECT_EQ(remembered()->first, "1");
  const auto& diary = inner.diary();
  std::vector<std::string> acts;
  for (const auto& act : diary) acts.push_back(act.what);
  const auto noted = std::find(acts.rbegin(), acts.rend(), "replace_token");
  const auto changed = std::find(acts.rbegin(), acts.rend(), "set_source_id");
  ASSERT_NE(noted, acts.rend()) << inner.diary_text();
  ASSERT_NE(changed, acts.rend()) << inner.diary_text();
  EXPECT_LT(changed - acts.rbegin(), noted - acts.rbegin()) << inner.diary_text();
}

TEST_F(SharedSettingTest, GivesItBackWithTheLastHolderOnly) {
  hold("op-1", 5);
  hold("op-2", 7);
  EXPECT_EQ(value(), 7);
  EXPECT_EQ(give_back("op-2"), std::nullopt);
  EXPECT_EQ(value(), 5);
  EXPECT_EQ(give_back("op-1"), "1");
  EXPECT_EQ(value(), 1);
  EXPECT_FALSE(remembered());
}

TEST_F(SharedSettingTest, NeverWeakensWhatAnotherHolderWants) {
  hold("op-1", 7);
  hold("op-2", 3);
  EXPECT_EQ(value(), 7);
}

TEST_F(SharedSettingTest, GivesBackOnce) {
  hold("op-1", 5);
  give_back("op-1");
  inner.tidb(kEast).set_source_id(4, {});  // somebody's own choice, afterwards
  EXPECT_EQ(give_back("op-1"), std::nullopt);
  EXPECT_EQ(value(), 4);
}

TEST_F(SharedSettingTest, KeepsTheFirstValueThroughRepetition) {
  hold("op-1", 5);
  hold("op-1", 6);
  EXPECT_EQ(remembered()->first, "1");
  EXPECT_EQ(value(), 6);
  EXPECT_EQ(give_back("op-1"), "1");
}

TEST_F(SharedSettingTest, SurvivesDeathBetweenAnyTwoWrites) {
  for (const std::string method : {"tidb.replace_token", "tidb.set_source_id"}) {
    for (const Effect death : {Effect::crash_before, Effect::crash_after}) {
      for (int nth = 1; nth <= 8; ++nth) {
        SCOPED_TRACE(method + " " + std::to_string(nth) +
                     (death == Effect::crash_before ? " before" : " after"));
        world.disarm();
        world.arm({.method = method, .nth = nth, .effect = death});
        const auto surely = [](const std::function<void()>& act) {
          try {
            act();
          } catch (const SimulatedCrash&) {
            act();  // the next process does it again
          }
        };
        surely([&] { hold("op-1", 5); });
        surely([&] { hold("op-2", 7); });
        EXPECT_EQ(value(), 7);
        EXPECT_EQ(remembered()->first, "1");
        surely([&] { give_back("op-2"); });
        EXPECT_EQ(value(), 5);
        surely([&] { give_back("op-1"); });
        EXPECT_EQ(value(), 1);
        EXPECT_FALSE(remembered());
      }
    }
  }
}

}  // namespace
}  // namespace bdrmesh
