// The one verdict over everything, its reasons, and the command to type next.
#include <gtest/gtest.h>

#include "app/daemon/backend.h"

namespace bdrmesh {
namespace {

struct JudgeOverall : ::testing::Test {
  Json clusters = Json::array({cluster("east"), cluster("west")});
  Json groups = Json::array({group()});
  Json gates = Json::array();
  Json operations = Json::array();

  static Json cluster(const std::string& name) {
    return {{"name", name},
            {"seen_at", "2026-11-21T03:04:05.678Z"},
            {"error", nullptr},
            {"servers", Json::array({{{"address", name + ":4000"}, {"reachable", true}}})},
            {"ticdc", {{"healthy", true}, {"error", nullptr}}}};
  }
  static Json link(const std::string& from, const std::string& to) {
    return {{"from", from}, {"to", to}, {"verdict", "moving"}};
  }
  static Json group() {
    return {{"name", "orders"},
            {"links", Json::array({link("east", "west"), link("west", "east")})}};
  }
  void gate_closed_by(const Json& operation) {
    gates.push_back({{"cluster", "east"},
                     {"state", "closed"},
                     {"operation", operation},
                     {"reason", "paused DDL"}});
  }
  void operation_is(const std::string& state) {
    operations.push_back({{"id", "op-1"}, {"state", state}});
  }
  Overall overall() const { return judge_overall(clusters, groups, gates, operations); }
  std::string reasons() const { return overall().reasons.dump(); }
};

void expect_reason(const Overall& overall, const std::string& text) {
  EXPECT_EQ(overall.verdict, "degraded");
  EXPECT_NE(overall.reasons.dump().find(text), std::string::npos) << overall.reasons.dump();
}

TEST_F(JudgeOverall, IsHealthyWhenAllIsWell) {
  EXPECT_EQ(overall().verdict, "healthy");
  EXPECT_EQ(overall().reasons, Json::array());
  EXPECT_EQ(overall().next, "bdrmesh verify run --group orders");
}

TEST_F(JudgeOverall, PointsToOnePlaceForWhateverIsWrongWithAPair) {
  groups[0]["kind"] = "primary-secondary";
  clusters[0]["error"] = "no tidb-server answers";
  EXPECT_EQ(overall().next, "bdrmesh dr status orders");
  clusters[0]["error"] = nullptr;
  for (const char* verdict : {"failed", "missing"}) {
    for (Json& one : groups[0]["links"]) one["verdict"] = verdict;
    EXPECT_EQ(overall().next, "bdrmesh dr status orders") << verdict;
  }
}

TEST_F(JudgeOverall, IsUnknownBeforeEverybodyWasAsked) {
  clusters[1]["seen_at"] = nullptr;
  clusters[1]["error"] = "not asked yet";
  EXPECT_EQ(overall().verdict, "unknown");
  EXPECT_EQ(overall().reasons, Json::array());
}

TEST_F(JudgeOverall, IsUnknownWhileALinkIs) {
  groups[0]["links"][0]["verdict"] = "unknown";
  EXPECT_EQ(overall().verdict, "unknown");
}

TEST_F(JudgeOverall, IsDegradedRatherThanUnknown) {
  groups[0]["links"][0]["verdict"] = "unknown";
  groups[0]["links"][1]["verdict"] = "stuck";
  EXPECT_EQ(overall().verdict, "degraded");
}

TEST_F(JudgeOverall, NamesAClusterThatCannotBeAsked) {
  clusters[0]["error"] = "TIDB_UNREACHABLE: nobody";
  expect_reason(overall(), "cluster east: TIDB_UNREACHABLE: nobody");
  EXPECT_EQ(overall().next, "bdrmesh doctor");
}

TEST_F(JudgeOverall, NamesASilentServer) {
  clusters[1]["servers"][0]["reachable"] = false;
  expect_reason(overall(), "tidb-server west:4000 of west does not answer");
}

TEST_F(JudgeOverall, NamesATicdcThatIsIll) {
  clusters[0]["ticdc"]["healthy"] = false;
  expect_reason(overall(), "TiCDC of east: not healthy");
  clusters[0]["ticdc"]["error"] = "TICDC_UNREACHABLE: refused";
  expect_reason(overall(), "TiCDC of east: TICDC_UNREACHABLE: refused");
}

TEST_F(JudgeOverall, NamesEveryLinkThatDoesNotMove) {
  for (const char* word : {"slow", "stuck", "stopped", "failed"}) {
    groups[0]["links"][0]["verdict"] = word;
    expect_reason(overall(), std::string("link east to west: ") + word);
    EXPECT_EQ(overall().next, "bdrmesh link explain orders east west");
  }
}

TEST_F(JudgeOverall, LetsAGroupWithoutAnyLinkBeApplied) {
  for (Json& one : groups[0]["links"]) one["verdict"] = "missing";
  expect_reason(overall(), "group orders: 2 of 2 links have no changefeed");
  EXPECT_EQ(overall().next, "bdrmesh group apply orders");
}

TEST_F(JudgeOverall, LetsAHalfMeshBeLookedAtFirst) {
  groups[0]["links"][0]["verdict"] = "missing";
  expect_reason(overall(), "group orders: 1 of 2 links have no changefeed");
  EXPECT_EQ(overall().next, "bdrmesh group plan orders");
}

TEST_F(JudgeOverall, TakesTheGateOfARunningOperationForPartOfIt) {
  gate_closed_by("op-1");
  operation_is("running");
  EXPECT_EQ(overall().verdict, "healthy") << reasons();
  EXPECT_EQ(overall().next, "bdrmesh op watch op-1");
}

TEST_F(JudgeOverall, NamesAGateThatNobodyWorksOn) {
  gate_closed_by("op-0");
  operation_is("running");
  expect_reason(overall(), "the gate of east is closed: paused DDL");
  EXPECT_EQ(overall().next, "bdrmesh gate list");
}

TEST_F(JudgeOverall, NamesAGateWithoutANote) {
  gate_closed_by(nullptr);
  expect_reason(overall(), "the gate of east is closed");
}

TEST_F(JudgeOverall, NamesTheGateOfABlockedOperationAndSendsThere) {
  gate_closed_by("op-1");
  operation_is("blocked");
  expect_reason(overall(), "the gate of east is closed");
  expect_reason(overall(), "operation op-1 is blocked");
  EXPECT_EQ(overall().next, "bdrmesh op show op-1");
}

TEST_F(JudgeOverall, SendsToTheUnfinishedOperationFirst) {
  clusters[0]["ticdc"]["healthy"] = false;
  operation_is("compensating");
  EXPECT_EQ(overall().next, "bdrmesh op watch op-1");
}

TEST_F(JudgeOverall, HasNothingToTypeWithoutAGroup) {
  groups = Json::array();
  EXPECT_EQ(overall().verdict, "healthy");
  EXPECT_EQ(overall().next, "");
}

}  // namespace
}  // namespace bdrmesh
