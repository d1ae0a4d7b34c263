// Cases of the roles of a pair.
#include <gmock/gmock.h>

#include "flows/dr/pair_bench.h"
#include "flows/every_kind/kind_cases.h"
#include "mesh/pair_note.h"

namespace bdrmesh::flows {
namespace {

using fakes::ClusterState;

Json pair_that_runs(FlowBench& bench) {
  make_pair(bench);
  return Json::object();
}

Json primary_is_fenced(FlowBench& bench) {
  make_pair(bench);
  return {{"primary", "north"}, {"fenced_because", "its network is cut"}};
}

Json syncpoint_has_come(FlowBench& bench) {
  make_pair(bench);
  bench.inner.with("dr", [](ClusterState& dr) {
    dr.syncpoints = false;
    dr.synced = {{"orders-north-to-dr-1", {Tso(6), Tso(7)}}};
  });
  return {{"on", true}};
}

Json failed_over(FlowBench& bench) {
  const Plan plan = bench.plan("dr.failover", primary_is_fenced(bench));
  EXPECT_EQ(bench.run(plan).state(), OperationState::succeeded);
  return {{"cluster", "north"}};
}

bool is_open(const FlowBench& bench, const std::string& cluster) {
  return bench.inner.look(cluster, [](const ClusterState& state) { return !state.read_only; });
}

void dr_is_the_primary(const FlowBench& bench, const std::string& journal) {
  EXPECT_TRUE(is_open(bench, "dr")) << journal;
}

void only_dr_is_open(const FlowBench& bench, const std::string& journal) {
  EXPECT_TRUE(is_open(bench, "dr")) << journal;
  EXPECT_FALSE(is_open(bench, "north")) << journal;
}

void both_say_that_dr_is_the_primary(const FlowBench& bench, const std::string& journal) {
  only_dr_is_open(bench, journal);
  for (const char* name : {"north", "dr"}) {
    const auto note = bench.inner.look(name, [&](const ClusterState& state) {
      return pair_note(*state.token, bench.desired.groups.front().name);
    });
    ASSERT_TRUE(note) << name << journal;
    EXPECT_EQ(note->primary, ClusterName("dr")) << name << journal;
  }
}

void dr_shows_the_past(const FlowBench& bench, const std::string& journal) {
  const std::string shown = bench.inner.look(
      "dr", [](const ClusterState& dr) { return dr.variables.at("tidb_enable_external_ts_read"); });
  EXPECT_EQ(shown, "ON") << journal;
}

}  // namespace

std::vector<KindCase> dr_kind_cases() {
  const std::vector<std::string> pair{"north", "dr"};
  return {{"dr.switchover", "dr.switchover", pair_that_runs, only_dr_is_open, pair},
          {"dr.failover", "dr.failover", primary_is_fenced, dr_is_the_primary, pair},
          {"dr.reads", "dr.reads", syncpoint_has_come, dr_shows_the_past, pair},
          {"dr.rebuild", "dr.rebuild", failed_over, both_say_that_dr_is_the_primary, pair}};
}

}  // namespace bdrmesh::flows
