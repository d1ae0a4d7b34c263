// What differs from the wanted group, and the plan that makes it so; by hand-made snapshots.
#include "flows/group/group_apply.h"

#include <gtest/gtest.h>

#include "unit/flows/snapshots.h"

namespace bdrmesh::flows {
namespace {

struct GroupChanges : ::testing::Test {
  Desired desired = three_clusters();
  GroupSnapshot snapshot = applied(desired);

  Plan plan(ApplyOptions options = {}) const {
    return plan_group_apply(desired, snapshot, options);
  }
  Error refusal() const {
    return error_of([&] { (void)plan(); });
  }
  /// The change of one property of one object.
  Change change(const std::string& object, const std::string& property) const {
    for (const Change& one : changes(desired, snapshot)) {
      if (one.object == object && one.property == property) return one;
    }
    ADD_FAILURE() << "no change of " << property << " of " << object;
    return {};
  }
  void wants_primary(const std::string& name) {
    desired.groups.front().ddl_primary = ClusterName(name);
  }
};

TEST_F(GroupChanges, AreNoneForAGroupAsWanted) {
  wants_primary("west");
  snapshot = applied(desired);
  const auto all = changes(desired, snapshot);
  EXPECT_EQ(all.size(), 3U * 4U + 6U);
  for (const Change& one : all) EXPECT_EQ(one.change, "none") << one.object << " " << one.property;
}

TEST_F(GroupChanges, NameEverythingOfABareGroup) {
  snapshot = bare(desired);
  EXPECT_EQ(change("cluster west", "managed by this manager").change, "set");
  EXPECT_EQ(change("cluster west", "marker schema").seen, "absent");
  EXPECT_EQ(change("cluster west", "source id").wanted, "2");
  EXPECT_EQ(change("cluster west", "source id").seen, "1");
  EXPECT_EQ(change("cluster east", "source id").change, "none");
  const Change link = change("link east-to-west", "changefeed");
  EXPECT_EQ(link.change, "create");
  EXPECT_EQ(link.wanted, "orders-east-to-west-1");
  EXPECT_EQ(link.seen, "absent");
}

TEST_F(GroupChanges, NameTheRoles) {
  wants_primary("west");
  snapshot = bare(desired);
  EXPECT_EQ(change("cluster west", "BDR role").wanted, "primary");
  EXPECT_EQ(change("cluster east", "BDR role").wanted, "secondary");
  EXPECT_EQ(change("cluster east", "BDR role").seen, "none");
  EXPECT_EQ(change("cluster east", "BDR role").change, "set");
}

TEST_F(GroupChanges, RefuseARoleThatNobodyKnows) {
  snapshot.clusters[1].role.reset();
  EXPECT_EQ(change("cluster west", "BDR role").change, "refused");
  EXPECT_EQ(change("cluster west", "BDR role").seen, "unknown");
  EXPECT_EQ(refusal().code(), "DRIFT");
}

TEST_F(GroupChanges, RefuseRolesBeforeTheyExist) {
  wants_primary("east");
  snapshot = applied(desired);
  snapshot.clusters[1].role = BdrRole::none;
  snapshot.clusters[1].role_supported = false;
  snapshot.clusters[1].release = "v7.5.0";
  EXPECT_EQ(change("cluster west", "BDR role").change, "refused");
  EXPECT_NE(change("cluster west", "BDR role").why.find("v7.5.0"), std::string::npos);
  EXPECT_EQ(refusal().code(), "DRIFT");
}

TEST_F(GroupChanges, NeedNoRolesWhereNoneAreWanted) {
  snapshot.clusters[1].role_supported = false;
  EXPECT_EQ(change("cluster west", "BDR role").change, "none");
  for (const PlannedStep& step : steps_of(plan(), "set_role")) EXPECT_NE(step.target, "west");
}

TEST_F(GroupChanges, RefuseAFeedWhoseStartNobodyKnows) {
  snapshot.links[0].in_book = false;
  snapshot.links[0].ever_in_book = false;
  EXPECT_EQ(change("link east-to-west", "changefeed").change, "refused");
  EXPECT_EQ(refusal().code(), "DRIFT");
  EXPECT_EQ(refusal().kind(), ErrorKind::precondition);
  EXPECT_NE(refusal().message().find("east-to-west"), std::string::npos);
}

TEST_F(GroupChanges, RefuseToHideThatAFeedWasLost) {
  snapshot.links[0].feed.reset();
  snapshot.links[0].in_book = false;
  EXPECT_EQ(change("link east-to-west", "changefeed").change, "refused");
  EXPECT_NE(change("link east-to-west", "changefeed").why.find("disappeared"), std::string::npos);
  EXPECT_EQ(refusal().code(), "DRIFT");
}

TEST_F(GroupChanges, RefuseToCompleteAMeshThatReplicatesAlready) {
  snapshot.links[0].feed.reset();
  snapshot.links[0].in_book = false;
  snapshot.links[0].ever_in_book = false;
  EXPECT_EQ(change("link east-to-west", "changefeed").change, "create");
  EXPECT_EQ(refusal().code(), "HALF_MESH");
  EXPECT_NE(refusal().message().find("1 of 6"), std::string::npos) << refusal().message();
}

TEST_F(GroupChanges, AppliedAgainPauseNothing) {
  const Plan again = plan();
  for (const char* type : {"close_gate", "open_gate", "take_fence", "create_link"})
    EXPECT_FALSE(has(again, type)) << type;
  EXPECT_FALSE(again.budget);
  EXPECT_FALSE(again.line);
  EXPECT_EQ(steps_of(again, "await_marker").size(), 6U);
}

TEST_F(GroupChanges, OfABareGroupAreMadeInThisOrder) {
  snapshot = bare(desired);
  const Plan fresh = plan();
  const std::vector<std::string> order{
      "examine_group", "claim_token",        "set_source_id", "make_marker_schema",  "check_tables",
      "close_gate",    "drain_transactions", "take_fence",    "require_gate_closed", "open_gate",
      "create_link",   "set_role",           "write_marker",  "await_marker"};
  for (std::size_t i = 0; i < order.size(); ++i) {
    EXPECT_TRUE(has(fresh, order[i])) << order[i];
    if (i > 0) {
      EXPECT_LT(stage_of(fresh, order[i - 1]), stage_of(fresh, order[i])) << order[i];
    }
  }
  EXPECT_EQ(steps_of(fresh, "close_gate").size(), 3U);
  EXPECT_EQ(steps_of(fresh, "create_link").size(), 6U);
}

TEST_F(GroupChanges, TakeStartPositionsThatOutliveARestart) {
  snapshot = bare(desired);
  for (const PlannedStep& step : steps_of(plan(), "take_fence")) {
    EXPECT_EQ(step.args.at("fact"), "start");
    EXPECT_EQ(step.args.at("durable"), true);
  }
}

TEST_F(GroupChanges, PauseNoLongerThanTheBudget) {
  snapshot = bare(desired);
  ApplyOptions options;
  options.pause_budget = Millis{1234};
  const Plan fresh = plan(options);
  ASSERT_TRUE(fresh.budget);
  EXPECT_EQ(fresh.budget->limit, Millis{1234});
  EXPECT_EQ(fresh.budget->from_stage, stage_of(fresh, "close_gate"));
}

TEST_F(GroupChanges, GuardTheResumeAndUndoOnTheGatesLane) {
  snapshot = bare(desired);
  const Plan fresh = plan();
  for (const PlannedStep& step : steps_of(fresh, "close_gate")) {
    EXPECT_TRUE(step.guards_resume);
    EXPECT_EQ(step.undo_lane, LaneKind::gate);
  }
  for (const PlannedStep& step : steps_of(fresh, "open_gate")) EXPECT_EQ(step.lane, LaneKind::gate);
}

TEST_F(GroupChanges, KillOnlyWhenAsked) {
  snapshot = bare(desired);
  for (const bool kill : {false, true}) {
    ApplyOptions options;
    options.kill = kill;
    for (const PlannedStep& step : steps_of(plan(options), "drain_transactions"))
      EXPECT_EQ(step.args.at("kill"), Json(static_cast<bool>(kill)));
  }
}

TEST_F(GroupChanges, SetSecondariesBeforeThePrimary) {
  wants_primary("east");
  snapshot = bare(desired);
  std::vector<std::string> order;
  for (const PlannedStep& step : steps_of(plan(), "set_role"))
    order.push_back(step.target + "=" + step.args.at("role").get<std::string>());
  EXPECT_EQ(order, (std::vector<std::string>{"west=secondary", "south=secondary", "east=primary"}));
}

TEST_F(GroupChanges, LockTheGroupAndEveryCluster) {
  EXPECT_EQ(plan().locks, (std::vector<std::string>{"group:orders", "cluster:east", "cluster:west",
                                                    "cluster:south"}));
}

TEST_F(GroupChanges, ReadBackFromAStoredPlan) {
  snapshot = bare(desired);
  const Json stored = to_json(plan());
  EXPECT_EQ(to_json(plan_from_json(stored)), stored);
}

}  // namespace
}  // namespace bdrmesh::flows
