// Comparing rows and definitions of a group: live, at a cut, wherever the daemon dies.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>

#include "flows/backup/gc_hold.h"
#include "flows/flow_bench.h"

namespace bdrmesh::flows {
namespace {

using fakes::ClusterState;
using fakes::Death;
using fakes::EndOfRun;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const TableName kOrders{"app", "orders"};

void fill(FlowBench& bench, int rows) {
  for (const std::string& name : bench.inner.clusters()) {
    bench.inner.with(name, [&](ClusterState& cluster) {
      for (int i = 1; i <= rows; ++i)
        cluster.rows[kOrders][std::to_string(i)] = "note " + std::to_string(i);
    });
  }
}

Json report_of(const FlowBench& bench, const EndOfRun& end) {
  for (const FactRecord& fact : bench.store->facts(end.operation)) {
    if (fact.name == "verification") return fact.value;
  }
  return Json();
}

Json run_rows(FlowBench& bench, const std::string& mode) {
  const EndOfRun end =
      bench.run(bench.plan("verify.rows", {{"mode", mode}, {"tables", {"app.orders"}}}));
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  return report_of(bench, end);
}

class VerifyRows : public testing::TestWithParam<std::string> {};

TEST_P(VerifyRows, EqualRowsAreProvenEqual) {
  FlowBench bench({"east", "west", "south"});
  bench.bring_up();
  fill(bench, 5000);
  const Json report = run_rows(bench, GetParam());
  EXPECT_EQ(report.at("verdict"), "equal") << report;
  EXPECT_EQ(report.at("rows"), 5000);
  EXPECT_TRUE(bench.inner.all_gates_open());
}

TEST_P(VerifyRows, RowsThatDifferAreNamedWithTheMajority) {
  FlowBench bench({"east", "west", "south"});
  bench.bring_up();
  fill(bench, 3000);
  bench.inner.with("west", [](ClusterState& cluster) {
    cluster.rows[kOrders]["77"] = "other";
    cluster.rows[kOrders].erase("2999");
  });
  const Json report = run_rows(bench, GetParam());
  EXPECT_EQ(report.at("verdict"), "differences");
  ASSERT_EQ(report.at("differences").size(), 2U) << report;
  std::map<std::string, Json> by_key;
  for (const Json& row : report.at("differences"))
    by_key[row.at("key").at(0).get<std::string>()] = row;
  EXPECT_EQ(by_key.at("77").at("majority"), Json::array({"east", "south"}));
  EXPECT_NE(by_key.at("77").at("hashes").at("west"), "");
  EXPECT_EQ(by_key.at("2999").at("hashes").at("west"), "");
}

INSTANTIATE_TEST_SUITE_P(Modes, VerifyRows, testing::Values("live", "snapshot"),
                         [](const auto& named) { return named.param; });

TEST(VerifyRowsLive, TouchesNoGateAndNoSetting) {
  FlowBench bench;
  bench.bring_up();
  fill(bench, 10);
  bench.inner.clear_diary();
  run_rows(bench, "live");
  EXPECT_THAT(bench.inner.diary(), IsEmpty()) << bench.inner.diary_text();
}

TEST(VerifyRowsLive, ALinkThatStandsLeavesWhatDiffersUnproven) {
  FlowBench bench;
  bench.bring_up();
  fill(bench, 10);
  bench.inner.with("west", [](ClusterState& cluster) { cluster.rows[kOrders]["3"] = "other"; });
  bench.inner.with_feed("east", "orders-east-to-west-1",
                        [](fakes::FeedState& feed) { feed.frozen = true; });
  const Json report = run_rows(bench, "live");
  EXPECT_EQ(report.at("verdict"), "incomplete") << report;
  EXPECT_THAT(report.at("not_proven").dump(), HasSubstr("east-to-west"));
}

TEST(VerifyRowsLive, ATableThatIsMissingSomewhereIsNotProven) {
  FlowBench bench;
  bench.bring_up();
  fill(bench, 10);
  const Plan plan = bench.plan("verify.rows", {{"tables", {"app.orders"}}});
  bench.inner.with("west", [](ClusterState& cluster) { cluster.tables.erase(kOrders); });
  const EndOfRun end = bench.run(plan);
  ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal;
  const Json report = report_of(bench, end);
  EXPECT_EQ(report.at("verdict"), "incomplete");
  EXPECT_THAT(report.at("not_proven").dump(), HasSubstr("west"));
}

TEST(VerifyRowsSnapshot, HoldsHistoryBeforeThePauseAndGivesItBack) {
  FlowBench bench;
  bench.bring_up();
  fill(bench, 10);
  bench.inner.clear_diary();
  const Json report = run_rows(bench, "snapshot");
  EXPECT_EQ(report.at("positions").size(), 2U);
  const std::string diary = bench.inner.diary_text();
  EXPECT_LT(diary.find("set_gc_life_time"), diary.find("set_super_read_only"));
  for (const char* name : {"east", "west"}) {
    EXPECT_EQ(bench.inner.look(name,
                               [](const ClusterState& cluster) {
                                 return cluster.variables.at("tidb_gc_life_time");
                               }),
              "10m0s");
  }
}

void die_everywhere(Death when) {
  for (std::int64_t n = 1;; ++n) {
    SCOPED_TRACE(describe(fakes::die(when, n)));
    FlowBench bench;
    bench.bring_up();
    fill(bench, 20);
    bench.inner.with("west", [](ClusterState& cluster) { cluster.rows[kOrders]["7"] = "other"; });
    const Json before = bench.standing();
    const Plan plan = bench.plan("verify.rows", {{"mode", "snapshot"}, {"tables", {"app.orders"}}});
    const bool died = bench.run_dying(plan, fakes::die(when, n));
    if (!died) {
      EXPECT_GT(n, 20) << "so few journal writes cannot be all";
      return;
    }
    const EndOfRun end = bench.run(plan);
    ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal;
    EXPECT_EQ(report_of(bench, end).at("differences").size(), 1U);
    EXPECT_TRUE(bench.inner.all_gates_open()) << end.journal;
    EXPECT_EQ(bench.standing(), before) << end.journal;
    if (testing::Test::HasFailure()) return;
  }
}

TEST(VerifyRowsSnapshot, FinishesWhereverTheDaemonDiesBeforeAWrite) {
  die_everywhere(Death::before_write);
}
TEST(VerifyRowsSnapshot, FinishesWhereverTheDaemonDiesAfterAWrite) {
  die_everywhere(Death::after_write);
}

TEST(VerifySchema, TellsDifferencesWithTheStatementThatHealsThem) {
  FlowBench bench;
  bench.bring_up();
  bench.inner.with("west", [](ClusterState& cluster) {
    cluster.tables[kOrders].keys.push_back("KEY `extra` (`id`)");
  });
  const EndOfRun end = bench.run(bench.plan("verify.schema"));
  ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal;
  const Json report = report_of(bench, end);
  EXPECT_EQ(report.at("verdict"), "differences");
  EXPECT_EQ(report.at("different"), 1);
  EXPECT_THAT(report.at("differences").at(0).at("heal").at("west").get<std::string>(),
              HasSubstr("DROP INDEX"));
}

TEST(VerifySchema, EqualDefinitionsAreEqual) {
  FlowBench bench;
  bench.bring_up();
  const EndOfRun end = bench.run(bench.plan("verify.schema"));
  EXPECT_EQ(report_of(bench, end).at("verdict"), "equal") << end.journal;
}

TEST(VerifySchema, ComparesViewsAndSequences) {
  FlowBench bench;
  bench.bring_up();
  const auto sequence = [](int start) {
    return "CREATE SEQUENCE `ids` start with " + std::to_string(start) +
           " minvalue 1 maxvalue 9223372036854775806 increment by 2 cache 1000 nocycle "
           "ENGINE=InnoDB";
  };
  const auto view = [](const std::string& select) {
    return "CREATE ALGORITHM=UNDEFINED DEFINER=`root`@`%` SQL SECURITY DEFINER VIEW `open_orders` "
           "(`id`) AS SELECT " +
           select;
  };
  bench.inner.with("east", [&](ClusterState& cluster) {
    cluster.objects = {{{"app", "ids"}, sequence(1)},
                       {{"app", "open_orders"}, view("1 AS `id`")},
                       {{"elsewhere", "v"}, view("1 AS `id`")}};
  });
  bench.inner.with("west", [&](ClusterState& cluster) {
    cluster.objects = {{{"app", "ids"}, sequence(2)}, {{"app", "open_orders"}, view("2 AS `id`")}};
  });
  const EndOfRun end = bench.run(bench.plan("verify.schema"));
  ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal;
  const Json report = report_of(bench, end);
  EXPECT_EQ(report.at("verdict"), "differences");
  EXPECT_EQ(report.at("objects"), 2);
  ASSERT_EQ(report.at("differences").size(), 1U) << report;
  EXPECT_EQ(report.at("differences").at(0).at("table"), "app.open_orders");
  EXPECT_THAT(report.at("differences").at(0).at("heal").at("west").get<std::string>(),
              HasSubstr("USE `app`; CREATE OR REPLACE"));
  ASSERT_EQ(report.at("legitimate").size(), 2U) << report;
  EXPECT_EQ(report.at("legitimate").at(0).at("what"), "sequence numbers");
  EXPECT_EQ(report.at("legitimate").at(1).at("what"), "sequence value");
}

TEST(GoDurations, AreReadAsTidbPrintsThem) {
  EXPECT_EQ(go_duration("10m0s"), Millis{600000});
  EXPECT_EQ(go_duration("1h30m0s"), Millis{5400000});
  EXPECT_EQ(go_duration("1.5h"), Millis{5400000});
  EXPECT_EQ(go_duration("300ms"), Millis{300});
  EXPECT_EQ(go_duration("ten"), std::nullopt);
  EXPECT_EQ(to_go_duration(Millis{86400000}), "24h0m0s");
}

}  // namespace
}  // namespace bdrmesh::flows
