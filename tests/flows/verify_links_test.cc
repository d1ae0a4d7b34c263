// Proving links, and opening a gate that an operation left closed.
#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>

#include "base/error.h"
#include "flows/flow_bench.h"

namespace bdrmesh::flows {
namespace {

using fakes::ClusterState;
using fakes::EndOfRun;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::map<std::string, Json> link_results(const FlowBench& bench, const EndOfRun& end) {
  std::map<std::string, Json> results;
  for (const FactRecord& fact : bench.store->facts(end.operation)) {
    if (fact.name == "link_result") results[fact.scope] = fact.value;
  }
  return results;
}

TEST(VerifyLinks, ProvesEveryLinkWithoutTouchingAGate) {
  FlowBench bench({"east", "west", "south"});
  bench.bring_up();
  const EndOfRun end = bench.run(bench.plan("verify.links"));
  ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal;
  const auto results = link_results(bench, end);
  EXPECT_EQ(results.size(), 6U);
  for (const auto& [link, result] : results)
    EXPECT_TRUE(result.at("proven").get<bool>()) << link << result;
  EXPECT_EQ(bench.inner.diary_text().find("set_super_read_only"), std::string::npos);
}

TEST(VerifyLinks, ALinkThatStandsIsTheOnlyOneUnproven) {
  FlowBench bench({"east", "west", "south"});
  bench.bring_up();
  bench.inner.with_feed("east", "orders-east-to-south-1",
                        [](fakes::FeedState& feed) { feed.frozen = true; });
  const EndOfRun end = bench.run(bench.plan("verify.links", {{"patience_ms", 2000}}));
  ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal;
  for (const auto& [link, result] : link_results(bench, end)) {
    EXPECT_EQ(result.at("proven").get<bool>(), link != "east-to-south") << link << result;
  }
}

TEST(VerifyLinks, AFreshCheckpointWithoutTheMarkerProvesNothing) {
  FlowBench bench;
  bench.bring_up();
  // The sink writes elsewhere: the checkpoint goes on, the rows do not arrive.
  bench.inner.with_feed("east", "orders-east-to-west-1", [](fakes::FeedState& feed) {
    feed.detail.config["filter"]["rules"] = Json::array({"app.*"});
  });
  const EndOfRun end = bench.run(bench.plan("verify.links", {{"patience_ms", 2000}}));
  ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal;
  const Json result = link_results(bench, end).at("east-to-west");
  EXPECT_FALSE(result.at("proven").get<bool>());
  EXPECT_THAT(result.at("why").get<std::string>(), HasSubstr("not on west"));
}

std::string why_unproven(FlowBench& bench) {
  const EndOfRun end = bench.run(bench.plan("verify.links", {{"patience_ms", 2000}}));
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  std::string why;
  for (const auto& [link, result] : link_results(bench, end)) {
    EXPECT_EQ(result.at("proven").get<bool>(), link != "east-to-west") << link << result;
    if (link == "east-to-west") why = result.at("why");
  }
  return why;
}

TEST(VerifyLinks, ANarrowFilterThatLetsMarkersPassProvesNothing) {
  FlowBench bench;
  bench.bring_up();
  bench.inner.with_feed("east", "orders-east-to-west-1", [](fakes::FeedState& feed) {
    feed.detail.config["filter"]["rules"] = Json::array({"bdrmesh.*", "app.orders"});
  });
  EXPECT_THAT(why_unproven(bench), HasSubstr("FEED_DIFFERS"));
}

TEST(VerifyLinks, AGapBeforeTheFeedProvesNothing) {
  FlowBench bench;
  bench.bring_up();
  std::vector<LinkIncarnation> book = bench.book.incarnations(GroupName("orders"));
  const auto own =
      std::ranges::find(book, ChangefeedId("orders-east-to-west-1"), &LinkIncarnation::changefeed);
  ASSERT_NE(own, book.end());
  LinkIncarnation before = *own;
  before.number = 0;
  before.changefeed = ChangefeedId("orders-east-to-west-0");
  before.proven = Tso(own->start.value() - 1);
  before.removed = true;
  bench.book.put(before);
  EXPECT_THAT(why_unproven(bench), HasSubstr("LINK_UNPROVEN"));
}

TEST(VerifyLinks, AFeedThatSomebodyMovedForwardProvesNothing) {
  FlowBench bench;
  bench.bring_up();
  bench.inner.with_feed("east", "orders-east-to-west-1", [](fakes::FeedState& feed) {
    feed.detail.start_ts = Tso(feed.detail.start_ts.value() + (5000ULL << 18U));
  });
  EXPECT_THAT(why_unproven(bench), HasSubstr("made anew"));
}

TEST(OpenGate, OpensWhatADeadOperationLeftClosed) {
  FlowBench bench;
  bench.bring_up();
  const Plan ddl = bench.paused_ddl();
  fakes::Fault crash;
  crash.cluster = "east";
  crash.method = "tidb.write_marker";
  crash.effect = fakes::Effect::crash_after;
  bench.world.arm(crash);
  EXPECT_THROW(bench.run(ddl), SimulatedCrash);
  bench.world.disarm();
  const std::string dead = bench.store->unfinished_operations().front().id;

  FlowBench::OtherState other(bench);  // as a machine whose state file is lost
  for (const std::string& name : bench.inner.clusters()) {
    const EndOfRun end =
        bench.run(bench.plan("gate.open", {{"cluster", name}, {"operation", dead}}));
    EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  }
  EXPECT_TRUE(bench.inner.all_gates_open()) << bench.inner.diary_text();
  EXPECT_THAT(bench.inner.announced_gates(), IsEmpty());
}

TEST(OpenGate, RefusesAGateThatSomebodyElseClosed) {
  FlowBench bench;
  bench.bring_up();
  bench.inner.with("east", [](ClusterState& cluster) {
    cluster.token->gates = Json::array({{{"operation", "theirs"}}});
    cluster.read_only = true;
    for (auto& server : cluster.servers) server.read_only = true;
  });
  const Json before = bench.standing();
  Plan open;
  try {
    open = bench.plan("gate.open", {{"cluster", "east"}, {"operation", "ours"}});
  } catch (const Error&) {
    return;  // refused while planned: as good
  }
  const EndOfRun end = bench.run(open);
  EXPECT_EQ(end.state(), OperationState::reverted) << end.journal;
  EXPECT_EQ(bench.standing(), before);
}

}  // namespace
}  // namespace bdrmesh::flows
