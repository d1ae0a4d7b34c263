#include "engine/plan.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "unit/engine/paused_plan.h"

namespace bdrmesh {
namespace {

std::string code_of(const Json& json) {
  try {
    plan_from_json(json);
  } catch (const Error& error) {
    return error.code();
  }
  return "no error";
}

TEST(Plan, ComesBackFromItsStoredFormUnchanged) {
  Plan plan = toy::paused_plan();
  plan.subject = {{"group", "orders"}};
  plan.stages[2].steps[0].lane = LaneKind::slow;
  const Plan again = plan_from_json(parse_json(to_json(plan).dump(), "plan"));
  EXPECT_EQ(to_json(again), to_json(plan));
  EXPECT_EQ(again.stages[5].steps[0].lane, LaneKind::gate);
  EXPECT_TRUE(again.stages[1].steps[0].guards_resume);
  ASSERT_TRUE(again.line);
  EXPECT_EQ(again.line->before_stage, 4U);
  ASSERT_TRUE(again.budget);
  EXPECT_EQ(again.budget->from_stage, 1U);
  EXPECT_EQ(again.budget->limit, Millis{5000});
}

TEST(Plan, WithoutLineAndBudgetHasNeither) {
  PlanBuilder builder("toy", "small");
  builder.stage("only").step(toy::set("a"));
  const Plan again = plan_from_json(to_json(builder.build()));
  EXPECT_FALSE(again.line);
  EXPECT_FALSE(again.budget);
}

TEST(Plan, RefusesWhatIsNoPlan) {
  EXPECT_EQ(code_of(Json::array()), "BAD_PLAN");
  EXPECT_EQ(code_of({{"kind", "x"}, {"title", "y"}, {"stages", Json::array()}}), "BAD_PLAN");
  Json bad_lane = to_json(toy::paused_plan());
  bad_lane["stages"][0]["steps"][0]["lane"] = "fast";
  EXPECT_EQ(code_of(bad_lane), "BAD_PLAN");
  Json far_line = to_json(toy::paused_plan());
  far_line["line"]["before_stage"] = 99;
  EXPECT_EQ(code_of(far_line), "BAD_PLAN");
}

TEST(PlanBuilder, RefusesStepsBeforeTheFirstStageAndNamelessStages) {
  PlanBuilder early("toy", "early");
  EXPECT_THROW(early.step(toy::set("a")), Error);
  PlanBuilder nameless("toy", "nameless");
  nameless.stage("");
  EXPECT_THROW(nameless.build(), Error);
  EXPECT_THROW(PlanBuilder("toy", "empty").build(), Error);
}

TEST(StepRegistry, ReportsATypeThatItDoesNotKnow) {
  toy::World world;
  const StepRegistry registry = world.registry();
  PlannedStep step = toy::set("a");
  EXPECT_EQ(registry.make(step)->name(), "set:a");
  step.type = "from the future";
  try {
    registry.make(step);
    FAIL() << "made a step of an unknown type";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "UNKNOWN_STEP_TYPE");
    EXPECT_EQ(error.kind(), ErrorKind::precondition);
  }
}

}  // namespace
}  // namespace bdrmesh
