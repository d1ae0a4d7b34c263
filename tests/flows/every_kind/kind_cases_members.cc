// The cases of operations on one member: leaving, evacuation and return, eviction.
#include <gmock/gmock.h>

#include "flows/every_kind/kind_cases.h"
#include "mesh/membership.h"

namespace bdrmesh::flows {
namespace {

using fakes::ClusterState;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::vector<std::string> kThree{"east", "west", "south"};

std::function<Json(FlowBench&)> running(const Json& args) {
  return [=](FlowBench& bench) {
    bench.bring_up();
    return args;
  };
}

Json evacuated(FlowBench& bench) {
  bench.bring_up();
  const fakes::EndOfRun end =
      bench.run(bench.plan("cluster.evacuate", {{"cluster", "south"}, {"reason", "new switches"}}));
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  return {{"cluster", "south"}};
}

std::string ended_as_east_tells(const FlowBench& bench) {
  return bench.inner.look("east", [](const ClusterState& east) {
    const auto all = ended_memberships(*east.token);
    return all.empty() ? std::string() : all[0].cluster.value() + " " + all[0].how;
  });
}

std::vector<std::string> feeds_of_east(const FlowBench& bench) {
  return bench.inner.look("east", [](const ClusterState& east) {
    std::vector<std::string> ids;
    for (const auto& [id, feed] : east.feeds) ids.push_back(id);
    return ids;
  });
}

void south_has_left(const FlowBench& bench, const std::string& journal) {
  EXPECT_EQ(ended_as_east_tells(bench), "south left") << journal;
  EXPECT_THAT(feeds_of_east(bench), ElementsAre("orders-east-to-west-1")) << journal;
  EXPECT_THAT(bench.inner.closed_gates(), ElementsAre("south")) << journal;
}

void south_was_evicted(const FlowBench& bench, const std::string& journal) {
  EXPECT_EQ(ended_as_east_tells(bench), "south evicted") << journal;
  EXPECT_THAT(feeds_of_east(bench), ElementsAre("orders-east-to-west-1")) << journal;
}

void only_south_is_closed(const FlowBench& bench, const std::string& journal) {
  EXPECT_THAT(bench.inner.closed_gates(), ElementsAre("south")) << journal;
}

void all_are_open(const FlowBench& bench, const std::string& journal) {
  EXPECT_THAT(bench.inner.closed_gates(), IsEmpty()) << journal;
}

}  // namespace

std::vector<KindCase> members_kind_cases() {
  const Json evict{
      {"cluster", "south"}, {"confirm", "south"}, {"although_alive_because", "its site burns"}};
  return {
      {"cluster.leave", "cluster.leave", running({{"cluster", "south"}}), south_has_left, kThree},
      {"cluster.evacuate", "cluster.evacuate",
       running({{"cluster", "south"}, {"reason", "new switches"}}), only_south_is_closed, kThree},
      {"cluster.return", "cluster.return", evacuated, all_are_open, kThree, true},
      {"cluster.evict", "cluster.evict", running(evict), south_was_evicted, kThree}};
}

}  // namespace bdrmesh::flows
