// Another process takes a cluster over while an operation runs here: whenever that is, this one
// changes nothing there any more, undoes nothing, and stands still.
#include <gmock/gmock.h>

#include "flows/flow_bench.h"
#include "gate/guard/guarded_world.h"

namespace bdrmesh::flows {
namespace {

using fakes::ClusterState;
using fakes::Fault;

/// A daemon's wiring around a runner.
struct Daemon {
  explicit Daemon(FlowBench& bench, std::uint64_t epoch)
      : tokens(bench.world, {"manager-1", epoch, "this start"}),
        world(bench.world, tokens, bench.clock),
        gate(world, tokens, bench.clock),
        feeds(world, bench.clock),
        ports{bench.desired, world, bench.clock, tokens, gate, feeds, bench.book},
        registry(make_step_registry(ports)),
        runner(*bench.store, registry, bench.clock) {
    tokens.on_superseded([this](const Superseded& found) { runner->halt(found.text); });
  }
  TokenKeeper tokens;
  GuardedWorld world;
  ReadOnlyGate gate;
  FeedBoard feeds;
  FlowPorts ports;
  StepRegistry registry;
  fakes::SelfTurningRunner runner;
};

std::size_t acts_on(const FlowBench& bench, const std::string& cluster) {
  std::size_t count = 0;
  for (const auto& act : bench.inner.diary()) count += act.cluster == cluster ? 1 : 0;
  return count;
}

/// Runs a paused DDL; just before the `nth` look at east's token row, another process has taken
/// east over. @return whether there was such a look.
bool run_with_take_over(int nth) {
  FlowBench bench;
  bench.bring_up();
  const Plan plan = bench.paused_ddl();
  std::optional<std::size_t> acts;
  Fault taken;
  taken.cluster = "east";
  taken.method = "tidb.token";
  taken.nth = nth;
  taken.before = [&] {
    bench.inner.with("east", [](ClusterState& cluster) {
      cluster.token->epoch = 99;
      cluster.token->remembered["holder_start"] = kRescueStart;
    });
    acts = acts_on(bench, "east");
  };
  Daemon daemon(bench, 5);
  bench.world.arm(taken);
  daemon.runner->start();
  const std::string operation = daemon.runner->submit({plan, "", "test"});
  daemon.runner->wait(operation, fakes::kRealLimit);
  if (!acts) {
    EXPECT_EQ(bench.store->operation(operation).state, OperationState::succeeded)
        << fakes::journal_of(*bench.store, operation);
    return false;
  }
  EXPECT_TRUE(daemon.runner->crashed()) << fakes::journal_of(*bench.store, operation);
  EXPECT_THAT(daemon.runner->halted_because(), ::testing::HasSubstr("epoch 99"));
  EXPECT_EQ(acts_on(bench, "east"), *acts) << bench.inner.diary_text();
  EXPECT_EQ(bench.store->operation(operation).state, OperationState::running)
      << "nothing is undone\n"
      << fakes::journal_of(*bench.store, operation);
  const std::size_t all = bench.inner.diary().size();
  EXPECT_THROW(daemon.world.tidb(ClusterName("west")).set_super_read_only(true, {}), Error);
  EXPECT_EQ(bench.inner.diary().size(), all) << "no cluster is written to any more";
  return true;
}

TEST(Superseded, ChangesNothingMoreWheneverAnotherTakesOver) {
  int nth = 1;
  for (; nth < 400; ++nth) {
    SCOPED_TRACE("before look " + std::to_string(nth) + " at the token row of east");
    if (!run_with_take_over(nth) || ::testing::Test::HasFailure()) break;
  }
  EXPECT_GT(nth, 10);
  EXPECT_LT(nth, 400);
}

}  // namespace
}  // namespace bdrmesh::flows
