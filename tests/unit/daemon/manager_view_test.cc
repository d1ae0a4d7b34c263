// What the daemon says of itself, of groups without a working link, and of the times of stages.
#include "app/daemon/manager_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/daemon/views.h"

namespace bdrmesh {
namespace {

using testing::HasSubstr;

Json cluster(const std::string& name, const Json& token) {
  return {{"name", name}, {"token", token}};
}

Json token_of(const char* manager, bool ours) {
  return {{"manager", manager}, {"ours", ours}, {"epoch", 3}};
}

ManagerInputs inputs() {
  ManagerInputs one;
  one.we = {"mgr-a", 3};
  one.pid = 4711;
  one.version = "0.1.0";
  one.clusters =
      Json::array({cluster("east", token_of("mgr-a", true)),
                   cluster("west", token_of("mgr-b", false)), cluster("south", nullptr)});
  return one;
}

TEST(ManagerView, NamesTheClustersOfOthers) {
  const Json view = manager_view(inputs());
  EXPECT_EQ(view.at("state"), "working");
  EXPECT_EQ(view.at("why"), nullptr);
  EXPECT_EQ(view.at("read_only_on"), Json::array({"west"}));
}

TEST(ManagerView, AHaltedOneComesBeforeEverythingElse) {
  ManagerInputs halted = inputs();
  halted.halted = "another daemon has taken over";
  const Json view = manager_view(halted);
  EXPECT_EQ(view.at("state"), "halted");
  Overall overall{"healthy", Json::array({"something small"}), "bdrmesh gate list"};
  judge_manager(view, overall);
  EXPECT_EQ(overall.verdict, "degraded");
  EXPECT_THAT(overall.reasons.at(0).get<std::string>(), HasSubstr("another daemon has taken over"));
  EXPECT_THAT(overall.next, HasSubstr("kill 4711"));
}

TEST(ManagerView, AWorkingOneAddsNothing) {
  Overall overall{"healthy", Json::array(), "as before"};
  judge_manager(manager_view(inputs()), overall);
  EXPECT_EQ(overall.verdict, "healthy");
  EXPECT_EQ(overall.next, "as before");
}

std::string verdict(const std::vector<std::string>& words) {
  Json links = Json::array();
  for (const std::string& word : words) links.push_back({{"verdict", word}});
  return views::verdict_of_links(links);
}

TEST(GroupVerdict, IsDownWhenNoLinkWorks) {
  EXPECT_EQ(verdict({"stuck", "failed"}), "down");
  EXPECT_EQ(verdict({"stopped", "missing"}), "down");
  EXPECT_EQ(verdict({"stuck", "slow"}), "degraded");
  EXPECT_EQ(verdict({"stuck", "moving"}), "degraded");
  EXPECT_EQ(verdict({"stuck", "unknown"}), "degraded") << "the unknown one may work";
  EXPECT_EQ(verdict({"moving", "moving"}), "healthy");
  EXPECT_EQ(verdict({"moving", "unknown"}), "unknown");
}

StepRecord step(const std::string& id, StepState state, std::optional<int> started,
                std::optional<int> ended) {
  StepRecord record;
  record.step = id;
  record.state = state;
  if (started) record.started = from_millis(*started);
  if (ended) record.ended = from_millis(*ended);
  return record;
}

TEST(StageTimes, SpanTheirSteps) {
  PlanBuilder builder("test", "a test");
  PlannedStep planned;
  planned.type = "look";
  builder.stage("over").step(planned).step(planned);
  builder.stage("open").step(planned).step(planned);
  builder.stage("to come").step(planned);
  views::OperationInputs inputs;
  inputs.record.plan = to_json(builder.build());
  inputs.steps = {step("0.0", StepState::done, 100, 300), step("0.1", StepState::done, 150, 900),
                  step("1.0", StepState::done, 900, 950), step("1.1", StepState::started, 910, {}),
                  step("2.0", StepState::pending, {}, {})};
  inputs.now = from_millis(2000);
  const Json stages = views::operation(inputs).at("stages");
  EXPECT_EQ(stages.at(0).at("took_ms"), 800);
  EXPECT_EQ(stages.at(0).at("ended"), to_rfc3339(from_millis(900)));
  EXPECT_EQ(stages.at(1).at("took_ms"), 1100) << "it goes on";
  EXPECT_EQ(stages.at(1).at("ended"), nullptr);
  EXPECT_EQ(stages.at(1).at("steps").at(1).at("took_ms"), 1090);
  EXPECT_EQ(stages.at(2).at("started"), nullptr);
  EXPECT_EQ(stages.at(2).at("took_ms"), nullptr);
}

TEST(StageTimes, ASkippedStepEndsItsStage) {
  PlanBuilder builder("test", "a test");
  PlannedStep planned;
  planned.type = "look";
  planned.skip_means = "nobody looks";
  builder.stage("one").step(planned).step(planned);
  builder.stage("two").step(planned);
  views::OperationInputs inputs;
  inputs.record.plan = to_json(builder.build());
  inputs.steps = {step("0.0", StepState::done, 100, 300), step("0.1", StepState::skipped, {}, {}),
                  step("1.0", StepState::pending, {}, {})};
  const Json view = views::operation(inputs);
  EXPECT_EQ(view.at("stages").at(0).at("ended"), to_rfc3339(from_millis(300)));
  EXPECT_EQ(view.at("stages").at(0).at("steps").at(1).at("skip_means"), "nobody looks");
  EXPECT_EQ(views::summary(inputs.record, inputs.steps).at("stage"), "two");
}

}  // namespace
}  // namespace bdrmesh
