#include <gmock/gmock.h>

#include "flows/dr/after_turn.h"
#include "flows/dr/failover_steps.h"
#include "flows/dr/pair_bench.h"
#include "mesh/pair_note.h"

namespace bdrmesh::flows {
namespace {

using fakes::ClusterState;
using fakes::EndOfRun;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kSink = "cdc_north";

/// north is lost; its sink user has a session on dr, and the redo log reaches 3 s further.
class Lost : public PairBench {
 public:
  Lost() {
    desired.groups.front().redo = RedoSpec{"s3://redo/orders", 64, Millis{2000}};
    const Tso now = inner.tidb(ClusterName("north")).current_tso({});
    tool.log = {Tso::at(now.time() - Millis{8000}), Tso::at(now.time() - Millis{5000})};
    inner.with("dr", [](ClusterState& dr) {
      dr.sessions[kSink] = {4711, 4712};
      for (const std::string& grant : redo_grants())
        dr.own_grants.push_back("GRANT " + grant + " TO 'bdrmesh'@'%' WITH GRANT OPTION");
    });
    lose_north();
  }
  Json typed() const { return {{"primary", "north"}}; }
  bool locked() const {
    return inner.look("dr", [](const ClusterState& dr) {
      const auto found = dr.accounts.find(kSink);
      return found != dr.accounts.end() && found->second.locked;
    });
  }
  std::vector<std::string> redo_users() const {
    return inner.look("dr", [](const ClusterState& dr) {
      std::vector<std::string> users;
      for (const auto& [user, account] : dr.accounts)
        if (user.starts_with("bdr_redo")) users.push_back(user);
      return users;
    });
  }
};

void expect_failed_over(const Lost& bench, const EndOfRun& end) {
  ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal << bench.inner.diary_text();
  EXPECT_TRUE(bench.writable("dr")) << end.journal;
  EXPECT_TRUE(bench.locked()) << end.journal;
  EXPECT_TRUE(bench.inner.look("dr", [](const ClusterState& dr) {
    return dr.sessions.at(kSink).empty();
  })) << end.journal;
  EXPECT_GE(bench.tool.times_applied, 1);
  EXPECT_THAT(bench.redo_users(), IsEmpty()) << end.journal;
  const auto note = bench.inner.look(
      "dr", [](const ClusterState& dr) { return pair_note(*dr.token, GroupName("orders")); });
  ASSERT_TRUE(note);
  EXPECT_EQ(note->primary, ClusterName("dr"));
  EXPECT_EQ(note->how, "failover");
}

TEST(Failover, ShutsTheOldFeedOutWritesTheRedoLogAndOpensTheSecondary) {
  Lost bench;
  const EndOfRun end = bench.run(bench.plan("dr.failover", bench.typed()));
  expect_failed_over(bench, end);
  for (const FactRecord& fact : bench.store->facts(end.operation)) {
    if (fact.name == "loss") {
      EXPECT_THAT(fact.value.dump(), HasSubstr("at most the last"));
    }
    EXPECT_THAT(fact.value.dump(), ::testing::Not(HasSubstr(bench.tool.uris.front())));
  }
}

std::string events_of(const PairBench& bench, const EndOfRun& end) {
  std::string all;
  for (const EventRecord& event : bench.store->operation_events(end.operation))
    all += event.severity + ": " + event.text + "\n";
  return all;
}

/// Reads of the past are on for dr, and two sessions have them; orders keeps its rows for ever.
void read_the_past(PairBench& bench) {
  bench.inner.with("dr", [](ClusterState& dr) {
    dr.variables["tidb_enable_external_ts_read"] = "ON";
    dr.sessions["report"] = {501, 502};
    dr.tables.at({"app", "orders"}).options += " /*T![ttl] TTL_ENABLE='OFF' */";
  });
}

TEST(Failover, NamesWhoStillReadsThePastAndWhoseRowsNobodyDeletes) {
  Lost bench;
  read_the_past(bench);
  const EndOfRun end = bench.run(bench.plan("dr.failover", bench.typed()));
  expect_failed_over(bench, end);
  const std::string told = events_of(bench, end);
  EXPECT_THAT(told, HasSubstr("2 sessions of user 'report' on dr (501 on "));
  EXPECT_THAT(told, HasSubstr("ALTER TABLE `app`.`orders` TTL_ENABLE = 'ON';"));
  bench.inner.look("dr", [](const ClusterState& dr) {
    EXPECT_THAT(dr.sessions.at("report"), SizeIs(2));
    return 0;
  });
}

TEST(Failover, EndsWhoStillReadsThePastWhenAsked) {
  Lost bench;
  read_the_past(bench);
  const EndOfRun end = bench.run(bench.plan("dr.failover", {{"primary", "north"}, {"kill", true}}));
  expect_failed_over(bench, end);
  bench.inner.look("dr", [](const ClusterState& dr) {
    EXPECT_THAT(dr.sessions.at("report"), IsEmpty());
    return 0;
  });
}

TEST(Failover, NamesNobodyWhereReadsWereNeverOfThePast) {
  Lost bench;
  bench.inner.with("dr", [](ClusterState& dr) { dr.sessions["report"] = {501}; });
  const EndOfRun end = bench.run(bench.plan("dr.failover", {{"primary", "north"}, {"kill", true}}));
  expect_failed_over(bench, end);
  EXPECT_THAT(events_of(bench, end), ::testing::Not(HasSubstr("report")));
  bench.inner.look("dr", [](const ClusterState& dr) {
    EXPECT_THAT(dr.sessions.at("report"), SizeIs(1));
    return 0;
  });
}

TEST(TtlEnable, IsReadFromTheOptionsOfTheTable) {
  const std::string columns = "CREATE TABLE `t` (\n  `a` int COMMENT 'TTL_ENABLE=\'OFF\''\n)";
  EXPECT_FALSE(ttl_enable_is(columns + " ENGINE=InnoDB", "OFF"));
  EXPECT_TRUE(ttl_enable_is(columns + " ENGINE=InnoDB /*T![ttl] TTL_ENABLE='OFF' */", "OFF"));
  EXPECT_FALSE(ttl_enable_is(columns + " ENGINE=InnoDB /*T![ttl] TTL_ENABLE='OFF' */", "ON"));
}

TEST(Failover, SaysTheLossBeforeAnythingChanges) {
  Lost bench;
  const Plan plan = bench.plan("dr.failover", bench.typed());
  EXPECT_THAT(plan.subject.at("loss").at("text").get<std::string>(), HasSubstr("at most the last"));
  EXPECT_FALSE(bench.locked());
  EXPECT_FALSE(bench.writable("dr"));
}

TEST(Failover, IsRefusedWhileThePrimaryAnswers) {
  PairBench bench;
  try {
    bench.plan("dr.failover", {{"primary", "north"}});
    FAIL() << "it was planned";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), "PRIMARY_ANSWERS");
    EXPECT_THAT(e.remedy(), HasSubstr("bdrmesh dr switchover orders"));
  }
  const EndOfRun end = bench.run(
      bench.plan("dr.failover", {{"primary", "north"}, {"fenced_because", "its network is cut"}}));
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
}

TEST(Failover, WantsTheNameOfTheLostClusterTyped) {
  Lost bench;
  try {
    bench.plan("dr.failover", {{"primary", "dr"}});
    FAIL() << "it was planned";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), "NOT_CONFIRMED");
  }
}

TEST(Failover, WantsTheRightToMakeTheUserOfTheRedoLogBeforehand) {
  Lost bench;
  bench.inner.with("dr", [](ClusterState& dr) { dr.own_grants.pop_back(); });
  try {
    bench.plan("dr.failover", bench.typed());
    FAIL() << "it was planned";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), "MAY_NOT_GRANT");
    EXPECT_THAT(e.message(), HasSubstr("RESTRICTED_REPLICA_WRITER_ADMIN"));
    EXPECT_THAT(e.remedy(), HasSubstr("GRANT CREATE USER ON *.* TO 'bdrmesh'@'%';"));
    for (const std::string& grant : redo_grants())
      EXPECT_THAT(e.remedy(), HasSubstr("GRANT " + grant + " TO 'bdrmesh'@'%' WITH GRANT OPTION;"));
  }
}

TEST(Failover, RepeatsAnApplyThatFailed) {
  Lost bench;
  bench.tool.fails = 1;
  const EndOfRun end = bench.run(bench.plan("dr.failover", bench.typed()));
  expect_failed_over(bench, end);
  EXPECT_EQ(bench.tool.times_applied, 2);
  EXPECT_THAT(bench.tool.ended, SizeIs(1));
}

TEST(Failover, FinishesOrIsUndoneWhereverTheDaemonDies) {
  const auto writes = [] {
    Lost bench;
    return bench.run(bench.plan("dr.failover", bench.typed())).writes;
  }();
  for (const fakes::Death when : {fakes::Death::before_write, fakes::Death::after_write}) {
    for (std::int64_t n = 1; n <= writes; ++n) {
      SCOPED_TRACE(std::to_string(static_cast<int>(when)) + " " + std::to_string(n));
      Lost bench;
      const Plan plan = bench.plan("dr.failover", bench.typed());
      bench.run_dying(plan, {when, n});
      const EndOfRun end = bench.run(plan);
      ASSERT_THAT(end.state(), AnyOf(OperationState::succeeded, OperationState::reverted))
          << end.journal << bench.inner.diary_text();
      if (end.state() == OperationState::succeeded) {
        expect_failed_over(bench, end);
      } else {
        EXPECT_TRUE(bench.stands_closed("dr")) << end.journal;
        EXPECT_FALSE(bench.locked()) << end.journal;
        EXPECT_THAT(bench.redo_users(), IsEmpty()) << end.journal;
      }
    }
  }
}

TEST(Reads, AreTakenToTheNewestSyncpointAndBack) {
  PairBench bench;
  bench.inner.with("dr", [](ClusterState& dr) {
    dr.syncpoints = false;
    dr.synced = {{"orders-north-to-dr-9", {Tso(4), Tso(5)}}};
  });
  EXPECT_THROW(bench.plan("dr.reads", {{"on", true}}), Error);  // of a feed of before
  bench.inner.with("dr", [](ClusterState& dr) {
    dr.synced["orders-north-to-dr-1"] = {Tso(6), Tso(7)};
  });
  EXPECT_EQ(bench.run(bench.plan("dr.reads", {{"on", true}})).state(), OperationState::succeeded);
  const ServerAddress server("dr-tidb-1:4000");
  EXPECT_TRUE(bench.inner.read_point(ClusterName("dr")).reads_past(server, {}));
  // A switchover takes them off: the new primary shows what is there.
  EXPECT_EQ(bench.run(bench.plan("dr.switchover")).state(), OperationState::succeeded);
  EXPECT_FALSE(bench.inner.read_point(ClusterName("dr")).reads_past(server, {}));
}

}  // namespace
}  // namespace bdrmesh::flows
