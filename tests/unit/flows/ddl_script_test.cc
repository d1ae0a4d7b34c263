// Which strategy each statement of a script runs by, and the plan that comes of it; by hand-made
// snapshots.
#include "flows/ddl/ddl_script.h"

#include <gtest/gtest.h>

#include "flows/ddl/ddl_follow_steps.h"
#include "flows/ddl/ddl_plan.h"
#include "unit/flows/snapshots.h"

namespace bdrmesh::flows {
namespace {

constexpr const char* kAdd = "ALTER TABLE app.orders ADD COLUMN a INT";
constexpr const char* kDrop = "ALTER TABLE app.orders DROP COLUMN b";
constexpr const char* kIndex = "ALTER TABLE app.orders ADD INDEX i (c)";
constexpr const char* kPolicy = "CREATE PLACEMENT POLICY p FOLLOWERS=2";

struct DdlScript : ::testing::Test {
  Desired desired = three_clusters();
  GroupSnapshot snapshot;
  DdlOptions options;

  DdlScript() {
    desired.groups.front().ddl_primary = ClusterName("west");
    snapshot = applied(desired);
  }

  std::vector<ddl::Statement> chosen(const std::string& script) {
    return with_strategies(ddl::classify(script, classifier_context(snapshot, options)), options);
  }
  std::vector<std::string> strategies(const std::vector<std::string>& statements) {
    std::string script;
    for (const std::string& one : statements) script += one + ";";
    std::vector<std::string> words;
    for (const ddl::Statement& one : chosen(script)) words.emplace_back(to_string(one.strategy));
    return words;
  }
  Plan plan(const std::string& script) { return plan_ddl(snapshot, chosen(script), options); }
  std::string code_of(const std::string& script) {
    return error_of([&] { (void)chosen(script); }).code();
  }
};

using Words = std::vector<std::string>;

TEST_F(DdlScript, KeepsEachStatementsOwnStrategyBehindThePause) {
  EXPECT_EQ(strategies({kAdd, kIndex, kPolicy}), (Words{"replicated", "replicated", "everywhere"}));
  EXPECT_EQ(strategies({kDrop, kIndex, kPolicy}), (Words{"paused", "replicated", "everywhere"}));
}

TEST_F(DdlScript, TakesWhatStandsBeforeAPausedStatementIntoItsPause) {
  EXPECT_EQ(strategies({kAdd, kDrop}), (Words{"paused", "paused"}));
  EXPECT_EQ(strategies({kDrop, kPolicy, kDrop, kAdd}),
            (Words{"paused", "paused", "paused", "replicated"}));
}

TEST_F(DdlScript, RefusesToBuildAnIndexInsideAPauseThatItDoesNotNeed) {
  EXPECT_EQ(code_of(std::string(kIndex) + ";" + kDrop), "SCRIPT_ORDER");
  options.strategy = ddl::Strategy::paused;
  EXPECT_EQ(strategies({kIndex, kDrop}), (Words{"paused", "paused"}));
}

TEST_F(DdlScript, IsOverriddenTowardsTheSaferOnly) {
  options.strategy = ddl::Strategy::paused;
  EXPECT_EQ(strategies({kAdd, kPolicy}), (Words{"paused", "paused"}));
  options.strategy = ddl::Strategy::replicated;
  EXPECT_EQ(strategies({kAdd}), (Words{"replicated"}));
  EXPECT_EQ(code_of(kDrop), "STRATEGY_NOT_SAFER");
  EXPECT_EQ(code_of(kPolicy), "STRATEGY_NOT_SAFER");
  options.strategy = ddl::Strategy::everywhere;
  EXPECT_EQ(code_of(kAdd), "STRATEGY_NOT_SAFER");
  EXPECT_EQ(code_of(kDrop), "STRATEGY_NOT_SAFER");
}

TEST_F(DdlScript, SendsAReplicatedStatementToThePrimaryAndFollowsItToTheOthers) {
  const Plan made = plan(kAdd);
  EXPECT_EQ(made.kind, "ddl.replicated");
  EXPECT_FALSE(made.budget);
  EXPECT_FALSE(has(made, "close_gate"));
  EXPECT_FALSE(has(made, "set_role"));
  const auto changes = steps_of(made, "apply_ddl");
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes.front().target, "west");
  EXPECT_EQ(changes.front().lane, LaneKind::slow);
  ASSERT_TRUE(made.line);
  EXPECT_EQ(made.line->before_stage, stage_of(made, "apply_ddl"));
  EXPECT_EQ(steps_of(made, "await_marker").size(), 2U);
  EXPECT_EQ(steps_of(made, "follow_ddl").size(), 2U);
  EXPECT_LT(stage_of(made, "await_marker"), stage_of(made, "follow_ddl"));
  EXPECT_EQ(steps_of(made, "require_role").size(), 3U);
}

TEST_F(DdlScript, FollowsQuickStatementsTogetherAndAnIndexByItself) {
  EXPECT_EQ(
      steps_of(plan(std::string(kAdd) + ";ALTER TABLE app.orders COMMENT 'x'"), "write_marker")
          .size(),
      1U);
  EXPECT_EQ(
      steps_of(plan(std::string(kIndex) + ";ALTER TABLE app.orders COMMENT 'x'"), "write_marker")
          .size(),
      2U);
}

TEST_F(DdlScript, RunsEverywhereOnAllClustersAtOnceAndProvesTheLinks) {
  const Plan made = plan(kPolicy);
  EXPECT_EQ(made.kind, "ddl.everywhere");
  EXPECT_EQ(made.stages.at(stage_of(made, "apply_ddl")).steps.size(), 3U);
  EXPECT_FALSE(has(made, "compare_schemas")) << "a policy belongs to no table";
  EXPECT_EQ(steps_of(made, "await_marker").size(), 6U);
}

TEST_F(DdlScript, GivesEveryStatementANumberOfItsOwn) {
  const Plan made = plan(std::string(kDrop) + ";" + kAdd + ";" + kPolicy);
  std::vector<int> numbers;
  for (const PlannedStep& step : steps_of(made, "apply_ddl"))
    numbers.push_back(step.args.at("number").get<int>());
  EXPECT_EQ(numbers, (std::vector<int>{1, 1, 1, 2, 3, 3, 3}));
  EXPECT_EQ(made.kind, "ddl.paused");
  EXPECT_LT(stage_of(made, "restore_role"), stage_of(made, "follow_ddl"));
}

TEST_F(DdlScript, OffersToSkipAClusterOnlyWithAStatementThatTakesItBack) {
  for (const PlannedStep& step : steps_of(plan(kDrop), "apply_ddl")) EXPECT_EQ(step.skip_means, "");
  options.undo = "ALTER TABLE app.orders ADD COLUMN b INT";
  const Plan made = plan(kDrop);
  for (const PlannedStep& step : steps_of(made, "apply_ddl"))
    EXPECT_NE(step.skip_means.find(options.undo), std::string::npos);
  EXPECT_EQ(stage_of(made, "take_back_ddl"), stage_of(made, "apply_ddl") + 1);
  options.undo.clear();
}

TEST_F(DdlScript, TakesAScriptBackLastStatementFirst) {
  const std::string drop_c = "ALTER TABLE app.orders DROP COLUMN c";
  options.undo = "ALTER TABLE app.orders ADD COLUMN b INT; ALTER TABLE app.orders ADD COLUMN c INT";
  const Plan made = plan(std::string(kDrop) + ";" + drop_c);
  std::vector<std::string> back;
  for (const PlannedStep& step : steps_of(made, "take_back_ddl")) {
    if (step.target == "east") back.push_back(step.args.at("statement"));
    EXPECT_EQ(step.args.at("statements"), 2);
  }
  EXPECT_EQ(back, (Words{"ALTER TABLE app.orders ADD COLUMN c INT",
                         "ALTER TABLE app.orders ADD COLUMN b INT"}));
  EXPECT_EQ(made.stages.back().steps.front().type, "tell_ddl_outcome");
}

TEST_F(DdlScript, TakesAnIndexBackWithoutAPause) {
  desired.groups.front().ddl_primary.reset();
  snapshot = applied(desired);
  options.undo = "DROP INDEX i ON app.orders";
  const Plan made = plan(kIndex);
  EXPECT_EQ(made.kind, "ddl.everywhere");
  EXPECT_EQ(steps_of(made, "take_back_ddl").size(), 3U);
}

TEST_F(DdlScript, RefusesAWayBackThatWouldNotBeOne) {
  const auto code = [&](const std::string& script, const std::string& undo) {
    options.undo = undo;
    return error_of([&] { (void)plan(script); }).code();
  };
  EXPECT_EQ(code(kDrop, "ALTER TABLE app.orders ADD COLUMN b INT; SELECT 1"), "BAD_UNDO");
  EXPECT_EQ(code(kDrop, "ALTER TABLE app.other ADD COLUMN b INT"), "BAD_UNDO");
  EXPECT_EQ(code(kAdd, "ALTER TABLE app.orders DROP COLUMN a"), "BAD_UNDO") << "replicated";
  EXPECT_EQ(code(std::string(kDrop) + ";" + kPolicy,
                 "ALTER TABLE app.orders ADD COLUMN b INT; DROP PLACEMENT POLICY p"),
            "BAD_UNDO")
      << "writes go on between the two";
  desired.groups.front().ddl_primary.reset();
  snapshot = applied(desired);
  EXPECT_EQ(code("CREATE TABLE app.fresh (id INT PRIMARY KEY)", "DROP TABLE app.fresh"), "BAD_UNDO")
      << "dropping wants a pause";
}

TEST(ComparableDefinition, LeavesTheDefinerOfAViewOut) {
  const std::string east =
      "CREATE ALGORITHM=UNDEFINED DEFINER=`bdrmesh`@`%` SQL SECURITY DEFINER VIEW `v` (`id`) AS "
      "SELECT `id` AS `id` FROM `app`.`orders`";
  const std::string west =
      "CREATE ALGORITHM=UNDEFINED DEFINER=`cdc_east`@`10.%` SQL SECURITY DEFINER VIEW `v` (`id`) "
      "AS "
      "SELECT `id` AS `id` FROM `app`.`orders`";
  EXPECT_EQ(comparable_definition(east), comparable_definition(west));
  const std::string table = "CREATE TABLE `t` (`a` int COMMENT 'DEFINER= SQL SECURITY')";
  EXPECT_EQ(comparable_definition(table), table);
}

}  // namespace
}  // namespace bdrmesh::flows
