// What of verification is for a pair of primary and secondary, and what is not.
#include <gmock/gmock.h>

#include "flows/dr/pair_bench.h"

namespace bdrmesh::flows {
namespace {

using fakes::ClusterState;
using fakes::Death;
using fakes::EndOfRun;
using ::testing::HasSubstr;

const TableName kOrders{"app", "orders"};

void fill(PairBench& bench) {
  for (const char* name : {"north", "dr"}) {
    bench.inner.with(name, [](ClusterState& cluster) {
      for (int i = 1; i <= 3000; ++i)
        cluster.rows[kOrders][std::to_string(i)] = "note " + std::to_string(i);
    });
  }
}

Json verification_of(const PairBench& bench, const EndOfRun& end) {
  for (const FactRecord& fact : bench.store->facts(end.operation)) {
    if (fact.name == "verification") return fact.value;
  }
  return Json();
}

Json rows_in(const std::string& mode) { return {{"mode", mode}, {"tables", {"app.orders"}}}; }

class VerifyPair : public testing::TestWithParam<std::string> {};

TEST_P(VerifyPair, EqualRowsAreProvenEqual) {
  PairBench bench;
  fill(bench);
  const Json before = bench.standing_pair();
  const EndOfRun end = bench.run(bench.plan("verify.rows", rows_in(GetParam())));
  ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_EQ(verification_of(bench, end).at("verdict"), "equal") << end.journal;
  EXPECT_EQ(bench.standing_pair(), before) << Json::diff(before, bench.standing_pair());
}

TEST_P(VerifyPair, FindsTheRowThatTheSecondaryLacks) {
  PairBench bench;
  fill(bench);
  bench.inner.with("dr", [](ClusterState& cluster) { cluster.rows[kOrders].erase("777"); });
  const Json before = bench.standing_pair();
  const EndOfRun end = bench.run(bench.plan("verify.rows", rows_in(GetParam())));
  const Json report = verification_of(bench, end);
  EXPECT_EQ(report.at("verdict"), "differences") << report;
  ASSERT_EQ(report.at("differences").size(), 1U) << report;
  EXPECT_EQ(report.at("differences").at(0).at("key").at(0), "777");
  EXPECT_EQ(bench.standing_pair(), before) << Json::diff(before, bench.standing_pair());
}

INSTANTIATE_TEST_SUITE_P(Modes, VerifyPair, testing::Values("live", "syncpoint"),
                         [](const auto& mode) { return mode.param; });

TEST(VerifyPairAtASyncpoint, ReadsBothAtThePairThatTiCdcLeft) {
  PairBench bench;
  fill(bench);
  const EndOfRun end = bench.run(bench.plan("verify.rows", rows_in("syncpoint")));
  const Json report = verification_of(bench, end);
  const auto pairs = bench.inner.read_point(ClusterName("dr")).newest_syncpoints({});
  ASSERT_EQ(pairs.size(), 1U);
  EXPECT_EQ(report.at("mode"), "syncpoint");
  EXPECT_LE(parse_tso(report.at("positions").at("north").get<std::string>()), pairs[0].primary);
  EXPECT_LE(parse_tso(report.at("positions").at("dr").get<std::string>()), pairs[0].secondary);
}

TEST(VerifyPairAtASyncpoint, SaysWhenTheFeedWritesNone) {
  PairBench bench;
  fill(bench);
  bench.inner.with("dr", [](ClusterState& cluster) {
    cluster.syncpoints = false;
    cluster.synced.clear();
  });
  const Json before = bench.standing_pair();
  const EndOfRun end = bench.run(bench.plan("verify.rows", rows_in("syncpoint")));
  EXPECT_EQ(end.state(), OperationState::reverted) << end.journal;
  EXPECT_THAT(end.journal, HasSubstr("NO_SYNCPOINT"));
  EXPECT_EQ(bench.standing_pair(), before) << Json::diff(before, bench.standing_pair());
}

TEST(VerifyPairAtASyncpoint, FinishesWhereverTheDaemonDies) {
  const auto writes = [] {
    PairBench bench;
    fill(bench);
    return bench.run(bench.plan("verify.rows", rows_in("syncpoint"))).writes;
  }();
  ASSERT_GT(writes, 5);
  for (const Death when : {Death::before_write, Death::after_write}) {
    for (std::int64_t n = 1; n <= writes; ++n) {
      SCOPED_TRACE(std::to_string(static_cast<int>(when)) + " " + std::to_string(n));
      PairBench bench;
      fill(bench);
      const Json before = bench.standing_pair();
      const Plan plan = bench.plan("verify.rows", rows_in("syncpoint"));
      bench.run_dying(plan, {when, n});
      const EndOfRun end = bench.run(plan);
      EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
      EXPECT_EQ(bench.standing_pair(), before) << Json::diff(before, bench.standing_pair());
    }
  }
}

std::string refusal_of(FlowBench& bench, const std::string& kind, const Json& args) {
  try {
    bench.plan(kind, args);
  } catch (const Error& e) {
    EXPECT_FALSE(e.remedy().empty());
    return e.code();
  }
  return "planned";
}

TEST(VerifyPairRefuses, WhatIsForMeshes) {
  PairBench bench;
  EXPECT_EQ(refusal_of(bench, "verify.rows", rows_in("snapshot")), "SNAPSHOT_OF_A_PAIR");
  EXPECT_EQ(refusal_of(bench, "group.stop", {{"open", {"all"}}}), "STOP_OF_A_PAIR");
  bench.desired.groups.front().syncpoint_interval.reset();
  EXPECT_EQ(refusal_of(bench, "verify.rows", rows_in("syncpoint")), "NO_SYNCPOINTS");
}

TEST(VerifyPairRefuses, SyncpointsOfAMesh) {
  FlowBench bench;
  bench.bring_up();
  EXPECT_EQ(refusal_of(bench, "verify.rows", rows_in("syncpoint")), "SYNCPOINT_OF_A_MESH");
}

}  // namespace
}  // namespace bdrmesh::flows
