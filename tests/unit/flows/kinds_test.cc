// From a request to a plan: kinds, arguments, and what a dry run shows besides.
#include "flows/kinds.h"

#include <gtest/gtest.h>

#include "unit/flows/flow_unit.h"

namespace bdrmesh::flows {
namespace {

const Json kScript{{"group", "orders"}, {"script", "ALTER TABLE app.orders DROP COLUMN old_note"}};

struct PlanOperation : FlowUnit {
  PlannedOperation planned(const std::string& kind, const Json& args) {
    return plan_operation(ports, kind, args, {});
  }
  Error refusal(const std::string& kind, const Json& args) {
    return error_of([&] { (void)planned(kind, args); });
  }
  static Json with(Json args, const char* key, const Json& value) {
    args[key] = value;
    return args;
  }
  void close_for(const std::string& operation) {
    GateNote note;
    note.operation = operation;
    gate.announce(ClusterName("east"), note, {});
    gate.close(ClusterName("east"), {});
  }
};

TEST_F(PlanOperation, KnowsItsKindsAndListsThem) {
  const Error error = refusal("group.aply", {{"group", "orders"}});
  EXPECT_EQ(error.kind(), ErrorKind::invalid);
  EXPECT_EQ(error.code(), "UNKNOWN_KIND");
  for (const char* kind : {"group.apply", "ddl.run", "verify.links", "gate.open"})
    EXPECT_NE(error.remedy().find(kind), std::string::npos) << error.remedy();
}

TEST_F(PlanOperation, WantsAGroupThatThereIs) {
  for (const char* kind : {"group.apply", "ddl.run", "verify.links"}) {
    EXPECT_EQ(refusal(kind, Json::object()).code(), "BAD_ARGUMENT") << kind;
    EXPECT_EQ(refusal(kind, {{"group", "nobody"}}).code(), "UNKNOWN_GROUP") << kind;
    EXPECT_EQ(refusal(kind, {{"group", 7}}).kind(), ErrorKind::invalid) << kind;
  }
}

TEST_F(PlanOperation, RefusesAPairThatWasNeverBootstrapped) {
  desired.groups.front().kind = GroupKind::primary_secondary;
  EXPECT_EQ(refusal("group.apply", {{"group", "orders"}}).code(), "NOT_BOOTSTRAPPED");
}

TEST_F(PlanOperation, RefusesSpansOutOfRange) {
  bring_up();
  for (const std::int64_t ms : {std::int64_t{-1}, std::int64_t{0}, std::int64_t{86'400'001}}) {
    EXPECT_EQ(refusal("ddl.run", with(kScript, "max_pause_ms", ms)).code(), "BAD_ARGUMENT") << ms;
    EXPECT_EQ(refusal("group.apply", {{"group", "orders"}, {"max_pause_ms", ms}}).code(),
              "BAD_ARGUMENT")
        << ms;
    EXPECT_EQ(refusal("verify.links", {{"group", "orders"}, {"patience_ms", ms}}).code(),
              "BAD_ARGUMENT")
        << ms;
  }
}

TEST_F(PlanOperation, PassesThePauseOn) {
  bring_up();
  EXPECT_EQ(planned("ddl.run", with(kScript, "max_pause_ms", 1500)).plan.budget->limit,
            Millis{1500});
}

TEST_F(PlanOperation, OpensAGateBehindTheLineOnlyForAReason) {
  bring_up();
  close_for("op-1");
  EXPECT_EQ(planned("gate.open", {{"cluster", "east"}}).plan.kind, "gate.open");
  gate.announce_line(ClusterName("east"), "op-1", {});
  const Error error = refusal("gate.open", {{"cluster", "east"}});
  EXPECT_EQ(error.code(), "GATE_LINE_CROSSED");
  EXPECT_NE(error.remedy().find("op resume op-1"), std::string::npos) << error.remedy();
  const PlannedOperation forced =
      planned("gate.open", {{"cluster", "east"}, {"line_crossed_because", "ticket 7"}});
  EXPECT_EQ(forced.plan.subject.at("line_crossed_because"), "ticket 7");
}

TEST_F(PlanOperation, OfABareGroupAppliesAndNothingElse) {
  EXPECT_EQ(planned("group.apply", {{"group", "orders"}}).plan.kind, "group.apply");
  EXPECT_EQ(refusal("ddl.run", kScript).code(), "NOT_MANAGED");
  EXPECT_EQ(refusal("verify.links", {{"group", "orders"}}).code(), "NOT_MANAGED");
}

TEST_F(PlanOperation, ShowsHowAScriptIsJudgedAndHowLongItWillTake) {
  bring_up();
  const PlannedOperation ddl = planned("ddl.run", kScript);
  EXPECT_EQ(ddl.plan.kind, "ddl.paused");
  ASSERT_EQ(ddl.outlook.at("classification").size(), 1U);
  for (const char* member : {"statement", "kind", "class", "strategy", "reason"})
    EXPECT_TRUE(ddl.outlook.at("classification")[0].contains(member)) << member;
  EXPECT_GT(ddl.outlook.at("expected_pause_ms").get<std::int64_t>(), 0);
  EXPECT_EQ(ddl.plan.subject.at("expected_pause_ms"), ddl.outlook.at("expected_pause_ms"));
  EXPECT_EQ(ddl.outlook.at("blockers"), Json::array());
}

TEST_F(PlanOperation, ShowsWhoWouldBeInTheWay) {
  bring_up();
  OpenTransaction row;
  row.instance = "west-tidb-1:10080";
  row.session_id = 42;
  row.user = "shop";
  row.state = "Running";
  row.start_ts = Tso::at(clock.now() - Millis{3000});
  row.statement = "update `orders` set `note` = ?";
  world.open_transaction("west", row, -1);
  const Json blockers = planned("ddl.run", kScript).outlook.at("blockers");
  ASSERT_EQ(blockers.size(), 1U);
  EXPECT_EQ(blockers[0].at("cluster"), "west");
  EXPECT_EQ(blockers[0].at("user"), "shop");
  EXPECT_EQ(blockers[0].at("host"), "west-tidb-1:10080");
  EXPECT_EQ(blockers[0].at("age"), "3 s");
  EXPECT_EQ(blockers[0].at("statement"), row.statement);
}

TEST_F(PlanOperation, PlanningChangesNothing) {
  bring_up();
  world.clear_diary();
  (void)planned("ddl.run", kScript);
  (void)planned("group.apply", {{"group", "orders"}});
  (void)planned("verify.links", {{"group", "orders"}});
  EXPECT_TRUE(world.diary().empty()) << world.diary_text();
}

TEST_F(PlanOperation, VerifiesEveryLinkWithPatience) {
  bring_up();
  const Plan verify = planned("verify.links", {{"group", "orders"}, {"patience_ms", 700}}).plan;
  const auto waits = steps_of(verify, "await_marker");
  ASSERT_EQ(waits.size(), 2U);
  for (const PlannedStep& step : waits) EXPECT_EQ(step.args.at("patience_ms"), 700);
  EXPECT_TRUE(verify.locks.empty());
  EXPECT_FALSE(has(verify, "close_gate"));
}

TEST_F(PlanOperation, OpensNoGateThatIsNotOurs) {
  EXPECT_EQ(refusal("gate.open", {{"cluster", "nobody"}}).code(), "UNKNOWN_CLUSTER");
  EXPECT_EQ(refusal("gate.open", Json::object()).code(), "UNKNOWN_CLUSTER");
  EXPECT_EQ(refusal("gate.open", {{"cluster", "east"}}).code(), "GATE_NOT_OURS");
  bring_up();
  EXPECT_EQ(refusal("gate.open", {{"cluster", "east"}}).code(), "GATE_NOT_OURS");
}

TEST_F(PlanOperation, FindsWhoClosedTheGate) {
  bring_up();
  close_for("op-7");
  const Plan open = planned("gate.open", {{"cluster", "east"}}).plan;
  EXPECT_EQ(open.subject, Json({{"cluster", "east"}, {"operation", "op-7"}}));
  const auto steps = steps_of(open, "reopen_gate_of");
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_EQ(steps[0].target, "east");
  EXPECT_EQ(steps[0].args.at("operation"), "op-7");
  EXPECT_EQ(steps[0].lane, LaneKind::gate);
}

TEST_F(PlanOperation, OpensTheGateOfTheOperationThatIsNamed) {
  bring_up();
  close_for("op-7");
  close_for("op-8");
  const Plan open = planned("gate.open", {{"cluster", "east"}, {"operation", "op-8"}}).plan;
  EXPECT_EQ(open.subject.at("operation"), "op-8");
}

}  // namespace
}  // namespace bdrmesh::flows
