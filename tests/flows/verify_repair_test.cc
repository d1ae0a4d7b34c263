// From differences to a reviewed file to rows that are alike again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "fakes/fake_rows.h"
#include "flows/flow_bench.h"

namespace bdrmesh::flows {
namespace {

using fakes::ClusterState;
using fakes::Death;
using fakes::EndOfRun;
using testing::HasSubstr;

const TableName kOrders{"app", "orders"};

void put(FlowBench& bench, const std::string& cluster, const std::string& key,
         const std::string& text) {
  bench.inner.with(cluster, [&](ClusterState& state) {
    if (text.empty()) {
      state.rows[kOrders].erase(key);
    } else {
      state.rows[kOrders][key] = text;
    }
  });
}

std::string row(const FlowBench& bench, const std::string& cluster, const std::string& key) {
  return bench.inner.look(cluster, [&](const ClusterState& state) {
    const auto table = state.rows.find(kOrders);
    if (table == state.rows.end() || !table->second.contains(key)) return std::string();
    return table->second.at(key);
  });
}

Json fact_of(const FlowBench& bench, const EndOfRun& end, const std::string& name) {
  for (const FactRecord& fact : bench.store->facts(end.operation)) {
    if (fact.name == name) return fact.value;
  }
  return Json();
}

/// East has rows 1 and 2; west has another row 1, no row 2, and a row 3 of its own.
void make_different(FlowBench& bench) {
  bench.bring_up();
  put(bench, "east", "1", "right");
  put(bench, "east", "2", "lost");
  put(bench, "west", "1", "wrong");
  put(bench, "west", "3", "too much");
}

Json draft(FlowBench& bench, const std::string& right) {
  const EndOfRun seen = bench.run(bench.plan("verify.rows", {{"tables", {"app.orders"}}}));
  const Json report = fact_of(bench, seen, "verification");
  EXPECT_EQ(report.at("different"), 3) << seen.journal;
  const EndOfRun end =
      bench.run(bench.plan("repair.plan", {{"right", right}, {"rows", report.at("differences")}}));
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  return fact_of(bench, end, "repair");
}

void expect_as_east(const FlowBench& bench, const std::string& journal) {
  for (const char* key : {"1", "2", "3"})
    EXPECT_EQ(row(bench, "west", key), row(bench, "east", key)) << key << "\n" << journal;
  EXPECT_EQ(row(bench, "east", "1"), "right");
}

TEST(Repair, ADraftChangesNothingAndSaysTheSqlBothWays) {
  FlowBench bench;
  make_different(bench);
  const Json file = draft(bench, "east");
  ASSERT_EQ(file.at("rows").size(), 3U) << file;
  EXPECT_EQ(row(bench, "west", "1"), "wrong");
  const std::string text = file.dump();
  EXPECT_THAT(text, HasSubstr("INSERT INTO"));
  EXPECT_THAT(text, HasSubstr("UPDATE"));
  EXPECT_THAT(text, HasSubstr("DELETE FROM"));
}

TEST(Repair, MakesRowsAsTheRightMemberHasThem) {
  FlowBench bench;
  make_different(bench);
  const Json file = draft(bench, "east");
  const EndOfRun end = bench.run(bench.plan("repair.apply", {{"file", file}, {"deletes", 1}}));
  ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_EQ(fact_of(bench, end, "verification").at("verdict"), "equal");
  expect_as_east(bench, end.journal);
  EXPECT_THAT(bench.inner.diary_text(), HasSubstr("source 1")) << "or it would echo";
}

TEST(Repair, DeletesNothingThatWasNotConfirmed) {
  FlowBench bench;
  make_different(bench);
  const Json file = draft(bench, "east");
  try {
    bench.plan("repair.apply", {{"file", file}, {"deletes", 0}});
    FAIL() << "was planned";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), "DELETES_NOT_CONFIRMED");
  }
}

TEST(Repair, LeavesARowAloneThatChangedSinceTheDraft) {
  FlowBench bench;
  make_different(bench);
  const Json file = draft(bench, "east");
  put(bench, "west", "1", "newer");
  const EndOfRun end = bench.run(bench.plan("repair.apply", {{"file", file}, {"deletes", 1}}));
  ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_EQ(row(bench, "west", "1"), "newer");
  const Json report = fact_of(bench, end, "verification");
  EXPECT_EQ(report.at("different"), 1);
  EXPECT_EQ(report.at("not_written").at(0).at("outcome"), "stale");
}

TEST(Repair, AMajorityOfTwoIsNone) {
  FlowBench bench;
  make_different(bench);
  const Json file = draft(bench, "majority");
  EXPECT_EQ(file.at("rows").size(), 0U);
  EXPECT_EQ(file.at("left_out").size(), 3U);
}

TEST(Repair, FinishesWhereverTheDaemonDies) {
  for (const Death when : {Death::before_write, Death::after_write}) {
    for (std::int64_t n = 1;; ++n) {
      SCOPED_TRACE(describe(fakes::die(when, n)));
      FlowBench bench;
      make_different(bench);
      const Plan plan =
          bench.plan("repair.apply", {{"file", draft(bench, "east")}, {"deletes", 1}});
      if (!bench.run_dying(plan, fakes::die(when, n))) break;
      const EndOfRun end = bench.run(plan);
      ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal;
      expect_as_east(bench, end.journal);
      EXPECT_EQ(fact_of(bench, end, "verification").at("verdict"), "equal") << end.journal;
    }
  }
}

}  // namespace
}  // namespace bdrmesh::flows
