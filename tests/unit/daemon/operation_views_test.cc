// Every member that api/backend.h promises for operations, their stages and their plans.
#include <gtest/gtest.h>
#include <set>

#include "app/daemon/views.h"

namespace bdrmesh {
namespace {

const WallTime kNow = from_millis(1'790'000'000'000);

using Names = std::set<std::string>;
Names members(const Json& object) {
  Names names;
  for (const auto& [name, value] : object.items()) names.insert(name);
  return names;
}

const Names kStepMembers{"id",      "name",       "state",       "started", "ended",
                         "took_ms", "skip_means", "waiting_for", "note"};

PlannedStep step(const std::string& type, const std::string& target) {
  PlannedStep planned;
  planned.type = type;
  planned.target = target;
  return planned;
}

Plan paused() {
  PlanBuilder plan("ddl.paused", "paused DDL on group orders");
  plan.subject({{"group", "orders"}, {"expected_pause_ms", 650}});
  plan.stage("claim").step(step("claim_token", "east"));
  plan.pause_budget_from_next_stage(Millis{10000});
  plan.stage("close gates").step(step("close_gate", "east")).step(step("close_gate", "west"));
  plan.point_of_no_return("the first DDL job is synced");
  plan.stage("change").step(step("apply_ddl", "east"));
  plan.stage("compare").step(step("compare_schemas", ""));
  return plan.build();
}

struct OperationView : ::testing::Test {
  views::OperationInputs inputs;

  OperationView() {
    inputs.record.id = "op-1";
    inputs.record.kind = "ddl.paused";
    inputs.record.title = "paused DDL on group orders";
    inputs.record.state = OperationState::running;
    inputs.record.plan = to_json(paused());
    inputs.record.created = kNow - Millis{5000};
    inputs.now = kNow;
  }
  void step_is(const std::string& id, StepState state, const std::string& name = "") {
    StepRecord record;
    record.operation = "op-1";
    record.step = id;
    record.name = name;
    record.state = state;
    record.started = kNow - Millis{100};
    if (state == StepState::done) record.ended = kNow;
    inputs.steps.push_back(record);
  }
  Json view() const { return views::operation(inputs); }
  Json summary() const { return views::summary(inputs.record, inputs.steps); }
};

TEST_F(OperationView, HasEveryMemberFromTheBeginning) {
  const Json shown = view();
  for (const char* name : {"id", "kind", "title", "state", "created", "ended", "requested_by",
                           "line", "pause", "stages", "facts", "events", "error", "result"})
    EXPECT_TRUE(shown.contains(name)) << name;
  EXPECT_EQ(shown.at("state"), "running");
  EXPECT_EQ(shown.at("created"), to_rfc3339(kNow - Millis{5000}));
  for (const char* unknown : {"ended", "requested_by", "error", "result"})
    EXPECT_TRUE(shown.at(unknown).is_null()) << unknown;
  EXPECT_EQ(shown.at("facts"), Json::array());
  EXPECT_EQ(shown.at("events"), Json::array());
}

TEST_F(OperationView, ShowsTheLine) {
  EXPECT_EQ(view().at("line"), Json({{"before_stage", 2},
                                     {"crossed_when", "the first DDL job is synced"},
                                     {"crossed", false},
                                     {"evidence", nullptr}}));
  inputs.record.line_crossed = true;
  inputs.record.line_evidence = "job 7 is synced";
  EXPECT_EQ(view().at("line").at("crossed"), true);
  EXPECT_EQ(view().at("line").at("evidence"), "job 7 is synced");
}

TEST_F(OperationView, ShowsWhichStagesLieBehindTheLine) {
  const Json shown = view();
  const Json& stages = shown.at("stages");
  ASSERT_EQ(stages.size(), 4U);
  const std::vector<bool> behind{false, false, true, true};
  for (std::size_t i = 0; i < stages.size(); ++i) {
    EXPECT_EQ(members(stages[i]),
              (Names{"name", "behind_line", "started", "ended", "took_ms", "steps"}));
    EXPECT_EQ(stages[i].at("behind_line"), Json(static_cast<bool>(behind[i]))) << i;
  }
}

TEST_F(OperationView, ShowsStepsThatHaveNotBegun) {
  const Json step = view().at("stages").at(1).at("steps").at(1);
  EXPECT_EQ(members(step), kStepMembers);
  EXPECT_EQ(step.at("id"), "1.1");
  EXPECT_EQ(step.at("name"), "close_gate:west");
  EXPECT_EQ(step.at("state"), "pending");
  for (const char* unknown : {"started", "ended", "waiting_for", "note"})
    EXPECT_TRUE(step.at(unknown).is_null()) << unknown;
  EXPECT_EQ(view().at("stages").at(3).at("steps").at(0).at("name"), "compare_schemas");
}

TEST_F(OperationView, ShowsWhatAStepWaitsFor) {
  step_is("0.0", StepState::done);
  step_is("1.0", StepState::started, "close_gate:east (read-only)");
  inputs.progress = {{"1.0", "close_gate:east", "writes to stop on east-2:4000", kNow}};
  const Json done = view().at("stages").at(0).at("steps").at(0);
  EXPECT_EQ(done.at("state"), "done");
  EXPECT_EQ(done.at("ended"), to_rfc3339(kNow));
  const Json waiting = view().at("stages").at(1).at("steps").at(0);
  EXPECT_EQ(waiting.at("name"), "close_gate:east (read-only)");
  EXPECT_EQ(waiting.at("state"), "started");
  EXPECT_EQ(waiting.at("waiting_for"), "writes to stop on east-2:4000");
  EXPECT_TRUE(waiting.at("ended").is_null());
}

TEST_F(OperationView, ShowsThePauseBeforeItBegins) {
  EXPECT_EQ(view().at("pause"), Json({{"started", nullptr},
                                      {"ended", nullptr},
                                      {"limit_ms", 10000},
                                      {"expected_ms", 650},
                                      {"measured_ms", nullptr}}));
}

TEST_F(OperationView, MeasuresThePauseWhileItLasts) {
  inputs.record.pause_started = kNow - Millis{420};
  EXPECT_EQ(view().at("pause").at("measured_ms"), 420);
  EXPECT_EQ(view().at("pause").at("started"), to_rfc3339(kNow - Millis{420}));
  EXPECT_TRUE(view().at("pause").at("ended").is_null());
}

TEST_F(OperationView, MeasuresThePauseToItsEnd) {
  inputs.record.pause_started = kNow - Millis{4200};
  inputs.record.pause_ended = kNow - Millis{3900};
  EXPECT_EQ(view().at("pause").at("measured_ms"), 300);
}

TEST_F(OperationView, HasNeitherLineNorPauseWithoutThem) {
  PlanBuilder plan("verify.links", "verify");
  plan.stage("mark").step(step("write_marker", "east"));
  inputs.record.plan = to_json(plan.build());
  EXPECT_TRUE(view().at("line").is_null());
  EXPECT_TRUE(view().at("pause").is_null());
  EXPECT_EQ(view().at("stages").at(0).at("behind_line"), false);
}

TEST_F(OperationView, ShowsTheError) {
  inputs.record.error_code = "GATE_TAKEN";
  inputs.record.error_text = "held by op-0";
  EXPECT_EQ(view().at("error"),
            Json({{"code", "GATE_TAKEN"}, {"text", "held by op-0"}, {"remedy", nullptr}}));
  inputs.record.error_remedy = "bdrmesh gate list";
  EXPECT_EQ(view().at("error").at("remedy"), "bdrmesh gate list");
}

TEST_F(OperationView, ShowsFactsAndEvents) {
  inputs.facts = {{"op-1", "fence", "east", false, "4.0", {{"tso", "7"}}}};
  inputs.events = {{1, kNow, "info", "op-1", "", "begun"}};
  EXPECT_EQ(view().at("facts"),
            Json::array({{{"name", "fence"}, {"scope", "east"}, {"value", {{"tso", "7"}}}}}));
  EXPECT_EQ(view().at("events").at(0).at("text"), "begun");
  EXPECT_TRUE(view().at("result").is_null());
}

TEST_F(OperationView, CountsTheLinksThatWereProven) {
  inputs.facts = {
      {"op-1", "link_result", "east-to-west", false, "1.0", {{"proven", true}, {"why", ""}}},
      {"op-1", "link_result", "west-to-east", false, "1.1", {{"proven", false}, {"why", "stuck"}}}};
  const Json result = view().at("result");
  EXPECT_EQ(members(result), (Names{"links", "proven", "unproven"}));
  EXPECT_EQ(result.at("proven"), 1);
  EXPECT_EQ(result.at("unproven"), 1);
  EXPECT_EQ(result.at("links").at(1).at("link"), "west-to-east");
  EXPECT_EQ(result.at("links").at(1).at("why"), "stuck");
}

TEST_F(OperationView, SummarisesTheStageThatIsUnderWay) {
  EXPECT_EQ(members(summary()),
            (Names{"id", "kind", "title", "state", "created", "ended", "stage", "line_crossed"}));
  EXPECT_EQ(summary().at("stage"), "claim");
  step_is("0.0", StepState::done);
  step_is("1.0", StepState::done);
  EXPECT_EQ(summary().at("stage"), "close gates");
  step_is("1.1", StepState::done);
  EXPECT_EQ(summary().at("stage"), "change");
}

TEST_F(OperationView, SummarisesNoStageWhenItHasEnded) {
  inputs.record.state = OperationState::reverted;
  inputs.record.ended = kNow;
  EXPECT_TRUE(summary().at("stage").is_null());
  EXPECT_EQ(summary().at("ended"), to_rfc3339(kNow));
}

TEST(PlanView, IsTheOperationBeforeItRuns) {
  const Json shown = views::plan(paused());
  for (const char* name : {"kind", "title", "line", "stages"})
    EXPECT_TRUE(shown.contains(name)) << name;
  EXPECT_EQ(shown.at("line").at("crossed"), false);
  for (const Json& stage : shown.at("stages")) {
    for (const Json& one : stage.at("steps")) {
      EXPECT_EQ(members(one), kStepMembers);
      EXPECT_EQ(one.at("state"), "pending");
    }
  }
}

}  // namespace
}  // namespace bdrmesh
