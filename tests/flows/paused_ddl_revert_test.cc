// The paused DDL gives up before its line: whatever fails, everything is as before.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "fakes/fake_ddl.h"
#include "flows/flow_bench.h"

namespace bdrmesh::flows {
namespace {

using fakes::ClusterState;
using fakes::Effect;
using fakes::EndOfRun;
using fakes::Fault;
using ::testing::AnyOf;
using ::testing::HasSubstr;

struct PausedDdlRevert : ::testing::Test {
  FlowBench bench;
  Plan plan;
  Json before;

  void SetUp() override {
    bench.bring_up();
    plan = bench.paused_ddl();
    before = bench.standing();
  }

  EndOfRun run_reverted(const std::string& code) {
    EndOfRun end = bench.run(plan);
    expect_reverted(bench, end, before);
    EXPECT_EQ(end.record.error_code, code) << end.journal;
    for (const std::string& name : bench.inner.clusters())
      EXPECT_EQ(bench.inner.times_applied(name, kDropNote), 0);
    return end;
  }

  /// Calls `act` just before the nth call of that method.
  void before_call(const std::string& cluster, const std::string& method, int nth,
                   std::function<void()> act) {
    Fault fault;
    fault.cluster = cluster;
    fault.method = method;
    fault.nth = nth;
    fault.before = std::move(act);
    bench.world.arm(fault);
  }

  void from_then_on(const std::string& cluster, const std::string& method, int nth, Effect effect) {
    Fault fault;
    fault.cluster = cluster;
    fault.method = method;
    fault.nth = nth;
    fault.effect = effect;
    fault.from_then_on = true;
    bench.world.arm(fault);
  }

  void with(const std::string& name, const std::function<void(ClusterState&)>& change) {
    bench.inner.with(name, change);
  }
};

// --- one per stage before the line

TEST_F(PausedDdlRevert, WhenSomebodyElsesDdlIsUnderWay) {
  with("west", [](ClusterState& cluster) {
    DdlJob job;
    job.id = 999;
    job.state = "running";
    cluster.jobs.push_back(job);
  });
  EXPECT_THAT(run_reverted("DDL_RUNNING").record.error_text, HasSubstr("999"));
}

TEST_F(PausedDdlRevert, WhenALinkIsStopped) {
  bench.inner.with_feed("east", "orders-east-to-west-1",
                        [](fakes::FeedState& feed) { feed.detail.state = "stopped"; });
  before = bench.standing();
  run_reverted("LINK_HALTED");
}

TEST_F(PausedDdlRevert, WhenTheRoleCannotBeTakenOff) {
  from_then_on("west", "tidb.set_bdr_role", 1, Effect::refuse);
  // Only the change is refused: putting the role back finds it unchanged.
  run_reverted("FAKE_REFUSED");
}

TEST_F(PausedDdlRevert, WhenTheRehearsalFails) {
  with("west", [](ClusterState& cluster) {
    cluster.before_ddl = [](const std::string& sql, const DdlSession&) {
      if (fakes::normalized(sql).rfind("ALTER", 0) != 0) return;
      throw Error(ErrorKind::invalid, "DDL_REFUSED",
                  "1091: Can't DROP 'old_note'; check that column/key exists");
    };
  });
  run_reverted("REHEARSAL_FAILED");
}

TEST_F(PausedDdlRevert, WhenTheDdlJobsCannotBeRead) {
  // The look of `note_ddl_jobs` comes after those of the queue and of the roles.
  from_then_on("east", "tidb.ddl_jobs", 4, Effect::refuse);
  run_reverted("FAKE_REFUSED");
}

TEST_F(PausedDdlRevert, WhenTheGateCannotBeClosed) {
  Fault fault;
  fault.cluster = "west";
  fault.method = "tidb.set_super_read_only";
  fault.effect = Effect::refuse;
  bench.world.arm(fault);
  run_reverted("FAKE_REFUSED");
}

TEST_F(PausedDdlRevert, WhenAServerNeverSaysThatItIsClosed) {
  with("west", [](ClusterState& cluster) { cluster.servers[1].late_looks = 1 << 20; });
  run_reverted("PAUSE_BUDGET_SPENT");
}

TEST_F(PausedDdlRevert, WhenAGateIsOpenedBeforeAllServersWereSeenClosed) {
  Fault opened;
  opened.cluster = "west";
  opened.method = "tidb.set_super_read_only";
  opened.after = [this] {
    with("west", [](ClusterState& cluster) {
      cluster.read_only = false;
      for (auto& server : cluster.servers) server.read_only = false;
    });
  };
  bench.world.arm(opened);
  EXPECT_THAT(run_reverted("GATE_OPENED_BY_OTHER").record.error_text, HasSubstr("west"));
}

TEST_F(PausedDdlRevert, WhenATransactionDoesNotEnd) {
  OpenTransaction open;
  open.instance = "east-tidb-2:10080";
  open.session_id = 4711;
  open.user = "batch";
  open.state = "Running";
  bench.inner.open_transaction("east", open, -1);
  run_reverted("PAUSE_BUDGET_SPENT");
}

TEST_F(PausedDdlRevert, WhenTheListOfTransactionsIsNotComplete) {
  with("east", [](ClusterState& cluster) { cluster.servers[1].trx_blind = true; });
  run_reverted("PAUSE_BUDGET_SPENT");
}

TEST_F(PausedDdlRevert, WhenNoFenceCanBeTaken) {
  // The first TSOs are those of the lags.
  before_call("west", "tidb.set_super_read_only", 1,
              [this] { from_then_on("west", "tidb.current_tso", 1, Effect::refuse); });
  run_reverted("FAKE_REFUSED");
}

TEST_F(PausedDdlRevert, WhenNoMarkerCanBeWritten) {
  from_then_on("east", "tidb.write_marker", 1, Effect::refuse);
  run_reverted("FAKE_REFUSED");
}

TEST_F(PausedDdlRevert, WhenAFeedStandsInsideThePause) {
  before_call("east", "tidb.set_super_read_only", 1, [this] {
    bench.inner.with_feed("east", "orders-east-to-west-1",
                          [](fakes::FeedState& feed) { feed.frozen = true; });
  });
  run_reverted("PAUSE_BUDGET_SPENT");
}

TEST_F(PausedDdlRevert, WhenAFeedFailsInsideThePause) {
  before_call("east", "tidb.set_super_read_only", 1, [this] {
    bench.inner.with_feed("east", "orders-east-to-west-1", [](fakes::FeedState& feed) {
      feed.detail.state = "failed";
      feed.detail.error = FeedError{"CDC:ErrGCTTLExceeded", "too late", ""};
    });
  });
  const EndOfRun end = bench.run(plan);
  EXPECT_EQ(end.record.error_code, "LINK_HALTED");
  EXPECT_EQ(end.state(), OperationState::reverted) << end.journal;
  EXPECT_TRUE(bench.inner.all_gates_open());
}

TEST_F(PausedDdlRevert, WhenTheGateDoesNotLetTheSinkPass) {
  with("west", [](ClusterState& cluster) { cluster.exempt_users.erase("cdc_east"); });
  run_reverted("PAUSE_BUDGET_SPENT");
}

TEST_F(PausedDdlRevert, WhenTheDdlFailsOnEveryCluster) {
  for (const char* name : {"east", "west"}) {
    with(name, [](ClusterState& cluster) {
      cluster.before_ddl = [](const std::string& sql, const DdlSession& session) {
        if (fakes::schema_of(sql, session) == "app")
          throw Error(ErrorKind::invalid, "DDL_REFUSED", "8200: Unsupported drop column");
      };
    });
  }
  run_reverted("DDL_REFUSED");
}

// --- the world moves in the middle

TEST_F(PausedDdlRevert, WhenSomebodyOpensTheGateInTheMiddle) {
  before_call("east", "tidb.write_marker", 1, [this] {
    with("west", [](ClusterState& cluster) {
      cluster.read_only = false;
      for (auto& server : cluster.servers) server.read_only = false;
    });
  });
  EXPECT_THAT(run_reverted("GATE_OPENED_BY_OTHER").record.error_text, HasSubstr("west"));
}

TEST_F(PausedDdlRevert, WhenSomebodySetsARoleInTheMiddle) {
  before_call("east", "tidb.write_marker", 1,
              [this] { with("west", [](ClusterState& cluster) { cluster.role = "secondary"; }); });
  run_reverted("ROLE_SET_BY_OTHER");
}

TEST_F(PausedDdlRevert, WhenSomebodyChangesTheTableInTheMiddle) {
  before_call("east", "tidb.write_marker", 1, [this] {
    with("west", [](ClusterState& cluster) {
      DdlJob job;
      job.id = cluster.next_job_id++;
      job.schema = "app";
      job.table = "orders";
      job.state = "synced";
      cluster.jobs.push_back(job);
    });
  });
  run_reverted("FOREIGN_DDL");
}

TEST_F(PausedDdlRevert, WhenAWriterAppearsAtTheLine) {
  // After the drain of east has looked and before its sweep does.
  before_call("east", "tidb.write_marker", 1, [this] {
    OpenTransaction open;
    open.instance = "east-tidb-1:10080";
    open.session_id = 12;
    open.user = "ttl";
    open.state = "Running";
    bench.inner.open_transaction("east", open, -1);
  });
  run_reverted("WRITER_AT_THE_LINE");
}

TEST_F(PausedDdlRevert, WhenItIsCancelledInThePause) {
  before_call("east", "tidb.write_marker", 1, [this] {
    bench.store->request_cancel(bench.store->unfinished_operations().front().id);
  });
  const EndOfRun end = bench.run(plan);
  EXPECT_THAT(end.state(), AnyOf(OperationState::cancelled, OperationState::succeeded))
      << end.journal;
  EXPECT_TRUE(bench.inner.all_gates_open()) << end.journal;
}

// --- a newer manager

TEST_F(PausedDdlRevert, ANewerEpochOnOneClusterIsSaidAndNotTouched) {
  before_call("east", "tidb.write_marker", 1,
              [this] { with("west", [](ClusterState& cluster) { cluster.token->epoch += 100; }); });
  const EndOfRun end = bench.run(plan);
  EXPECT_EQ(end.state(), OperationState::blocked) << end.journal;
  EXPECT_THAT(end.record.error_text, HasSubstr("epoch")) << end.journal;
  // An old process only reads, everywhere: the newer one opens what both gates' notes tell of.
  EXPECT_EQ(bench.inner.closed_gates(), (std::vector<std::string>{"east", "west"}))
      << end.journal << bench.inner.diary_text();
  for (const std::string& name : bench.inner.clusters())
    EXPECT_EQ(bench.inner.times_applied(name, kDropNote), 0);
}

// --- restart

TEST_F(PausedDdlRevert, ARestartThatFindsTheGateOpenedUndoesTheRest) {
  Fault crash;
  crash.cluster = "east";
  crash.method = "tidb.write_marker";
  crash.effect = Effect::crash_after;
  bench.world.arm(crash);
  EXPECT_THROW(bench.run(plan), SimulatedCrash);
  EXPECT_EQ(bench.inner.closed_gates().size(), 2U) << bench.inner.diary_text();
  with("west", [](ClusterState& cluster) {
    cluster.read_only = false;
    for (auto& server : cluster.servers) server.read_only = false;
  });
  bench.world.disarm();
  run_reverted("RESUME_GUARD_FAILED");
}

TEST_F(PausedDdlRevert, ARestartAfterTheBudgetUndoes) {
  Fault crash;
  crash.cluster = "east";
  crash.method = "tidb.write_marker";
  crash.effect = Effect::crash_after;
  bench.world.arm(crash);
  EXPECT_THROW(bench.run(plan), SimulatedCrash);
  bench.world.disarm();
  bench.clock.advance(Millis{60000});
  run_reverted("PAUSE_BUDGET_SPENT");
}

TEST_F(PausedDdlRevert, RowsInTheWayAreFoundBeforeAnybodyIsPaused) {
  bench.inner.with("west", [](auto& west) {
    west.breaking_rows[{"app", "orders"}] = {RowNeed::Kind::unique, {{"7"}, {std::nullopt}}};
  });
  plan = bench.paused_ddl("ALTER TABLE app.orders ADD UNIQUE INDEX u (old_note)");
  const EndOfRun end = run_reverted("ROWS_IN_THE_WAY");
  EXPECT_THAT(end.record.error_text, HasSubstr("no two rows of app.orders agree in (old_note)"));
  EXPECT_THAT(end.record.error_text, HasSubstr("('7')"));
  EXPECT_THAT(end.journal, HasSubstr("close_gate:west: pending"));
}

TEST_F(PausedDdlRevert, ASearchThatTakesTooLongIsAWarning) {
  bench.inner.with("west", [](auto& west) { west.searches_are_slow = true; });
  const EndOfRun end =
      bench.run(bench.paused_ddl("ALTER TABLE app.orders ADD UNIQUE INDEX u (old_note)"));
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_THAT(end.journal, HasSubstr("warning: not searched on west"));
}

}  // namespace
}  // namespace bdrmesh::flows
