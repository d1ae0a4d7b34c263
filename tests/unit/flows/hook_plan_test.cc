// Where hooks stand in a plan: the line, the pause and the last look keep their meaning.
#include "flows/hook/hook_plan.h"

#include <gtest/gtest.h>

namespace bdrmesh::flows {
namespace {

HookSpec hook(const std::string& stage, HookWhen when, HookFailure failure = HookFailure::stop) {
  HookSpec one;
  one.on = {"ddl.run"};
  one.stage = stage;
  one.when = when;
  one.run = {"/bin/" + stage};
  one.on_failure = failure;
  return one;
}

/// prepare | close gates | drain | look again || change 1 | change 2 | open gates
Plan plan() {
  PlanBuilder builder("ddl.paused", "a plan");
  builder.subject({{"group", "orders"}});
  PlannedStep step;
  step.type = "step";
  PlannedStep opens = step;
  opens.lane = LaneKind::gate;
  builder.stage("prepare").step(step).pause_budget_from_next_stage(Millis{1000});
  builder.stage("close gates").step(step).stage("drain").step(step).stage("look again").step(step);
  builder.point_of_no_return("done");
  builder.stage("change 1").step(step).stage("change 2").step(step);
  return builder.stage("open gates").step(opens).build();
}

std::vector<std::string> names(const Plan& made) {
  std::vector<std::string> all;
  for (const PlannedStage& stage : made.stages) all.push_back(stage.name);
  return all;
}

std::size_t index_of(const Plan& made, const std::string& stage) {
  const auto all = names(made);
  return static_cast<std::size_t>(std::find(all.begin(), all.end(), stage) - all.begin());
}

const PlannedStep& step_of(const Plan& made, const std::string& stage) {
  return made.stages.at(index_of(made, stage)).steps.at(0);
}

Plan hooked(const std::vector<HookSpec>& hooks) { return with_hooks(plan(), hooks, "ddl.run"); }

TEST(HookPlan, LeavesPlansOfOtherKindsAlone) {
  EXPECT_EQ(to_json(with_hooks(plan(), {hook("drain", HookWhen::before)}, "group.apply")),
            to_json(plan()));
}

TEST(HookPlan, TellsItsHooksSoThatOneThatWasChangedIsSeen) {
  EXPECT_EQ(told_hooks(plan()), "none");
  const HookSpec one = hook("drain", HookWhen::before);
  HookSpec other = one;
  other.run.emplace_back("--fast");
  EXPECT_EQ(told_hooks(hooked({one})), told_hooks(hooked({one})));
  EXPECT_NE(told_hooks(hooked({one})), told_hooks(hooked({other})));
  EXPECT_NE(told_hooks(hooked({one})), told_hooks(hooked({one, one})));
}

TEST(HookPlan, KnowsAPlanByItsOwnKindToo) {
  HookSpec one = hook("drain", HookWhen::before);
  one.on = {"ddl.paused"};
  EXPECT_EQ(index_of(with_hooks(plan(), {one}), "hook before drain"), 2U);
}

TEST(HookPlan, RunsTheOneBeforeThePauseWhileEverybodyWrites) {
  const Plan made = hooked({hook("close gates", HookWhen::before)});
  EXPECT_EQ(index_of(made, "hook before close gates"), 1U);
  EXPECT_EQ(made.budget->from_stage, index_of(made, "close gates"));
  EXPECT_EQ(made.line->before_stage, index_of(made, "change 1"));
  EXPECT_FALSE(step_of(made, "hook before close gates").args.at("in_pause").get<bool>());
}

TEST(HookPlan, CountsTheOneAfterTheGatesAgainstThePause) {
  const Plan made = hooked({hook("close gates", HookWhen::after)});
  EXPECT_EQ(index_of(made, "hook after close gates"), index_of(made, "close gates") + 1);
  EXPECT_EQ(made.budget->from_stage, index_of(made, "close gates"));
  EXPECT_EQ(made.line->before_stage, index_of(made, "change 1"));
  EXPECT_TRUE(step_of(made, "hook after close gates").args.at("in_pause").get<bool>());
}

TEST(HookPlan, PutsNothingBetweenTheLastLookAndTheLine) {
  for (const HookSpec& one :
       {hook("change", HookWhen::before), hook("look again", HookWhen::after)}) {
    const Plan made = hooked({one});
    EXPECT_EQ(index_of(made, "look again") + 1, made.line->before_stage);
    EXPECT_EQ(index_of(made, "change 1"), made.line->before_stage);
    EXPECT_EQ(made.stages.at(index_of(made, "look again") - 1).steps.at(0).type, "run_hook");
  }
}

TEST(HookPlan, LetsNothingStopAnOperationBehindItsLine) {
  const Plan made = hooked({hook("open gates", HookWhen::before), hook("change", HookWhen::after)});
  EXPECT_FALSE(step_of(made, "hook before open gates").args.at("may_stop").get<bool>());
  EXPECT_FALSE(step_of(made, "hook after change").args.at("may_stop").get<bool>());
  EXPECT_EQ(index_of(made, "hook after change"), index_of(made, "change 2") + 1);
  EXPECT_EQ(made.line->before_stage, index_of(made, "change 1"));
}

TEST(HookPlan, StopsOnlyWhenToldTo) {
  EXPECT_TRUE(step_of(hooked({hook("drain", HookWhen::before)}), "hook before drain")
                  .args.at("may_stop")
                  .get<bool>());
  EXPECT_FALSE(
      step_of(hooked({hook("drain", HookWhen::before, HookFailure::warn)}), "hook before drain")
          .args.at("may_stop")
          .get<bool>());
}

TEST(HookPlan, BeginsAndEndsAtTheVeryEnds) {
  const Plan made = hooked({hook("end", HookWhen::after), hook("start", HookWhen::before)});
  EXPECT_EQ(names(made).front(), "hook at the start");
  EXPECT_EQ(names(made).back(), "hook at the end");
}

TEST(HookPlan, KeepsTheirOrderAndPutsAfterAheadOfBefore) {
  HookSpec second = hook("drain", HookWhen::before);
  second.run = {"/bin/second"};
  const Plan made =
      hooked({hook("drain", HookWhen::before), second, hook("close gates", HookWhen::after)});
  const std::size_t at = index_of(made, "hook after close gates");
  EXPECT_EQ(at, index_of(made, "close gates") + 1);
  EXPECT_EQ(made.stages.at(at + 1).steps.at(0).args.at("hook").at("run").at(0), "/bin/drain");
  EXPECT_EQ(made.stages.at(at + 2).steps.at(0).args.at("hook").at("run").at(0), "/bin/second");
  EXPECT_NE(made.stages.at(at + 1).steps.at(0).args.at("key"),
            made.stages.at(at + 2).steps.at(0).args.at("key"));
}

TEST(HookPlan, RefusesAStageThatIsNotThere) {
  try {
    hooked({hook("drian", HookWhen::before)});
    FAIL() << "a mistyped stage passed";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), "HOOK_STAGE_UNKNOWN");
    EXPECT_NE(e.remedy().find("drain"), std::string::npos);
  }
  EXPECT_EQ(hooked({hook("drian", HookWhen::before, HookFailure::warn)}).stages.size(),
            plan().stages.size());
}

TEST(HookPlan, ConcernsTheGroupOfThePlanOrThoseOfItsCluster) {
  Desired desired;
  GroupSpec orders;
  orders.name = GroupName("orders");
  orders.members = {ClusterName("east"), ClusterName("west")};
  orders.hooks = {hook("start", HookWhen::before)};
  GroupSpec billing = orders;
  billing.name = GroupName("billing");
  billing.members = {ClusterName("north"), ClusterName("east")};
  desired.groups = {orders, billing};
  EXPECT_EQ(hooks_for(desired, plan()).size(), 1U);
  Plan of_cluster = plan();
  of_cluster.subject = {{"cluster", "east"}};
  EXPECT_EQ(hooks_for(desired, of_cluster).size(), 2U);
  of_cluster.subject = {{"cluster", "south"}};
  EXPECT_TRUE(hooks_for(desired, of_cluster).empty());
}

}  // namespace
}  // namespace bdrmesh::flows
