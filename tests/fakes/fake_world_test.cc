#include "fakes/fake_world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "fakes/fake_ddl.h"
#include "fakes/fake_ticdc.h"

namespace bdrmesh::fakes {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

const ClusterName kEast("east");
const ClusterName kWest("west");

DdlSession in_app() {
  DdlSession session;
  session.schema = "app";
  return session;
}

struct FakeWorldTest : ::testing::Test {
  SystemClock clock;
  FakeWorld world{clock, {"east", "west"}};
  TidbCluster& east = world.tidb(kEast);
  TidbCluster& west = world.tidb(kWest);
  Call call;
};

TEST_F(FakeWorldTest, AMarkerComesWithTheCheckpointThatPassesIt) {
  world.build_mesh();
  const WrittenMarker marker = east.write_marker("run", kEast, "n1", call);
  EXPECT_EQ(west.marker_nonce("run", kEast, call), std::nullopt);
  Tso checkpoint;
  for (int look = 0; look < 3; ++look)
    checkpoint = world.ticdc(kEast).list(call).front().checkpoint;
  EXPECT_GT(checkpoint, marker.commit_ts);
  EXPECT_EQ(west.marker_nonce("run", kEast, call), "n1");
}

TEST_F(FakeWorldTest, AFrozenFeedStaysNormalAndStands) {
  world.build_mesh();
  world.with_feed("east", "orders-east-to-west-1", [](FeedState& feed) { feed.frozen = true; });
  const Tso before = world.ticdc(kEast).list(call).front().checkpoint;
  for (int look = 0; look < 3; ++look) world.ticdc(kEast).list(call);
  const FeedSummary feed = world.ticdc(kEast).list(call).front();
  EXPECT_EQ(feed.state, "normal");
  EXPECT_EQ(feed.checkpoint, before);
}

TEST_F(FakeWorldTest, ANewbornFeedIsSeenByTheListAlone) {
  const ChangefeedId id("orders-east-to-west-1");
  world.ticdc(kEast).create({id, Tso{}, world.sink_uri({kEast, kWest}), Json::object()}, call);
  EXPECT_EQ(world.ticdc(kEast).list(call).front().checkpoint, Tso{});
  EXPECT_EQ(world.ticdc(kEast).find(id, call), std::nullopt);
  ASSERT_TRUE(world.ticdc(kEast).find(id, call).has_value());
  EXPECT_EQ(world.ticdc(kEast).find(id, call)->sink_uri.find("hidden"), std::string::npos);
}

TEST_F(FakeWorldTest, ALateServerTakesWritesUntilItHasSeenTheSwitch) {
  east.make_token_schema(call);
  TokenRow note;
  note.gates = Json::array({"mine"});
  ASSERT_TRUE(east.replace_token(std::nullopt, note, call));
  world.with("east", [](ClusterState& cluster) { cluster.servers[1].late_looks = 1; });
  east.set_super_read_only(true, call);
  EXPECT_FALSE(world.try_write("east", 0));
  EXPECT_TRUE(world.try_write("east", 1));
  const ServerAddress late = east.servers(call)[1].address;
  EXPECT_FALSE(east.super_read_only(late, call));
  EXPECT_TRUE(east.super_read_only(late, call));
  EXPECT_FALSE(world.try_write("east", 1));
  EXPECT_THAT(world.hazards(), IsEmpty());
}

TEST_F(FakeWorldTest, AGateWithoutANoteIsAHazard) {
  east.set_super_read_only(true, call);
  EXPECT_THAT(world.hazards(), SizeIs(1));
}

TEST_F(FakeWorldTest, ADdlOutsideOfRolesWhileWritersRunIsAHazard) {
  const std::string sql = "ALTER TABLE `app`.`orders` DROP COLUMN `old_note`";
  east.run_ddl(sql, {}, nullptr, call);
  EXPECT_THAT(world.hazards(), SizeIs(4));  // two servers of each cluster
  EXPECT_EQ(world.times_applied("east", "ALTER TABLE app.orders DROP COLUMN old_note;"), 1);
  EXPECT_EQ(world.times_applied("west", sql), 0);
}

TEST_F(FakeWorldTest, RolesRefuseWhatTheyDoNotReplicate) {
  world.set_roles("east");
  try {
    east.run_ddl("ALTER TABLE app.orders DROP COLUMN old_note", {}, nullptr, call);
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "TIDB_BDR_ROLE");
  }
}

TEST_F(FakeWorldTest, ThePrimarysDdlArrivesEverywhere) {
  world.build_mesh();
  world.set_roles("east");
  east.run_ddl("ALTER TABLE app.orders ADD COLUMN extra int", {}, nullptr, call);
  for (int look = 0; look < 3; ++look) world.ticdc(kEast).list(call);
  EXPECT_EQ(world.times_applied("west", "ALTER TABLE app.orders ADD COLUMN extra int"), 1);
  EXPECT_EQ(east.create_statement({"app", "orders"}, call),
            west.create_statement({"app", "orders"}, call));
}

TEST_F(FakeWorldTest, AHeldDdlFinishesAfterItsClientIsGone) {
  world.with("east", [](ClusterState& cluster) { cluster.hold_next_for = 1; });
  SentDdl sent;
  EXPECT_THROW(east.run_ddl(
                   "/* tag7 */ ALTER TABLE orders ADD COLUMN extra int", in_app(),
                   [&](const SentDdl& s) { sent = s; }, call),
               Error);
  EXPECT_TRUE(east.session_exists(sent.server, sent.connection_id, call));
  const auto job = east.find_ddl_job("tag7", call);
  ASSERT_TRUE(job.has_value());
  EXPECT_TRUE(job->final_success());
  EXPECT_FALSE(east.session_exists(sent.server, sent.connection_id, call));
}

TEST_F(FakeWorldTest, ATokenIsReplacedOnlyByWhoKnowsIt) {
  east.make_token_schema(call);
  TokenRow first;
  first.manager = "a";
  first.epoch = 1;
  EXPECT_TRUE(east.replace_token(std::nullopt, first, call));
  EXPECT_FALSE(east.replace_token(std::nullopt, first, call));
  TokenRow second = first;
  second.epoch = 2;
  EXPECT_TRUE(east.replace_token(first, second, call));
  EXPECT_FALSE(east.replace_token(first, second, call));
}

TEST(FakeDdl, ReadsTheClausesOfOneAlter) {
  const SystemClock clock;
  FakeWorld world(clock, {"east"});
  world.with("east", [](ClusterState& cluster) {
    apply_ddl(
        cluster,
        "ALTER TABLE orders ADD COLUMN price decimal(10,2) NOT NULL DEFAULT 0, DROP COLUMN note",
        in_app());
    EXPECT_EQ(
        render_create({"app", "orders"}, cluster.tables.at({"app", "orders"})),
        "CREATE TABLE `orders` (\n  `id` bigint NOT NULL,\n  `old_note` varchar(64) DEFAULT NULL,\n"
        "  `price` decimal(10,2) NOT NULL DEFAULT 0,\n  PRIMARY KEY (`id`) /*T![clustered_index] "
        "CLUSTERED */\n"
        ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin");
    EXPECT_THROW(apply_ddl(cluster, "ALTER TABLE app.orders DROP COLUMN note", {}), Error);
    apply_ddl(cluster, "CREATE TABLE app.items (id int, n int, UNIQUE KEY k (id, n))", {});
    EXPECT_TRUE(has_usable_key(cluster.tables.at({"app", "items"})));
  });
}

TEST(FakeFilter, TheLastRuleThatMatchesDecides) {
  EXPECT_TRUE(rules_take({"app.*"}, {"app", "orders"}));
  EXPECT_FALSE(rules_take({"app.*", "!app.log*"}, {"app", "log_2"}));
  EXPECT_FALSE(rules_take({"app.*"}, {"other", "orders"}));
}

}  // namespace
}  // namespace bdrmesh::fakes
