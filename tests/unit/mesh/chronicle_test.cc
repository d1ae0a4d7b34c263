// One event when something changes, none while it stays, and none for what passes.
#include "mesh/chronicle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bdrmesh {
namespace {

using ::testing::HasSubstr;

const WallTime kBegin = from_millis(1'790'000'000'000);
const GroupName kGroup("orders");
const Link kLink{ClusterName("east"), ClusterName("west")};
const ClusterName kEast("east");

struct Told final : EventSink {
  std::vector<MeshEvent> all;
  void tell(const MeshEvent& event) override { all.push_back(event); }
};

struct ChronicleTest : ::testing::Test {
  Told told;
  Chronicle chronicle{told};

  static WallTime at(int seconds) { return kBegin + Millis{seconds * 1000}; }
  void verdict(const std::string& word, int second, const std::string& why = "") {
    chronicle.link(kGroup, kLink, {word, why, std::nullopt}, at(second));
  }
};

TEST_F(ChronicleTest, IsSilentAboutAHealthyLink) {
  for (int i = 0; i < 100; ++i) verdict("moving", i);
  EXPECT_TRUE(told.all.empty());
}

TEST_F(ChronicleTest, TellsAFaultAtOnceAndOnce) {
  verdict("moving", 0);
  verdict("stuck", 1, "checkpoint stands still");
  verdict("stuck", 2);
  ASSERT_EQ(told.all.size(), 1U);
  EXPECT_EQ(told.all[0].severity, "alarm");
  EXPECT_EQ(told.all[0].subject, "link orders east-to-west");
  EXPECT_THAT(told.all[0].text, HasSubstr("was moving, is stuck"));
  EXPECT_THAT(told.all[0].text, HasSubstr("stands still"));
}

TEST_F(ChronicleTest, TellsAFaultThatItFinds) {
  verdict("failed", 0);
  ASSERT_EQ(told.all.size(), 1U);
  EXPECT_EQ(told.all[0].text, "failed");
}

TEST_F(ChronicleTest, IsSilentAboutWhatANewDaemonDoesNotKnow) {
  verdict("unknown", 0);
  verdict("moving", 2);
  EXPECT_TRUE(told.all.empty());
}

TEST_F(ChronicleTest, TellsRecoveryOnceItLasts) {
  verdict("stuck", 0);
  verdict("moving", 1);
  verdict("stuck", 2);
  verdict("moving", 3);
  verdict("moving", 5);
  EXPECT_EQ(told.all.size(), 1U);
  verdict("moving", 6);
  ASSERT_EQ(told.all.size(), 2U);
  EXPECT_EQ(told.all[1].severity, "info");
}

TEST_F(ChronicleTest, TellsABudgetWhenItGetsWorse) {
  GcBudget budget;
  budget.left = Millis{1000};
  budget.dies_at = at(1);
  for (const char* level : {"ample", "half", "half", "short", "ample", "gone"}) {
    budget.level = level;
    chronicle.budget(kGroup, kLink, budget, at(0));
  }
  ASSERT_EQ(told.all.size(), 3U);
  EXPECT_EQ(told.all[0].severity, "warning");
  EXPECT_EQ(told.all[1].severity, "alarm");
  EXPECT_THAT(told.all[1].text, HasSubstr("may be gone"));
}

TEST_F(ChronicleTest, TellsAChangedPropertyWithBothValues) {
  for (const char* role : {"primary", "primary", "", "secondary", "secondary"})
    chronicle.property(kEast, "BDR role", role, "warning", at(0));
  ASSERT_EQ(told.all.size(), 1U);
  EXPECT_EQ(told.all[0].text, "BDR role was primary, is secondary");
  EXPECT_EQ(told.all[0].subject, "cluster east");
}

TEST_F(ChronicleTest, TellsAConditionThatLastsAndItsEnd) {
  chronicle.condition(kEast, "TiDB cannot be asked", "refused", Millis{10000}, at(0));
  chronicle.condition(kEast, "TiDB cannot be asked", "", Millis{10000}, at(5));
  chronicle.condition(kEast, "TiDB cannot be asked", "refused", Millis{10000}, at(6));
  EXPECT_TRUE(told.all.empty());
  chronicle.condition(kEast, "TiDB cannot be asked", "refused", Millis{10000}, at(16));
  chronicle.condition(kEast, "TiDB cannot be asked", "refused", Millis{10000}, at(17));
  ASSERT_EQ(told.all.size(), 1U);
  chronicle.condition(kEast, "TiDB cannot be asked", "", Millis{10000}, at(20));
  ASSERT_EQ(told.all.size(), 2U);
  EXPECT_THAT(told.all[1].text, HasSubstr("over after 14 s"));
}

TEST_F(ChronicleTest, TellsFindingsThatComeAndGo) {
  const MeshFinding finding{"FOREIGN_FEED", "alarm", "changefeed x of east", "somebody", "stop it"};
  chronicle.findings(kGroup, {finding}, at(0));
  chronicle.findings(kGroup, {finding}, at(1));
  EXPECT_TRUE(told.all.empty());
  chronicle.findings(kGroup, {finding}, at(2));
  chronicle.findings(kGroup, {finding}, at(3));
  ASSERT_EQ(told.all.size(), 1U);
  EXPECT_THAT(told.all[0].text, HasSubstr("FOREIGN_FEED: somebody. stop it"));
  chronicle.findings(kGroup, {}, at(4));
  ASSERT_EQ(told.all.size(), 2U);
  EXPECT_EQ(told.all[1].text, "FOREIGN_FEED is over");
}

TEST_F(ChronicleTest, IsSilentAboutAMixtureThatPasses) {
  const MeshFinding finding{"ROLES_MIXED", "alarm", "group orders", "some", "plan"};
  chronicle.findings(kGroup, {finding}, at(0));
  chronicle.findings(kGroup, {}, at(1));
  EXPECT_TRUE(told.all.empty());
}

}  // namespace
}  // namespace bdrmesh
