// Changing which tables a mesh carries: cut, proofs, new changefeeds, wherever the daemon dies.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "fakes/fake_ddl.h"
#include "flows/flow_bench.h"

namespace bdrmesh::flows {
namespace {

using fakes::ClusterState;
using fakes::Death;
using fakes::EndOfRun;
using fakes::FeedState;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const TableName kInvoices{"billing", "invoices"};

/// Whoever may use schema app may use billing too.
void grant_billing(ClusterState& cluster) {
  const auto grant = [](std::vector<std::string>& lines) {
    const std::vector<std::string> before = lines;
    for (std::string line : before) {
      const std::size_t at = line.find("`app`");
      if (at != std::string::npos) lines.push_back(line.replace(at, 5, "`billing`"));
    }
  };
  grant(cluster.own_grants);
  for (auto& [user, lines] : cluster.grants) grant(lines);
}

/// app.* is carried; billing.invoices is on every member, with the same rows, and is wanted too.
struct Scene {
  FlowBench bench{{"east", "west", "south"}};

  Scene() {
    bench.bring_up();
    for (const std::string& name : bench.inner.clusters()) {
      bench.inner.with(name, [](ClusterState& cluster) {
        cluster.schemas.insert("billing");
        grant_billing(cluster);
        cluster.tables[kInvoices] = cluster.tables.at({"app", "orders"});
        cluster.tables[kInvoices].id = cluster.next_table_id++;
        for (int i = 1; i <= 200; ++i)
          cluster.rows[kInvoices][std::to_string(i)] = "invoice " + std::to_string(i);
      });
    }
    want({"app.*", "billing.*"});
  }

  void want(std::vector<std::string> tables) {
    bench.desired.groups.front().tables = std::move(tables);
  }
  Plan add() { return bench.plan("group.tables", {{"add", {"billing.*"}}}); }
  Error refusal(const std::string& kind, const Json& args) {
    try {
      (void)bench.plan(kind, args);
    } catch (const Error& e) {
      return e;
    }
    return {ErrorKind::bug, "NOTHING_THROWN", ""};
  }
  std::vector<std::string> feeds(const std::string& origin) const {
    return bench.inner.look(origin, [](const ClusterState& cluster) {
      std::vector<std::string> all;
      for (const auto& [id, feed] : cluster.feeds) {
        std::string rules;
        for (const Json& rule : feed.detail.config.at("filter").at("rules"))
          rules += " " + rule.get<std::string>();
        all.push_back(id + " " + feed.detail.state + rules);
      }
      return all;
    });
  }
  Json report(const EndOfRun& end, const std::string& fact = "verification") const {
    for (const FactRecord& one : bench.store->facts(end.operation)) {
      if (one.name == fact) return one.value;
    }
    return Json();
  }
  void expect_old_feeds() const {
    EXPECT_THAT(feeds("east"), ElementsAre("orders-east-to-south-1 normal app.* bdrmesh.*",
                                           "orders-east-to-west-1 normal app.* bdrmesh.*"));
  }
  void expect_changed(const EndOfRun& end) const {
    ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal << bench.inner.diary_text();
    EXPECT_THAT(feeds("east"),
                ElementsAre("orders-east-to-south-2 normal app.* billing.* bdrmesh.*",
                            "orders-east-to-west-2 normal app.* billing.* bdrmesh.*"))
        << end.journal;
    EXPECT_TRUE(bench.inner.all_gates_open()) << end.journal;
    EXPECT_THAT(bench.inner.announced_gates(), IsEmpty()) << end.journal;
    for (const LinkIncarnation& one : bench.book.incarnations(GroupName("orders"))) {
      EXPECT_EQ(one.removed, one.number == 1) << one.changefeed.value();
      EXPECT_FALSE(gap_before(bench.book.incarnations(GroupName("orders")), one.changefeed));
      EXPECT_TRUE(one.removed || one.proven_at) << one.changefeed.value();
    }
    expect_no_hazard(bench, end.journal);
  }
};

struct GroupTables : ::testing::Test, Scene {};

TEST_F(GroupTables, AddHandsEveryLinkOverToAChangefeedWithTheNewRules) {
  const EndOfRun end = bench.run(add());
  expect_changed(end);
  EXPECT_EQ(report(end).at("verdict"), "equal") << end.journal;
  EXPECT_EQ(report(end).at("rows"), 200);
  EXPECT_EQ(report(end, "verification_before").at("verdict"), "equal");
}

TEST_F(GroupTables, NewFeedsBeginWhereTheOldOnesStoppedSoThatNothingIsDeliveredTwice) {
  const EndOfRun end = bench.run(add());
  ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal;
  for (const LinkIncarnation& one : bench.book.incarnations(GroupName("orders"))) {
    if (one.removed) continue;
    for (const FactRecord& fact : bench.store->facts(end.operation)) {
      if (fact.name == "position" && fact.scope == to_string(one.link)) {
        EXPECT_EQ(fact.value.at("tso"), to_string(one.start));
      }
      if (fact.name == "fence" && fact.scope == one.link.from.value()) {
        EXPECT_GT(one.start, parse_tso(fact.value.at("tso").get<std::string>()));
      }
    }
  }
}

TEST_F(GroupTables, GatesAreClosedOnlyAfterTheTablesWereFoundEqual) {
  bench.inner.with("west", [](ClusterState& cluster) { cluster.rows[kInvoices]["7"] = "other"; });
  const Json before = bench.standing();
  const EndOfRun end = bench.run(add());
  expect_reverted(bench, end, before);
  EXPECT_EQ(end.record.error_code, "TABLES_DIFFER") << end.journal;
  EXPECT_THAT(end.journal, HasSubstr("billing.invoices"));
  expect_old_feeds();
  for (const fakes::Act& act : bench.inner.diary()) EXPECT_NE(act.what, "close") << act.detail;
  EXPECT_EQ(report(end, "verification_before").at("different"), 1);
}

TEST_F(GroupTables, ATableThatIsDefinedOtherwiseSomewhereIsRefused) {
  bench.inner.with("south",
                   [](ClusterState& cluster) { cluster.tables.at(kInvoices).columns.pop_back(); });
  const Json before = bench.standing();
  const EndOfRun end = bench.run(add());
  expect_reverted(bench, end, before);
  expect_old_feeds();
}

TEST_F(GroupTables, ATableThatIsMissingSomewhereIsRefused) {
  bench.inner.with("south", [](ClusterState& cluster) { cluster.tables.erase(kInvoices); });
  const Json before = bench.standing();
  expect_reverted(bench, bench.run(add()), before);
  expect_old_feeds();
}

TEST_F(GroupTables, RowsThatChangeBetweenTheComparisonsAreFoundByTheLastOne) {
  fakes::Fault late;
  late.cluster = "west";
  late.method = "ticdc.create";
  late.before = [&] {
    bench.inner.with("west", [](ClusterState& cluster) { cluster.rows[kInvoices]["9"] = "late"; });
  };
  bench.world.arm(late);
  const EndOfRun end = bench.run(add());
  bench.world.disarm();
  expect_changed(end);
  EXPECT_EQ(report(end).at("verdict"), "differences") << end.journal;
  EXPECT_EQ(report(end).at("different"), 1);
}

TEST_F(GroupTables, RemoveLeavesTheTablesEqualAndCarriesThemNoMore) {
  ASSERT_EQ(bench.run(add()).state(), OperationState::succeeded);
  want({"app.*"});
  const FlowBench::OtherState another(bench);
  const EndOfRun end = bench.run(bench.plan("group.tables", {{"remove", {"billing.*"}}}));
  ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_THAT(feeds("west"), ElementsAre("orders-west-to-east-3 normal app.* bdrmesh.*",
                                         "orders-west-to-south-3 normal app.* bdrmesh.*"));
  EXPECT_TRUE(bench.inner.all_gates_open());
  expect_no_hazard(bench, end.journal);
}

TEST_F(GroupTables, AnEmptyRuleNeedsNoComparison) {
  want({"app.*", "later.*"});
  const Plan plan = bench.plan("group.tables", {{"add", {"later.*"}}});
  for (const PlannedStage& stage : plan.stages)
    for (const PlannedStep& step : stage.steps) EXPECT_NE(step.type, "compare_rows");
  EXPECT_EQ(bench.run(plan).state(), OperationState::succeeded);
}

TEST_F(GroupTables, WhatIsNamedMustBeWhatTheConfigurationChanges) {
  EXPECT_EQ(refusal("group.tables", {{"add", {"other.*"}}}).code(), "TABLES_NOT_NAMED");
  EXPECT_EQ(refusal("group.tables", {{"remove", {"billing.*"}}}).code(), "TABLES_NOT_NAMED");
  EXPECT_EQ(refusal("group.tables", Json::object()).code(), "TABLES_NOT_NAMED");
  EXPECT_EQ(refusal("group.tables", {{"add", {"other.*"}}}).remedy(),
            "bdrmesh group tables add orders 'billing.*'");
  want({"billing.*"});
  EXPECT_EQ(refusal("group.tables", {{"add", {"billing.*"}}}).remedy(),
            "bdrmesh group tables add orders 'billing.*' --remove 'app.*'");
  want({"app.*"});
  EXPECT_EQ(refusal("group.tables", {{"add", {"billing.*"}}}).code(), "TABLES_AS_WANTED");
}

TEST_F(GroupTables, UntilThenNothingElseMakesAChangefeedWithTheNewRules) {
  const Json link{{"from", "east"}, {"to", "west"}};
  Json replace = link;
  replace["replace"] = true;
  EXPECT_EQ(refusal("link.repair", replace).code(), "TABLES_CHANGED");
  EXPECT_THAT(refusal("link.repair", replace).remedy(),
              HasSubstr("bdrmesh group tables add orders 'billing.*'"));
  bench.inner.with_feed("east", "orders-east-to-west-1",
                        [](FeedState& feed) { feed.detail.config["bdr_mode"] = false; });
  EXPECT_EQ(refusal("link.repair", link).code(), "TABLES_CHANGED");
  EXPECT_EQ(refusal("group.apply", Json::object()).code(), "DRIFT");
  EXPECT_EQ(refusal("group.tables", {{"add", {"billing.*"}}}).code(), "DRIFT");
}

TEST_F(GroupTables, ALinkThatCannotBeMadeUndoesEverything) {
  const Json before = bench.standing();
  fakes::Fault fault;
  fault.cluster = "south";
  fault.method = "ticdc.create";
  fault.effect = fakes::Effect::refuse;
  bench.world.arm(fault);
  const EndOfRun end = bench.run(add());
  bench.world.disarm();
  expect_reverted(bench, end, before);
  expect_old_feeds();
}

/// Every tenth write, before or after it; the generated tests of every kind have all of them.
TEST_F(GroupTables, FinishesWhereverTheDaemonDies) {
  static constexpr int kStride = 10;
  int finished = 0;
  for (const Death when : {Death::before_write, Death::after_write}) {
    for (int nth = when == Death::before_write ? 1 : kStride / 2;; nth += kStride) {
      SCOPED_TRACE(std::to_string(static_cast<int>(when)) + " " + std::to_string(nth));
      Scene fresh;
      const Plan planned = fresh.add();
      if (!fresh.bench.run_dying(planned, {when, nth})) break;
      fresh.expect_changed(fresh.bench.run(planned));
      ++finished;
      if (::testing::Test::HasFailure()) return;
    }
  }
  EXPECT_GT(finished, 8);
}

}  // namespace
}  // namespace bdrmesh::flows
