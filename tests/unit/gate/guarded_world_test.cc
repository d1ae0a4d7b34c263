// Changes behind the token: a process that was suspended while another took over changes nothing.
#include "gate/guard/guarded_world.h"

#include <gtest/gtest.h>

#include "fakes/fake_clock.h"
#include "fakes/fake_world.h"
#include "fakes/faulty_world.h"
#include "gate/guard/change_permit.h"

namespace bdrmesh {
namespace {

using fakes::ClusterState;

const ClusterName kEast("east");
const ClusterName kWest("west");

struct GuardedWorldTest : ::testing::Test {
  fakes::FakeClock clock;
  fakes::FakeWorld inner{clock, {"east", "west"}};
  fakes::FaultyWorld world{inner, clock, {"east", "west"}};
  TokenKeeper keeper{world, {"manager-1", 5, "morning"}};
  GuardedWorld guarded{world, keeper, clock};

  GuardedWorldTest() {
    inner.build_mesh();
    keeper.claim(kEast, {});
    keeper.claim(kWest, {});
    inner.clear_diary();
  }
  void taken_over(const std::string& cluster) {
    inner.with(cluster, [](ClusterState& state) { state.token->epoch = 6; });
  }
  Call soon() const { return {clock.mono() + Millis{30'000}, {}}; }

  /// Every way to change a cluster.
  std::vector<std::pair<std::string, std::function<void(World&)>>> changes() const {
    const ChangefeedId feed = inner_feed();
    const Call call = soon();
    const auto tidb = [](auto act) { return [act](World& of) { act(of.tidb(kEast)); }; };
    const auto ticdc = [](auto act) { return [act](World& of) { act(of.ticdc(kEast)); }; };
    return {{"source id", tidb([=](TidbCluster& t) { t.set_source_id(7, call); })},
            {"role", tidb([=](TidbCluster& t) { t.set_bdr_role(BdrRole::primary, call); })},
            {"read-only", tidb([=](TidbCluster& t) { t.set_super_read_only(true, call); })},
            {"kill", tidb([=](TidbCluster& t) {
               t.kill_session(t.servers(call).front().address, 1, call);
             })},
            {"ddl", tidb([=](TidbCluster& t) {
               t.run_ddl(
                   "ALTER TABLE app.orders DROP COLUMN old_note", {}, [](const SentDdl&) {}, call);
             })},
            {"cancel ddl", tidb([=](TidbCluster& t) { t.cancel_ddl_job(1, call); })},
            {"token schema", tidb([=](TidbCluster& t) { t.make_token_schema(call); })},
            {"token", tidb([=](TidbCluster& t) { t.replace_token(t.token(call), {}, call); })},
            {"marker schema", tidb([=](TidbCluster& t) { t.make_marker_schema(call); })},
            {"marker", tidb([=](TidbCluster& t) { t.write_marker("run", kEast, "n", call); })},
            {"copy", tidb([=](TidbCluster& t) {
               t.copy_empty_table({"app", "orders"}, {"bdrmesh_local", "copy"}, call);
             })},
            {"drop", tidb([=](TidbCluster& t) { t.drop_schema("bdrmesh_local", call); })},
            {"create", ticdc([=](TicdcClient& c) { c.create({}, call); })},
            {"update", ticdc([=](TicdcClient& c) { c.update(feed, std::nullopt, Json(), call); })},
            {"pause", ticdc([=](TicdcClient& c) { c.pause(feed, call); })},
            {"resume", ticdc([=](TicdcClient& c) { c.resume(feed, call); })},
            {"remove", ticdc([=](TicdcClient& c) { c.remove(feed, call); })}};
  }
  ChangefeedId inner_feed() const {
    return const_cast<fakes::FakeWorld&>(inner).ticdc(kEast).list({}).front().id;
  }
  int changing_calls() const {
    int count = 0;
    for (const fakes::PortCall& call : world.calls()) count += call.changes ? 1 : 0;
    return count;
  }
};

TEST_F(GuardedWorldTest, ChangesWhatItHolds) {
  guarded.tidb(kEast).set_super_read_only(true, soon());
  EXPECT_FALSE(inner.try_write("east", 0));
}

TEST_F(GuardedWorldTest, ChangesWhatNobodyHoldsYet) {
  inner.with("east", [](ClusterState& state) { state.token.reset(); });
  guarded.tidb(kEast).make_marker_schema(soon());
}

TEST_F(GuardedWorldTest, ShowsAnEarlierStartOfOursThatWeAct) {
  // It may still live, on a copy of our state file, and knows of no newer epoch yet.
  TokenKeeper earlier{world, {"manager-1", 4, "yesterday"}};
  inner.with("east",
             [&](ClusterState& state) { state.token = held_by(*state.token, earlier.identity()); });
  GuardedWorld behind{world, earlier, clock};
  behind.tidb(kEast).write_marker("run", kEast, "n", soon());
  guarded.tidb(kEast).write_marker("run", kEast, "m", soon());
  EXPECT_TRUE(keeper.holds(*inner.tidb(kEast).token({})));
  EXPECT_THROW(behind.tidb(kEast).write_marker("run", kEast, "o", soon()), Error);
  EXPECT_TRUE(earlier.superseded());
}

TEST_F(GuardedWorldTest, ChangesNothingOnceAnotherTookOver) {
  for (const auto& [what, change] : changes()) {
    SCOPED_TRACE(what);
    TokenKeeper old{world, {"manager-1", 5, "morning"}};
    GuardedWorld behind{world, old, clock};
    taken_over("east");
    const int before = changing_calls();
    try {
      change(behind);
      FAIL() << "changed";
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), "EPOCH_NEWER");
    }
    EXPECT_EQ(changing_calls(), before);
    EXPECT_TRUE(inner.diary().empty()) << inner.diary_text();
    // From then on it does not even ask.
    inner.with("east", [](ClusterState& state) { state.token->epoch = 5; });
    EXPECT_THROW(change(behind), Error);
    EXPECT_TRUE(inner.diary().empty()) << inner.diary_text();
  }
}

TEST_F(GuardedWorldTest, IsReadOnlyOnEveryClusterOnceOneShowsANewerStart) {
  taken_over("west");
  EXPECT_EQ(guarded.tidb(kWest).token(soon())->epoch, 6U);  // reading is free, and teaches
  ASSERT_TRUE(keeper.superseded());
  EXPECT_THROW(guarded.tidb(kEast).set_super_read_only(true, soon()), Error);
  EXPECT_TRUE(inner.diary().empty()) << inner.diary_text();
}

TEST_F(GuardedWorldTest, LetsAChangeLeaveOnlyWithinItsLease) {
  // Suspended after the look: nothing may be sent when it goes on.
  MonoTime deadline;
  world.arm({.method = "tidb.set_super_read_only",
             .before = [&] { deadline = clock.mono() + kTokenLease; }});
  guarded.tidb(kEast).set_super_read_only(true, {});
  ChangePermit permit(world, keeper, clock, kEast);
  const MonoTime begun = clock.mono();
  world.arm({.method = "tidb.token", .after = [&] { clock.advance(Millis{1500}); }});
  EXPECT_EQ(permit.ask({}).deadline, begun + kTokenLease);  // counted from before the look
}

TEST_F(GuardedWorldTest, LooksAgainBeforeADdlWhenTheLookTookTooLong) {
  world.arm({.method = "tidb.token", .after = [&] {
               clock.advance(Millis{60'000});  // suspended; meanwhile another takes over
               taken_over("east");
             }});
  EXPECT_THROW(guarded.tidb(kEast).make_marker_schema({}), Error);
  EXPECT_TRUE(inner.diary().empty()) << inner.diary_text();
}

TEST_F(GuardedWorldTest, LooksOnceMoreWhenTheDdlIsAboutToLeave) {
  const auto run = [&] {
    guarded.tidb(kEast).run_ddl(
        "ALTER TABLE app.orders DROP COLUMN old_note", {},
        [&](const SentDdl&) { taken_over("east"); }, soon());
  };
  EXPECT_THROW(run(), Error);
  EXPECT_EQ(inner.times_applied("east", "ALTER TABLE app.orders DROP COLUMN old_note"), 0);
}

}  // namespace
}  // namespace bdrmesh
