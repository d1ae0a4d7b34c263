// Sessions that a refused COMMIT leaves inside a transaction are named, or ended, once the gates
// are open again.
#include "flows/gate/left_transactions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "flows/flow_bench.h"

namespace bdrmesh::flows {
namespace {

using fakes::EndOfRun;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::uint64_t kLeft = 77;

struct LeftTransactionsTest : ::testing::Test {
  FlowBench bench;

  /// While the change runs behind closed gates, a COMMIT of the shop is refused on west.
  void refuse_a_commit_in_the_pause() {
    bench.inner.with("west", [this](fakes::ClusterState& west) {
      west.before_ddl = [this, &west](const std::string& sql, const DdlSession&) {
        if (sql.find(kDropNote) == std::string::npos || !west.transactions.empty()) return;
        OpenTransaction left;
        left.instance = "west-tidb-1:10080";
        left.session_id = kLeft;
        left.user = "shop";
        left.state = "Idle";
        left.started = "in the pause";
        left.start_ts = Tso(static_cast<std::uint64_t>(to_millis(bench.clock.now())) << 18U);
        west.transactions.push_back({left, -1});
      };
    });
  }

  std::vector<std::string> events(const EndOfRun& end) const {
    std::vector<std::string> all;
    for (const EventRecord& event : bench.store->operation_events(end.operation))
      all.push_back(event.severity + ": " + event.text);
    return all;
  }

  Json found(const EndOfRun& end) const {
    for (const FactRecord& fact : bench.store->facts(end.operation)) {
      if (fact.name == "left_transactions" && fact.scope == "west") return fact.value;
    }
    return {};
  }

  std::size_t left_on_west() const {
    return bench.inner.look(
        "west", [](const fakes::ClusterState& west) { return west.transactions.size(); });
  }
};

TEST_F(LeftTransactionsTest, AreNamedWithWhatToDo) {
  bench.bring_up();
  refuse_a_commit_in_the_pause();
  const EndOfRun end = bench.run(bench.paused_ddl());
  ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_THAT(events(end), Contains(AllOf(HasSubstr("session 77 of user 'shop'"),
                                          HasSubstr("KILL TIDB 77"), HasSubstr("ROLLBACK"))));
  EXPECT_EQ(found(end).at("count"), 1) << end.journal;
  EXPECT_EQ(found(end).at("killed"), 0);
  EXPECT_EQ(left_on_west(), 1U);
}

TEST_F(LeftTransactionsTest, AreEndedWhenAsked) {
  bench.bring_up();
  refuse_a_commit_in_the_pause();
  const EndOfRun end = bench.run(
      bench.plan("ddl.run", {{"script", kDropNote}, {"strategy", "paused"}, {"kill", true}}));
  ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_EQ(found(end).at("killed"), 1) << end.journal;
  EXPECT_EQ(left_on_west(), 0U);
}

TEST_F(LeftTransactionsTest, ALookThatFailsHoldsNothingUp) {
  bench.bring_up();
  refuse_a_commit_in_the_pause();
  bench.inner.with("east", [this](fakes::ClusterState& east) {
    east.before_ddl = [this](const std::string& sql, const DdlSession&) {
      if (sql.find(kDropNote) == std::string::npos) return;
      fakes::Fault fault;
      fault.method = "tidb.look_at_transactions";
      fault.from_then_on = true;
      fault.effect = fakes::Effect::transient;
      bench.world.arm(fault);
    };
  });
  const EndOfRun end = bench.run(bench.paused_ddl());
  ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_TRUE(found(end).contains("unknown")) << found(end);
}

TEST(BegunInThePause, LeavesOutWhoCameBeforeOrAfterAndOurOwn) {
  const auto at = [](std::int64_t ms) { return Tso(static_cast<std::uint64_t>(ms) << 18U); };
  TransactionLook look;
  for (const std::int64_t ms : {900, 1000, 1500, 2000, 2001}) {
    OpenTransaction row;
    row.session_id = static_cast<std::uint64_t>(ms);
    row.user = "shop";
    row.start_ts = at(ms);
    look.rows.push_back(row);
  }
  look.rows.push_back(look.rows.at(2));
  look.rows.back().user = "cdc_east";
  const auto left =
      begun_in_the_pause(look, {"bdrmesh", "cdc_east"}, from_millis(1000), from_millis(2000));
  ASSERT_EQ(left.size(), 3U);
  EXPECT_EQ(left.front().session_id, 1000U);
  EXPECT_EQ(left.back().session_id, 2000U);
}

}  // namespace
}  // namespace bdrmesh::flows
