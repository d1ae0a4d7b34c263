// States, budgets and the GC hold of feeds, hours of them by turning the clock. No engine runs:
// feeds stand where they are.
#include <gtest/gtest.h>
#include <memory>

#include "lab/core/turnable_clock.h"
#include "lab/owner/owner.h"
#include "model/tso.h"

namespace bdrmesh::lab {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// An owner of one family with a feed that is known and runs.
class Office {
 public:
  explicit Office(const std::string& profile, OwnerTimes times = quick())
      : cluster_(clock_, "east", find_profile(profile)),
        sampler_(cluster_, Millis{100}),
        owner_(cluster_, sampler_, std::move(times)) {
    cluster_.set_pd_address("127.0.0.1:2379");
    cluster_.gc.run_now();
    owner_.start({"127.0.0.1:8300", "127.0.0.1:8301"});
    renewal_ = cluster_.gc.before_each_run([this] { owner_.renew_gc(); });
    add("f");
  }
  ~Office() {
    renewal_.reset();
    owner_.stop();
  }

  static OwnerTimes quick() {
    OwnerTimes times;
    times.tick = Millis{5};
    times.newborn = Millis{10};
    times.unborn = Millis{5};
    times.admin_delay = Millis{10};
    times.halt_delay = Millis{5};
    return times;
  }

  void add(const std::string& id) {
    ChangefeedInfo info;
    info.id = id;
    info.sink_uri = "mysql://u@127.0.0.1:1/";
    info.config.rules = {"app.*"};
    info.config.stuck_duration = minutes{30};
    info.start_ts = cluster_.oracle.next();
    owner_.create(info);
    EXPECT_TRUE(becomes([&] { return view(id).checkpoint != 0; }));
  }

  ChangefeedView view(const std::string& id = "f") const {
    for (const ChangefeedView& one : owner_.list()) {
      if (one.info.id == id) return one;
    }
    return {};
  }
  std::string state() const { return view().info.state; }
  std::vector<std::string> services() const {
    std::vector<std::string> names;
    for (const auto& entry : cluster_.safepoints.list()) names.push_back(entry.service_id);
    return names;
  }
  std::string described() const {
    const ChangefeedInfo info = view().info;
    return info.state + " " + (info.error ? info.error->code + " " + info.error->message : "");
  }
  bool becomes(const std::function<bool()>& holds) const {
    const MonoTime until = base_.mono() + Millis{5000};
    while (!holds()) {
      if (base_.mono() > until) return false;
      base_.wait_for(Millis{2}, {});
    }
    return true;
  }
  bool becomes(const std::string& state_name) const {
    return becomes([&] { return state() == state_name; });
  }
  /// Lets the owner look a few times.
  void settle() const { base_.wait_for(Millis{40}, {}); }
  void stop_feed() {
    if (cluster_.profile.is_classic()) {
      owner_.pause("f");
    } else {
      owner_.stop_now("f");
    }
    ASSERT_TRUE(becomes("stopped"));
  }
  void meet(const char* code, const std::string& message = "text") {
    owner_.meet_error("f", {cluster_.clock.now(), code, message});
  }

  SystemClock base_;
  TurnableClock clock_{base_};
  ClusterState cluster_;
  PositionSampler sampler_;
  Owner owner_;
  std::shared_ptr<void> renewal_;
};

TEST(OwnerStates, T15_ClassicWaitsPendingTriesInWarningAndGivesUpAfterHalfAnHour) {
  Office office("classic-8.5");
  office.meet("CDC:ErrReachMaxTry");
  ASSERT_EQ(office.state(), "pending");
  ASSERT_TRUE(office.view().info.error);
  office.clock_.turn(seconds{9});
  office.settle();
  EXPECT_EQ(office.state(), "pending");
  office.clock_.turn(seconds{2});
  ASSERT_TRUE(office.becomes("warning")) << office.described();
  office.meet("CDC:ErrReachMaxTry");
  office.clock_.turn(seconds{15});
  office.settle();
  EXPECT_EQ(office.state(), "pending");  // twenty seconds now
  office.clock_.turn(minutes{31});
  ASSERT_TRUE(office.becomes("failed"));
  EXPECT_EQ(office.view().info.error->code, "CDC:ErrChangefeedUnretryable");
  EXPECT_EQ(office.view().info.error->message, "text");
}

TEST(OwnerStates, T15_UnretryableErrorsFailAtOnceAndHoldHistory) {
  for (const char* profile : {"classic-6.5", "classic-7.5", "classic-8.5", "new-8.5"}) {
    Office office(profile);
    office.meet("CDC:ErrSyncRenameTableFailed");
    EXPECT_EQ(office.state(), "failed") << profile;
    const std::uint64_t held = office.view().checkpoint - 1;
    office.clock_.turn(hours{2});
    office.cluster_.gc.run_now();
    EXPECT_EQ(office.cluster_.gc.safe_point(), held) << profile;
  }
}

TEST(OwnerStates, T15_WhoeverLostItsHistoryHoldsNothingAnyMore) {
  Office office("classic-8.5");
  const std::uint64_t stood = office.view().checkpoint;
  office.meet("CDC:ErrSnapshotLostByGC");
  EXPECT_EQ(office.state(), "failed");
  office.clock_.turn(hours{2});
  office.cluster_.gc.run_now();
  EXPECT_GT(office.cluster_.gc.safe_point(), stood);
}

TEST(OwnerStates, T15_TheNewArchitectureFlipsBetweenWarningAndNormalWithoutATrace) {
  Office office("new-8.5");
  office.meet("CDC:ErrReachMaxTry", std::string(150, 'x'));
  ASSERT_EQ(office.state(), "warning");
  EXPECT_EQ(office.view().info.error->code, "CDC:ErrChangefeedRetryable");
  EXPECT_EQ(office.view().info.error->message.size(), 150U);
  office.clock_.turn(seconds{11});
  ASSERT_TRUE(office.becomes("normal")) << office.described();
  EXPECT_FALSE(office.view().info.error);
  office.meet("CDC:ErrReachMaxTry");
  office.clock_.turn(minutes{31});
  ASSERT_TRUE(office.becomes("failed"));
  EXPECT_EQ(office.view().info.error->code, "CDC:ErrChangefeedUnretryable");
}

TEST(OwnerStates, T15_TextsAreCutByAChangeOfTheCoordinator) {
  Office office("new-8.5");
  office.meet("CDC:ErrReachMaxTry", std::string(150, 'x'));
  office.owner_.leave_office();
  office.owner_.enter_office();
  office.settle();
  ASSERT_EQ(office.state(), "warning");
  ASSERT_TRUE(office.view().info.error);
  EXPECT_EQ(office.view().info.error->message, std::string(100, 'x') + "...");
}

TEST(OwnerStates, T16_ClassicFailsAStoppedFeedOnlyOnceTiCdcIsPdsMinimum) {
  Office office("classic-8.5");
  office.stop_feed();
  const std::uint64_t stood = office.view().checkpoint;
  office.cluster_.safepoints.set("br", office.cluster_.safepoints.gc_worker() + 1, hours{1000});
  office.clock_.turn(hours{25});
  office.cluster_.gc.run_now();
  office.clock_.turn(seconds{61});
  office.settle();
  EXPECT_EQ(office.state(), "stopped") << "somebody else held history further back";
  office.cluster_.safepoints.remove("br");
  office.cluster_.gc.run_now();
  ASSERT_TRUE(office.becomes("failed"));
  EXPECT_EQ(office.view().info.error->code, "CDC:ErrGCTTLExceeded");
  EXPECT_EQ(office.view().info.error->message,
            "[CDC:ErrGCTTLExceeded]the checkpoint-ts(" + std::to_string(stood) +
                ") lag of the changefeed(default/f) has exceeded the GC TTL and the changefeed is "
                "blocking global GC progression");
}

TEST(OwnerStates, T16_ASecondResumeMaySaveAFeedThatExceededItsTtl) {
  Office office("classic-8.5");
  office.stop_feed();
  office.clock_.turn(hours{25});
  office.cluster_.gc.run_now();
  ASSERT_TRUE(office.becomes("failed"));
  office.owner_.resume("f", 0);
  office.settle();
  EXPECT_EQ(office.state(), "failed") << "TiCDC's entry in PD is still the minimum";
  office.clock_.turn(seconds{61});
  office.settle();
  office.owner_.resume("f", 0);
  EXPECT_TRUE(office.becomes("normal"));
  office.settle();
  EXPECT_EQ(office.state(), "normal");
}

TEST(OwnerStates, T16_ForeignCollectionLosesTheSnapshot) {
  Office office("classic-8.5");
  office.stop_feed();
  office.clock_.turn(hours{1});
  office.cluster_.gc.collect_up_to(office.cluster_.oracle.next());
  ASSERT_TRUE(office.becomes("failed"));
  EXPECT_EQ(office.view().info.error->code, "CDC:ErrSnapshotLostByGC");
}

TEST(OwnerStates, T16_TheNewArchitectureAndV653HoldWithoutLimit) {
  OwnerTimes no_ttl = Office::quick();
  no_ttl.gc_rule = GcRule::without_limit;
  for (const auto& [profile, times] :
       {std::pair{"new-8.5", Office::quick()}, std::pair{"classic-6.5", no_ttl}}) {
    Office office(profile, times);
    office.stop_feed();
    const std::uint64_t stood = office.view().checkpoint;
    office.clock_.turn(hours{200});
    office.cluster_.gc.run_now();
    office.clock_.turn(seconds{61});
    office.settle();
    EXPECT_EQ(office.state(), "stopped") << profile;
    EXPECT_EQ(office.cluster_.gc.safe_point() >= stood, false) << profile;
  }
}

TEST(OwnerStates, T16_NobodyRenewsWhileNobodyIsInOffice) {
  Office office("classic-8.5");
  office.stop_feed();
  const std::uint64_t stood = office.view().checkpoint;
  office.owner_.leave_office();
  office.clock_.turn(hours{25});
  office.cluster_.gc.run_now();
  EXPECT_GT(office.cluster_.gc.safe_point(), stood);
}

TEST(OwnerStates, T16_EntriesInPdAreNamedAsRecorded) {
  Office classic("classic-8.5");
  const std::string service = classic.owner_.gc_service();
  EXPECT_TRUE(classic.becomes([&] { return classic.services().size() == 2; }));
  EXPECT_EQ(classic.services(),
            (std::vector<std::string>{service, service + "-initializing-default_f"}));

  Office fresh("new-8.5");
  EXPECT_TRUE(fresh.becomes([&] { return fresh.services().size() == 3; }));
  EXPECT_EQ(fresh.services(), (std::vector<std::string>{
                                  "cdc_schema_store-keeper-default_node_127_0_0_1_8300_keyspace_0",
                                  "cdc_schema_store-keeper-default_node_127_0_0_1_8301_keyspace_0",
                                  fresh.owner_.gc_service()}));
}

TEST(OwnerStates, T16_TheNewArchitectureGivesUpALateFeedOnlyWhenItsCheckpointMoves) {
  Office office("new-8.5");
  office.stop_feed();
  office.clock_.turn(hours{25});
  office.cluster_.gc.run_now();
  TicdcGc gc(office.cluster_, GcRule::at_checkpoints, hours{24});
  const ChangefeedView late = office.view();
  office.cluster_.safepoints.remove(
      "cdc_schema_store-keeper-default_node_127_0_0_1_8300_keyspace_0");
  gc.renew(late.checkpoint);
  ChangefeedInfo resumed = late.info;
  resumed.state = feed_state::kNormal;
  const auto lost = gc.verdict(resumed, late.checkpoint + (1000ULL << 18U));
  ASSERT_TRUE(lost);
  EXPECT_EQ(lost->code, "CDC:ErrGCTTLExceeded");
  EXPECT_FALSE(gc.verdict(resumed, office.cluster_.oracle.next())) << "one jump to the present";
}

TEST(OwnerStates, T26_ADriftedFeedRunsAsSomebodyElseWanted) {
  Office office("classic-8.5");
  office.owner_.drift("f", [](ChangefeedInfo& info) {
    info.config.rules = {"other.*"};
    info.sink_uri = "mysql://u@127.0.0.1:2/";
  });
  EXPECT_EQ(office.view().info.config.rules, std::vector<std::string>{"other.*"});
  EXPECT_EQ(office.view().info.sink_uri, "mysql://u@127.0.0.1:2/");
  EXPECT_THROW(office.owner_.drift("no", [](ChangefeedInfo&) {}), Error);
}

}  // namespace
}  // namespace bdrmesh::lab
