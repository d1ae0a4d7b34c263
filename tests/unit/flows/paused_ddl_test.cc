// The plan of a paused schema change: order, line, guards, lanes, rehearsal; by hand-made
// snapshots.
#include "flows/ddl/paused_ddl.h"

#include <gtest/gtest.h>

#include "unit/flows/snapshots.h"

namespace bdrmesh::flows {
namespace {

struct PausedPlan : ::testing::Test {
  Desired desired = three_clusters();
  GroupSnapshot snapshot;
  DdlOptions options;
  std::string script = "ALTER TABLE app.orders DROP COLUMN old_note";

  PausedPlan() { primary("east"); }
  void primary(const std::string& name) {
    desired.groups.front().ddl_primary = ClusterName(name);
    snapshot = applied(desired);
  }
  Plan plan() const {
    return plan_paused_ddl(snapshot, ddl::classify(script, classifier_context(snapshot, options)),
                           options);
  }
};

TEST_F(PausedPlan, HasItsStagesInTheOrderThatLosesNothing) {
  const Plan made = plan();
  const std::vector<std::string> order{"claim_token",
                                       "require_quiet_ddl_queue",
                                       "require_healthy_link",
                                       "set_role",
                                       "rehearse",
                                       "note_ddl_jobs",
                                       "close_gate",
                                       "drain_transactions",
                                       "write_marker",
                                       "drain_link",
                                       "look_again",
                                       "apply_ddl",
                                       "compare_schemas",
                                       "open_gate",
                                       "await_marker",
                                       "restore_role"};
  for (std::size_t i = 0; i < order.size(); ++i) {
    EXPECT_TRUE(has(made, order[i])) << order[i];
    if (i > 0) {
      EXPECT_LT(stage_of(made, order[i - 1]), stage_of(made, order[i])) << order[i];
    }
  }
}

TEST_F(PausedPlan, DrawsTheLineBetweenTheLastLookAndTheChange) {
  const Plan made = plan();
  ASSERT_TRUE(made.line);
  EXPECT_EQ(made.line->before_stage, stage_of(made, "apply_ddl"));
  EXPECT_EQ(made.line->before_stage, stage_of(made, "look_again") + 1);
  EXPECT_FALSE(made.line->crossed_when.empty());
}

TEST_F(PausedPlan, AnnouncesTheLineOnEveryClusterBeforeItCanBeCrossed) {
  const Plan made = plan();
  EXPECT_EQ(stage_of(made, "announce_line"), stage_of(made, "look_again"));
  EXPECT_EQ(steps_of(made, "announce_line").size(), steps_of(made, "look_again").size());
}

TEST_F(PausedPlan, CountsThePauseFromTheFirstGate) {
  options.max_pause = Millis{4321};
  const Plan made = plan();
  ASSERT_TRUE(made.budget);
  EXPECT_EQ(made.budget->limit, Millis{4321});
  EXPECT_EQ(made.budget->from_stage, stage_of(made, "close_gate"));
}

TEST_F(PausedPlan, GuardsTheResumeWithEveryGate) {
  const auto gates = steps_of(plan(), "close_gate");
  EXPECT_EQ(gates.size(), 3U);
  for (const PlannedStep& step : gates) {
    EXPECT_TRUE(step.guards_resume);
    EXPECT_EQ(step.lane, LaneKind::work);
    EXPECT_EQ(step.undo_lane, LaneKind::gate);
  }
}

TEST_F(PausedPlan, OpensOnTheLaneKeptForIt) {
  for (const PlannedStep& step : steps_of(plan(), "open_gate"))
    EXPECT_EQ(step.lane, LaneKind::gate);
}

TEST_F(PausedPlan, ChangesOnTheLongLaneOnEveryClusterAtOnce) {
  const Plan made = plan();
  const auto changes = made.stages.at(stage_of(made, "apply_ddl")).steps;
  ASSERT_EQ(changes.size(), 3U);
  for (const PlannedStep& step : changes) {
    EXPECT_EQ(step.lane, LaneKind::slow);
    EXPECT_EQ(step.args.at("statement"), script);
    EXPECT_EQ(step.args.at("number"), 1);
  }
}

TEST_F(PausedPlan, ChangesStatementByStatementInOnePause) {
  script = "ALTER TABLE app.orders DROP COLUMN a; ALTER TABLE app.items DROP COLUMN b;";
  options.schema = "app";
  const Plan made = plan();
  EXPECT_EQ(steps_of(made, "close_gate").size(), 3U);
  const auto changes = steps_of(made, "apply_ddl");
  ASSERT_EQ(changes.size(), 6U);
  for (std::size_t i = 0; i < changes.size(); ++i) {
    EXPECT_EQ(changes[i].args.at("number"), Json(i < 3 ? 1 : 2));
    EXPECT_EQ(changes[i].args.at("schema"), "app");
  }
  EXPECT_EQ(steps_of(made, "compare_schemas").front().args.at("tables").size(), 2U);
}

TEST_F(PausedPlan, ComparesTheTablesOnEveryCluster) {
  const auto compare = steps_of(plan(), "compare_schemas");
  ASSERT_EQ(compare.size(), 1U);
  EXPECT_EQ(compare[0].args.at("clusters"), Json({"east", "west", "south"}));
  EXPECT_EQ(compare[0].args.at("tables"), Json::array({{{"schema", "app"}, {"table", "orders"}}}));
  EXPECT_EQ(compare[0].target, "");
}

TEST_F(PausedPlan, SweepsEveryLinkOnce) {
  std::size_t links = 0;
  for (const PlannedStep& step : steps_of(plan(), "look_again")) {
    for (const Json& link : step.args.at("links")) {
      EXPECT_NE(link.at("to"), step.target);
      ++links;
    }
  }
  EXPECT_EQ(links, 6U);
  EXPECT_EQ(steps_of(plan(), "drain_link").size(), 6U);
}

TEST_F(PausedPlan, NamesTheFeedsThatThereAre) {
  for (LinkSnapshot& link : snapshot.links)
    link.changefeed = changefeed_id(snapshot.group.name, link.link, 4);
  for (const PlannedStep& step : steps_of(plan(), "drain_link"))
    EXPECT_TRUE(step.args.at("changefeed").get<std::string>().ends_with("-4"));
}

TEST_F(PausedPlan, RestoresSecondariesBeforeThePrimary) {
  primary("west");
  std::vector<std::string> order;
  for (const PlannedStep& step : steps_of(plan(), "restore_role"))
    order.push_back(step.args.at("only").get<std::string>());
  EXPECT_EQ(order, (std::vector<std::string>{"secondary", "secondary", "secondary", "primary",
                                             "primary", "primary"}));
  const Plan made = plan();
  EXPECT_EQ(stage_of(made, "restore_role"), made.stages.size() - 2);
}

TEST_F(PausedPlan, RestoresNoRolesWhereNoneWereSet) {
  desired.groups.front().ddl_primary.reset();
  snapshot = applied(desired);
  EXPECT_FALSE(has(plan(), "restore_role"));
}

TEST_F(PausedPlan, RehearsesOnCopiesBesideTheToken) {
  const auto rehearsals = steps_of(plan(), "rehearse");
  ASSERT_EQ(rehearsals.size(), 3U);
  const Json& args = rehearsals[0].args;
  ASSERT_EQ(args.at("copies").size(), 1U);
  EXPECT_EQ(args.at("copies")[0].at("schema"), "app");
  EXPECT_EQ(args.at("copies")[0].at("table"), "orders");
  const std::string copy = args.at("copies")[0].at("copy");
  const std::string statement = args.at("statements").at(0);
  EXPECT_NE(statement.find(kTokenSchema), std::string::npos) << statement;
  EXPECT_NE(statement.find(copy), std::string::npos) << statement;
  EXPECT_EQ(statement.find("orders"), std::string::npos) << statement;
}

TEST_F(PausedPlan, RehearsesUnderAnotherNameEachTime) {
  const auto copy = [](const Plan& made) {
    return steps_of(made, "rehearse").front().args.at("copies").at(0).at("copy");
  };
  EXPECT_NE(copy(plan()), copy(plan()));
}

TEST_F(PausedPlan, DoesNotRehearseWhatActsOnMoreThanTables) {
  script = "ALTER TABLE app.orders DROP COLUMN a; CREATE VIEW app.v AS SELECT id FROM app.orders";
  for (const PlannedStep& step : steps_of(plan(), "rehearse")) {
    EXPECT_EQ(step.args.at("copies"), Json::array());
    EXPECT_EQ(step.args.at("statements"), Json::array());
  }
  EXPECT_EQ(steps_of(plan(), "apply_ddl").size(), 6U);
}

TEST_F(PausedPlan, PassesThePatienceWithTransactionsOn) {
  options.kill = true;
  options.grace = Millis{250};
  for (const PlannedStep& step : steps_of(plan(), "drain_transactions")) {
    EXPECT_EQ(step.args.at("kill"), true);
    EXPECT_EQ(step.args.at("grace_ms"), 250);
    EXPECT_EQ(step.args.at("tables").size(), 1U);
  }
}

TEST_F(PausedPlan, WantsTheLinksNearBeforeTheGatesClose) {
  options.max_lag = Millis{60000};
  const Plan made = plan();
  const PlannedStage& last = made.stages.at(stage_of(made, "close_gate") - 1);
  for (const PlannedStep& step : last.steps) {
    EXPECT_EQ(step.type, "require_healthy_link");
    EXPECT_LE(step.args.at("max_lag_ms"), Json(3000));
  }
}

TEST_F(PausedPlan, RefusesAClusterThatIsNotOurs) {
  snapshot.clusters[2].token_ours = false;
  const Error error = error_of([&] { (void)plan(); });
  EXPECT_EQ(error.kind(), ErrorKind::precondition);
  EXPECT_EQ(error.code(), "NOT_MANAGED");
  EXPECT_NE(error.message().find("south"), std::string::npos);
  EXPECT_EQ(error.remedy(), "bdrmesh group apply orders");
}

TEST_F(PausedPlan, RefusesAGroupWithALinkMissing) {
  snapshot.links[3].feed.reset();
  const Error error = error_of([&] { (void)plan(); });
  EXPECT_EQ(error.code(), "LINK_MISSING");
  EXPECT_NE(error.message().find(to_string(snapshot.links[3].link)), std::string::npos);
}

TEST_F(PausedPlan, ReadsBackFromAStoredPlan) {
  const Json stored = to_json(plan());
  EXPECT_EQ(to_json(plan_from_json(stored)), stored);
}

TEST_F(PausedPlan, IsExpectedToTakeTheSlowestLinksLag) {
  const Tso base = snapshot.links.front().feed->checkpoint;
  const Tso now = Tso::at(base.time() + Millis{1000});
  const Millis even = expected_pause(snapshot, {now, now, now});
  EXPECT_GE(even, Millis{1000});
  const Tso later = Tso::at(base.time() + Millis{5000});
  EXPECT_EQ(expected_pause(snapshot, {now, later, now}) - even, Millis{4000});
}

TEST_F(PausedPlan, IsExpectedToTakeARoundOfGatesWithoutLag) {
  const Tso base = snapshot.links.front().feed->checkpoint;
  const Millis least = expected_pause(snapshot, {base, base, base});
  EXPECT_GT(least, Millis{0});
  for (LinkSnapshot& link : snapshot.links) link.feed.reset();
  EXPECT_EQ(expected_pause(snapshot, {base, base, base}), least);
}

TEST_F(PausedPlan, IsJudgedForTheOldestServer) {
  snapshot.clusters[1].release = "v7.6.0";
  EXPECT_EQ(classifier_context(snapshot, options).tidb, (Version{7, 6, 0}));
}

TEST_F(PausedPlan, IsJudgedWithRolesOnlyWhenTheyAreWhole) {
  EXPECT_TRUE(classifier_context(snapshot, options).roles_set);
  snapshot.clusters[1].role = BdrRole::none;
  EXPECT_FALSE(classifier_context(snapshot, options).roles_set);
  snapshot.clusters[1].role = BdrRole::primary;
  EXPECT_FALSE(classifier_context(snapshot, options).roles_set);
}

}  // namespace
}  // namespace bdrmesh::flows
