// Cases of the verified stop and of starting again.
#include <gmock/gmock.h>

#include "flows/every_kind/kind_cases.h"

namespace bdrmesh::flows {
namespace {

using fakes::ClusterState;

Json running_with_rows(FlowBench& bench) {
  bench.bring_up();
  for (const std::string& name : bench.inner.clusters()) {
    bench.inner.with(name, [](ClusterState& cluster) {
      cluster.rows[{"app", "orders"}]["1"] = "one";
      cluster.rows[{"app", "orders"}]["2"] = "two";
    });
  }
  return {{"open", {"all"}}};
}

Json running_to_be_kept(FlowBench& bench) {
  Json args = running_with_rows(bench);
  args["keep_feeds_paused"] = true;
  return args;
}

Json stopped_with_feeds_paused(FlowBench& bench) {
  Json args = running_to_be_kept(bench);
  args["open"] = {"east"};
  const fakes::EndOfRun end = bench.run(bench.plan("group.stop", args));
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  return Json::object();
}

void every_feed_is(const FlowBench& bench, const std::string& state, const std::string& journal) {
  for (const std::string& name : bench.inner.clusters()) {
    bench.inner.look(name, [&](const ClusterState& cluster) {
      for (const auto& [id, feed] : cluster.feeds)
        EXPECT_EQ(feed.detail.state, state) << id << "\n" << journal;
      return 0;
    });
  }
}

void is_certified(const FlowBench& bench, const std::string& journal) {
  EXPECT_TRUE(bench.inner.all_gates_open()) << journal;
  const auto all = bench.certificates.all();
  ASSERT_EQ(all.size(), 1U) << journal;
  EXPECT_EQ(all.begin()->second.at("proof"), true) << journal;
}

void is_certified_and_paused(const FlowBench& bench, const std::string& journal) {
  is_certified(bench, journal);
  every_feed_is(bench, "stopped", journal);
}

void replicates_on(const FlowBench& bench, const std::string& journal) {
  EXPECT_TRUE(bench.inner.all_gates_open()) << journal;
  every_feed_is(bench, "normal", journal);
}

}  // namespace

std::vector<KindCase> stop_kind_cases() {
  return {{"group.stop", "group.stop", running_with_rows, is_certified},
          {"group.stop", "group.stop kept", running_to_be_kept, is_certified_and_paused},
          {"group.start", "group.start", stopped_with_feeds_paused, replicates_on}};
}

}  // namespace bdrmesh::flows
