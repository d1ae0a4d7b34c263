#include <gmock/gmock.h>
#include <thread>
#include <vector>

#include "lab/core/commit_ledger.h"
#include "lab/core/ddl_jobs.h"
#include "lab/core/faults.h"
#include "lab/core/global_variables.h"
#include "lab/core/service_safepoints.h"

namespace bdrmesh::lab {
namespace {

/// A clock whose hands the test moves.
class HandClock final : public Clock {
 public:
  WallTime now() const override { return wall; }
  MonoTime mono() const override { return steady; }
  bool wait_until(MonoTime, const std::stop_token&) const override { return true; }
  void advance(Millis by) {
    wall += by;
    steady += by;
  }
  WallTime wall = from_millis(1'700'000'000'000);
  MonoTime steady{std::chrono::hours(1)};
};

TEST(TsoOracle, CountsWithinAMillisecondAndNeverGoesBack) {
  HandClock clock;
  TsoOracle oracle(clock);
  const auto first = oracle.next();
  EXPECT_EQ(first >> 18, 1'700'000'000'000U);
  EXPECT_EQ(oracle.next(), first + 1);
  oracle.set_offset(Millis{-5000});
  EXPECT_EQ(oracle.next(), first + 2);
  oracle.set_offset(Millis{5000});
  EXPECT_EQ(oracle.next() >> 18, 1'700'000'005'000U);
}

TEST(TsoOracle, GivesEachThreadItsOwn) {
  HandClock clock;
  TsoOracle oracle(clock);
  std::vector<std::vector<std::uint64_t>> got(4);
  std::vector<std::thread> threads;
  for (auto& mine : got) {
    threads.emplace_back([&] {
      for (int i = 0; i < 2000; ++i) mine.push_back(oracle.next());
    });
  }
  for (auto& thread : threads) thread.join();
  std::set<std::uint64_t> all;
  for (const auto& mine : got) {
    EXPECT_TRUE(std::is_sorted(mine.begin(), mine.end()));
    all.insert(mine.begin(), mine.end());
  }
  EXPECT_EQ(all.size(), 8000U);
}

TEST(CommitLedger, ResolvesBelowTheOldestCommitInFlight) {
  HandClock clock;
  TsoOracle oracle(clock);
  CommitLedger ledger(oracle);
  const auto a = ledger.begin_commit();
  const auto b = ledger.begin_commit();
  EXPECT_EQ(ledger.resolved(), a - 1);
  ledger.end_commit(a);
  EXPECT_EQ(ledger.resolved(), b - 1);
  {
    const CommitInFlight c(ledger);
    ledger.end_commit(b);
    EXPECT_EQ(ledger.resolved(), c.ts() - 1);
  }
  EXPECT_GT(ledger.resolved(), b);
}

TEST(GlobalVariables, ReachTheOtherServerAfterItsDelay) {
  HandClock clock;
  GlobalVariables variables(clock, 2);
  variables.set_everywhere("x", "0");
  variables.set_delay(1, Millis{50});
  variables.set(0, "x", "1");
  EXPECT_EQ(variables.get(0, "x"), "1");
  EXPECT_EQ(variables.get(1, "x"), "0");
  clock.advance(Millis{50});
  EXPECT_EQ(variables.get(1, "x"), "1");
}

TEST(GlobalVariables, ADeafServerCatchesUpWhenItHearsAgain) {
  HandClock clock;
  GlobalVariables variables(clock, 2);
  variables.set_everywhere("x", "0");
  variables.set_delay(1, std::nullopt);
  variables.set(0, "x", "1");
  clock.advance(Millis{1'000'000});
  EXPECT_EQ(variables.get(1, "x"), "0");
  variables.set_delay(1, Millis{0});
  EXPECT_EQ(variables.get(1, "x"), "1");
}

TEST(GlobalVariables, AFrozenServerHearsOnlyAfterItWakes) {
  HandClock clock;
  GlobalVariables variables(clock, 2);
  variables.set_everywhere("x", "0");
  variables.set_delay(1, Millis{10});
  variables.freeze(1);
  variables.set(0, "x", "1");
  clock.advance(Millis{1'000});
  EXPECT_EQ(variables.get(1, "x"), "0");
  variables.thaw(1);
  EXPECT_EQ(variables.get(1, "x"), "0");
  clock.advance(Millis{10});
  EXPECT_EQ(variables.get(1, "x"), "1");
}

TEST(DdlJobs, WakeWhoWaitsForTheFinalState) {
  DdlJobs jobs;
  const auto id = jobs.add(DdlJob{});
  EXPECT_FALSE(jobs.wait_final(id, MonoTime::clock::now()).has_value());
  std::thread finisher([&] {
    jobs.update(id, [](DdlJob& job) { job.state = JobState::done; });
    jobs.update(id, [](DdlJob& job) {
      job.finished_ts = 7;
      job.state = JobState::synced;
    });
  });
  const auto job = jobs.wait_final(id, MonoTime::max());
  finisher.join();
  ASSERT_TRUE(job.has_value());
  EXPECT_EQ(job->finished_ts, 7U);
  EXPECT_FALSE(jobs.wait_final(id + 1, MonoTime::max()).has_value());
}

TEST(Faults, TakeAnAnswerOnceAndFailDdlAsOftenAsAsked) {
  Faults faults;
  faults.lose_answer_of_next("marker");
  EXPECT_FALSE(faults.takes_answer("select 1"));
  EXPECT_TRUE(faults.takes_answer("insert into bdrmesh.marker values (1)"));
  EXPECT_FALSE(faults.takes_answer("insert into bdrmesh.marker values (1)"));
  faults.fail_next_ddl("ALTER", 2, {1105, "no"});
  EXPECT_FALSE(faults.takes_ddl_failure("CREATE TABLE t (a int)").has_value());
  EXPECT_TRUE(faults.takes_ddl_failure("ALTER TABLE t ADD b int").has_value());
  EXPECT_TRUE(faults.takes_ddl_failure("ALTER TABLE t ADD b int").has_value());
  EXPECT_FALSE(faults.takes_ddl_failure("ALTER TABLE t ADD b int").has_value());
}

TEST(ServiceSafepoints, IgnoreExpiredEntriesInTheMinimumButListThem) {
  HandClock clock;
  ServiceSafepoints points(clock);
  points.set("ticdc", 40, std::chrono::seconds(10));
  points.set("br", 60, std::chrono::seconds(100));
  EXPECT_EQ(points.min_or(99), 40U);
  clock.advance(Millis{11'000});
  EXPECT_EQ(points.min_or(99), 60U);
  EXPECT_EQ(points.list().size(), 2U);
}

}  // namespace
}  // namespace bdrmesh::lab
