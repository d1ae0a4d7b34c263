// Start by backup, join and bootstrap of a pair: from nothing to replication, through death at
// every journal write, through bad storage, and back without a trace.
#include <gmock/gmock.h>

#include "base/error.h"
#include "flows/backup_worlds.h"

namespace bdrmesh::flows {
namespace {

using fakes::ClusterState;
using fakes::Death;
using fakes::Effect;
using fakes::Fault;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

/// So many places of each journal; the generated tests of every kind take more.
constexpr std::int64_t kPlaces = 9;

struct Flow {
  const char* name;
  std::function<Plan(FlowBench&)> world;  ///< made ready; what is to be run
  std::vector<std::string> clusters;
  std::string source;
  std::vector<std::string> targets;
};

void PrintTo(const Flow& flow, std::ostream* out) { *out << flow.name; }

std::vector<Flow> flows() {
  return {{"start",
           [](FlowBench& bench) {
             one_full_others_empty(bench);
             return bench.plan("group.apply", {{"from_backup_of", "east"}});
           },
           {"east", "west", "south"},
           "east",
           {"west", "south"}},
          {"join",
           [](FlowBench& bench) {
             newcomer_beside_a_mesh(bench);
             return bench.plan("cluster.join", {{"cluster", "south"}});
           },
           {"east", "west", "south"},
           "east",
           {"south"}},
          {"bootstrap",
           [](FlowBench& bench) {
             primary_and_empty_secondary(bench);
             return bench.plan("dr.bootstrap");
           },
           {"east", "west"},
           "east",
           {"west"}}};
}

class BackupFlow : public ::testing::TestWithParam<Flow> {
 protected:
  BackupFlow() : bench_(GetParam().clusters) {}

  static void expect_done(const FlowBench& bench, const fakes::EndOfRun& end) {
    ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal << bench.inner.diary_text();
    expect_no_hazard(bench, end.journal);
    expect_gc_as_it_was(bench, end.journal);
    const bool pair = bench.desired.groups.front().kind == GroupKind::primary_secondary;
    for (const std::string& target : GetParam().targets) {
      EXPECT_EQ(row_of(bench, target), "of " + GetParam().source) << end.journal;
      if (!pair) continue;
      EXPECT_THAT(bench.inner.closed_gates(), Contains(target)) << end.journal;
      EXPECT_THAT(bench.inner.announced_gates(), SizeIs(1)) << end.journal;
    }
    if (!pair) {
      EXPECT_THAT(bench.inner.closed_gates(), IsEmpty()) << end.journal;
      EXPECT_THAT(bench.inner.announced_gates(), IsEmpty()) << end.journal;
    }
    expect_starts_are_right(bench, end);
    expect_no_probe_left(bench, end.journal);
  }

  /// Feeds of the source begin where the copy ends, those of restored clusters after RESTORE.
  static void expect_starts_are_right(const FlowBench& bench, const fakes::EndOfRun& end) {
    const std::optional<Json> backup = fact_of(bench, end, "backup", GetParam().source);
    ASSERT_TRUE(backup) << end.journal;
    const Tso copied = parse_tso(backup->at("tso").get<std::string>());
    for (const LinkIncarnation& one : bench.book.incarnations(bench.desired.groups.front().name)) {
      if (one.removed) continue;
      const bool to_target =
          std::ranges::find(GetParam().targets, one.link.to.value()) != GetParam().targets.end();
      if (one.link.from.value() == GetParam().source && to_target) {
        EXPECT_EQ(one.start, copied) << one.changefeed.value() << "\n" << end.journal;
      }
      const std::optional<Json> start = fact_of(bench, end, "start", one.link.from.value());
      if (to_target) {
        ASSERT_TRUE(start) << one.changefeed.value();
        EXPECT_EQ(to_string(one.start), start->at("tso").get<std::string>());
      }
    }
  }

  /// The daemon dies while a BACKUP or RESTORE runs; `change` is what becomes of it meanwhile.
  static fakes::EndOfRun after_a_death_while_it_runs(
      FlowBench& bench, int look, const std::function<void(fakes::BackupState&)>& change) {
    const Plan plan = GetParam().world(bench);
    for (const std::string& name : bench.inner.clusters())
      bench.inner.with(name, [](ClusterState& cluster) { cluster.backup_looks = 20; });
    Fault crash;
    crash.method = "backup.task";
    crash.nth = look;
    crash.effect = Effect::crash_before;
    bench.world.arm(crash);
    EXPECT_THROW(bench.run(plan), SimulatedCrash);
    bench.world.disarm();
    int changed = 0;
    for (const std::string& name : bench.inner.clusters()) {
      bench.inner.with(name, [&](ClusterState& cluster) {
        for (fakes::BackupState& state : cluster.backups) {
          if (state.task.ended) continue;
          change(state);
          ++changed;
        }
      });
    }
    EXPECT_GT(changed, 0);
    return bench.run(plan);
  }

  FlowBench bench_;
};

TEST_P(BackupFlow, CopiesFollowsAndGivesEverythingBack) {
  const Plan plan = GetParam().world(bench_);
  expect_done(bench_, bench_.run(plan));
}

TEST_P(BackupFlow, FinishesWhereverTheDaemonDies) {
  std::int64_t writes = 0;
  {
    FlowBench clean(GetParam().clusters);
    writes = clean.run(GetParam().world(clean)).writes;
  }
  ASSERT_GT(writes, 20);
  const std::int64_t step = std::max<std::int64_t>(writes / kPlaces, 1);
  for (const Death when : {Death::before_write, Death::after_write}) {
    for (std::int64_t n = 1; n <= writes; n += step) {
      SCOPED_TRACE(describe(fakes::die(when, n)));
      FlowBench bench(GetParam().clusters);
      const Plan plan = GetParam().world(bench);
      bench.run_dying(plan, fakes::die(when, n));
      expect_done(bench, bench.run(plan));
      if (HasFailure()) return;
    }
  }
}

TEST_P(BackupFlow, FollowsWhatTakesLongAndFindsItAgain) {
  std::int64_t writes = 0;
  const auto slow = [](FlowBench& bench) {
    const Plan plan = GetParam().world(bench);
    for (const std::string& name : bench.inner.clusters())
      bench.inner.with(name, [](ClusterState& cluster) { cluster.backup_looks = 20; });
    return plan;
  };
  {
    FlowBench clean(GetParam().clusters);
    writes = clean.run(slow(clean)).writes;
  }
  const std::int64_t step = std::max<std::int64_t>(writes / kPlaces, 1);
  for (std::int64_t n = 1; n <= writes; n += step) {
    SCOPED_TRACE(describe(fakes::die(Death::after_write, n)));
    FlowBench bench(GetParam().clusters);
    const Plan plan = slow(bench);
    bench.run_dying(plan, fakes::die(Death::after_write, n));
    const fakes::EndOfRun end = bench.run(plan);
    expect_done(bench, end);
    // What ran on while nobody was there is awaited, not begun a second time.
    std::size_t whole = 0;
    for (const std::string& folder : bench.inner.stored_backups())
      whole += folder.find("probe") == std::string::npos ? 1 : 0;
    EXPECT_EQ(whole, 1U) << end.journal;
    if (HasFailure()) return;
  }
}

/// Of the backup the third look, of a restore one after the backup's.
constexpr int kLooksIn[] = {3, 26};

TEST_P(BackupFlow, DropsNothingUnderALiveSessionThatItsServerShowsNoMore) {
  for (const int look : kLooksIn) {
    SCOPED_TRACE(look);
    FlowBench bench(GetParam().clusters);
    const fakes::EndOfRun end = after_a_death_while_it_runs(
        bench, look, [](fakes::BackupState& state) { state.forgotten = true; });
    // How it ended nobody can tell: everything is taken back, and nothing before it had ended.
    EXPECT_EQ(end.state(), OperationState::reverted) << end.journal;
    EXPECT_THAT(end.record.error_code, ::testing::EndsWith("_LOST")) << end.journal;
    expect_no_hazard(bench, end.journal);
    for (const std::string& target : GetParam().targets)
      EXPECT_EQ(row_of(bench, target), "") << end.journal;
  }
}

TEST_P(BackupFlow, BeginsAnewWhatItsServerShowsAsRunningForEver) {
  for (const int look : kLooksIn) {
    SCOPED_TRACE(look);
    FlowBench bench(GetParam().clusters);
    expect_done(bench, after_a_death_while_it_runs(
                           bench, look, [](fakes::BackupState& state) { state.dead = true; }));
  }
}

TEST_P(BackupFlow, LivesThroughLostAnswers) {
  for (const char* method : {"backup.backup", "backup.restore", "backup.drop_tables",
                             "backup.make_probe", "tidb.set_gc_life_time", "ticdc.create",
                             "tidb.set_super_read_only", "tidb.replace_token"}) {
    for (int nth = 1; nth <= 2; ++nth) {
      SCOPED_TRACE(std::string(method) + " " + std::to_string(nth));
      FlowBench bench(GetParam().clusters);
      const Plan plan = GetParam().world(bench);
      Fault fault;
      fault.method = method;
      fault.nth = nth;
      fault.effect = Effect::lose_answer;
      bench.world.arm(fault);
      expect_done(bench, bench.run(plan));
      if (HasFailure()) return;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Flows, BackupFlow, ::testing::ValuesIn(flows()),
                         [](const auto& one) { return one.param.name; });

TEST(ClusterJoin, ClosesTheServingMembersForTheCutOnly) {
  FlowBench bench({"east", "west", "south"});
  newcomer_beside_a_mesh(bench);
  const fakes::EndOfRun end = bench.run(bench.plan("cluster.join", {{"cluster", "south"}}));
  ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal;
  std::string order;
  for (const fakes::Act& act : bench.inner.diary()) {
    if (act.what == "set_super_read_only") order += act.cluster + " " + act.detail + "; ";
    if (act.what == "backup" && act.detail.find("probe") == std::string::npos) order += "backup; ";
  }
  EXPECT_THAT(order, ::testing::StartsWith("south on; ")) << end.journal;
  EXPECT_THAT(order, ::testing::EndsWith("backup; south off; ")) << order << end.journal;
  EXPECT_THAT(order, HasSubstr("east off; ")) << order;
  EXPECT_EQ(bench.inner.role("east"), "primary");
  EXPECT_EQ(bench.inner.role("west"), "secondary");
  EXPECT_EQ(bench.inner.role("south"), "secondary");
}

TEST(ClusterJoin, RefusesWhatIsNoNewcomerAndNoCut) {
  FlowBench bench({"east", "west", "south"});
  newcomer_beside_a_mesh(bench);
  const auto code = [&](const Json& args) -> std::string {
    try {
      bench.plan("cluster.join", args);
    } catch (const Error& e) {
      return e.code();
    }
    return "planned";
  };
  EXPECT_EQ(code({{"cluster", "south"}, {"no_cut", true}}), "NO_CUT_REFUSED");
  EXPECT_EQ(code({{"cluster", "south"}, {"source", "west"}}), "planned");
  EXPECT_EQ(code({{"cluster", "south"}, {"source", "nowhere"}}), "BAD_ARGUMENT");
  EXPECT_EQ(code({{"cluster", "west"}}), "MEMBER_HAS_FEEDS");
}

TEST(ClusterJoin, AnOlderReleaseIsRefused) {
  FlowBench bench({"east", "west", "south"});
  newcomer_beside_a_mesh(bench);
  bench.inner.with("south", [](ClusterState& cluster) {
    for (auto& server : cluster.servers) server.info.version = "8.0.11-TiDB-v8.1.0";
  });
  const fakes::EndOfRun end = bench.run(bench.plan("cluster.join", {{"cluster", "south"}}));
  EXPECT_EQ(end.state(), OperationState::reverted) << end.journal;
  EXPECT_EQ(end.record.error_code, "RELEASE_DIFFERS") << end.journal;
}

TEST(DrBootstrap, FollowsWithoutBdrModeWithRedoAndSyncpoints) {
  FlowBench bench;
  primary_and_empty_secondary(bench);
  const fakes::EndOfRun end = bench.run(bench.plan("dr.bootstrap"));
  ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal;
  const Json config = bench.inner.look("east", [](const ClusterState& east) {
    return east.feeds.at("orders-east-to-west-1").detail.config;
  });
  EXPECT_EQ(config.at("bdr_mode"), false);
  EXPECT_EQ(config.at("enable_sync_point"), true);
  EXPECT_EQ(config.at("sync_point_interval"), 600'000'000'000);
  EXPECT_EQ(config.at("consistent").at("storage"), "s3://redo/orders/orders-east-to-west-1");
  EXPECT_THAT(bench.inner.announced_gates().front(), HasSubstr("secondary of orders"));
}

}  // namespace
}  // namespace bdrmesh::flows
