// Every member that api/backend.h promises for clusters, gates, links and events, known or not.
#include "app/daemon/views.h"

#include <gtest/gtest.h>
#include <set>

#include "gate/write_gate.h"

namespace bdrmesh {
namespace {

const WallTime kNow = from_millis(1'790'000'000'000);
const ManagerIdentity kWe{"manager-1", 5};

std::set<std::string> members(const Json& object) {
  std::set<std::string> names;
  for (const auto& [name, value] : object.items()) names.insert(name);
  return names;
}
using Names = std::set<std::string>;

const Names kClusterMembers{"name",  "version", "source_id", "role",  "servers",       "ticdc",
                            "token", "gate",    "seen_at",   "error", "clock_ahead_ms"};
const Names kLinkMembers{"group",           "from",   "to",      "changefeed",
                         "incarnation",     "state",  "verdict", "checkpoint",
                         "checkpoint_time", "lag_ms", "since",   "why",
                         "proven_at",       "error"};
const Names kGateMembers{"cluster", "state",        "owner", "operation", "reason", "since",
                         "age_ms",  "line_crossed", "undo",  "standing",  "until"};

ClusterSpec east() {
  ClusterSpec spec;
  spec.name = ClusterName("east");
  return spec;
}

ClusterSeen healthy() {
  ClusterSeen seen;
  seen.name = ClusterName("east");
  seen.at = kNow;
  seen.release = "v8.5.1";
  seen.source_id = 1;
  seen.role = "primary";
  seen.gate.servers = {{ServerAddress("east-1:4000"), false, ""}};
  seen.token = TokenRow{"manager-1", 5, Json::array(), Json::object(), ""};
  seen.now = Tso::at(kNow);
  seen.ticdc.version = "v8.5.1";
  seen.ticdc.healthy = true;
  seen.feeds = std::make_shared<FeedSheet>();
  return seen;
}

void note_on(ClusterSeen& seen, const std::string& operation) {
  GateNote note;
  note.operation = operation;
  note.reason = "paused DDL";
  note.since = to_rfc3339(kNow - Millis{2500});
  note.since_ms = to_millis(kNow) - 2500;
  note.line_crossed = true;
  seen.token->gates.push_back(to_json(note));
}

TEST(ClusterView, HasEveryMemberBeforeTheFirstLook) {
  const Json view = views::cluster(east(), nullptr, kWe);
  EXPECT_EQ(members(view), kClusterMembers);
  EXPECT_EQ(view.at("name"), "east");
  EXPECT_EQ(view.at("role"), "unknown");
  EXPECT_EQ(view.at("gate"), "unknown");
  EXPECT_EQ(view.at("servers"), Json::array());
  EXPECT_TRUE(view.at("seen_at").is_null());
  EXPECT_EQ(members(view.at("ticdc")), (Names{"version", "healthy", "error"}));
}

TEST(ClusterView, ShowsWhatWasSeen) {
  const ClusterSeen seen = healthy();
  const Json view = views::cluster(east(), &seen, kWe);
  EXPECT_EQ(members(view), kClusterMembers);
  EXPECT_EQ(view.at("version"), "v8.5.1");
  EXPECT_EQ(view.at("source_id"), 1);
  EXPECT_EQ(view.at("role"), "primary");
  EXPECT_EQ(view.at("gate"), "open");
  EXPECT_EQ(view.at("seen_at"), to_rfc3339(kNow));
  EXPECT_TRUE(view.at("error").is_null());
  EXPECT_EQ(view.at("ticdc"), Json({{"version", "v8.5.1"}, {"healthy", true}, {"error", nullptr}}));
  EXPECT_EQ(view.at("token"), Json({{"manager", "manager-1"}, {"ours", true}, {"epoch", 5}}));
}

TEST(ClusterView, ShowsEachServer) {
  ClusterSeen seen = healthy();
  seen.gate.servers = {{ServerAddress("a"), true, ""}, {ServerAddress("b"), false, "timed out"}};
  const Json servers = views::cluster(east(), &seen, kWe).at("servers");
  ASSERT_EQ(servers.size(), 2U);
  const Names wanted{"address", "reachable", "read_only", "version", "error"};
  for (const Json& server : servers) EXPECT_EQ(members(server), wanted);
  EXPECT_EQ(servers[0].at("read_only"), true);
  EXPECT_TRUE(servers[0].at("error").is_null());
  EXPECT_EQ(servers[1].at("reachable"), false);
  EXPECT_TRUE(servers[1].at("read_only").is_null());
  EXPECT_EQ(servers[1].at("error"), "timed out");
}

TEST(ClusterView, IsNullWhereNothingIsKnown) {
  ClusterSeen seen;
  seen.error = "TIDB_UNREACHABLE: nobody";
  seen.ticdc.error = "TICDC_UNREACHABLE: nobody";
  seen.ticdc.healthy = true;  // an old word beside an error counts for nothing
  const Json view = views::cluster(east(), &seen, kWe);
  EXPECT_EQ(members(view), kClusterMembers);
  for (const char* unknown : {"version", "source_id", "token"})
    EXPECT_TRUE(view.at(unknown).is_null()) << unknown;
  EXPECT_EQ(view.at("role"), "unknown");
  EXPECT_EQ(view.at("gate"), "unknown");
  EXPECT_EQ(view.at("error"), "TIDB_UNREACHABLE: nobody");
  EXPECT_EQ(view.at("ticdc").at("healthy"), false);
}

TEST(ClusterView, TellsAForeignToken) {
  ClusterSeen seen = healthy();
  seen.token->manager = "manager-2";
  EXPECT_EQ(views::cluster(east(), &seen, kWe).at("token").at("ours"), false);
}

TEST(GateViews, AreNoneForAnOpenGateWithoutANote) {
  EXPECT_EQ(views::gates(healthy(), kNow), Json::array());
}

TEST(GateViews, ShowWhoClosedItAndHowToUndoIt) {
  ClusterSeen seen = healthy();
  seen.gate.servers.front().closed = true;
  note_on(seen, "op-1");
  const Json gates = views::gates(seen, kNow);
  ASSERT_EQ(gates.size(), 1U);
  EXPECT_EQ(members(gates[0]), kGateMembers);
  EXPECT_EQ(gates[0].at("cluster"), "east");
  EXPECT_EQ(gates[0].at("state"), "closed");
  EXPECT_EQ(gates[0].at("owner"), "manager-1");
  EXPECT_EQ(gates[0].at("operation"), "op-1");
  EXPECT_EQ(gates[0].at("age_ms"), 2500);
  EXPECT_EQ(gates[0].at("line_crossed"), true);
  EXPECT_EQ(gates[0].at("undo"), "bdrmesh gate open east");
}

TEST(GateViews, ShowEveryNote) {
  ClusterSeen seen = healthy();
  note_on(seen, "op-1");
  note_on(seen, "op-2");
  EXPECT_EQ(views::gates(seen, kNow).size(), 2U);
}

TEST(GateViews, ShowAGateThatSomebodyElseClosed) {
  ClusterSeen seen = healthy();
  seen.gate.servers.front().closed = true;
  const Json gates = views::gates(seen, kNow);
  ASSERT_EQ(gates.size(), 1U);
  EXPECT_EQ(members(gates[0]), kGateMembers);
  EXPECT_TRUE(gates[0].at("operation").is_null());
  EXPECT_TRUE(gates[0].at("age_ms").is_null());
  EXPECT_NE(gates[0].at("undo").get<std::string>().find("SET GLOBAL"), std::string::npos);
}

TEST(GateViews, ShowAHalfClosedGateOfSomebodyElse) {
  ClusterSeen seen = healthy();
  seen.token.reset();
  seen.gate.servers.push_back({ServerAddress("b"), true, ""});
  ASSERT_EQ(views::gates(seen, kNow).size(), 1U);
  EXPECT_EQ(views::gates(seen, kNow)[0].at("state"), "closing");
}

TEST(GateViews, ShowAGateThatNobodyCouldAsk) {
  ClusterSeen seen;
  seen.name = ClusterName("east");
  seen.error = "TIDB_UNREACHABLE: nobody";
  const Json gates = views::gates(seen, kNow);
  ASSERT_EQ(gates.size(), 1U);
  EXPECT_EQ(members(gates[0]), kGateMembers);
  EXPECT_EQ(gates[0].at("state"), "unknown");
  EXPECT_NE(gates[0].at("reason").get<std::string>().find("TIDB_UNREACHABLE"), std::string::npos);
}

TEST(ClusterView, ListsTheConfiguredServersWhenNoneAnswers) {
  ClusterSpec spec = east();
  spec.tidb = {ServerAddress("a:4000"), ServerAddress("b:4000")};
  ClusterSeen seen;
  seen.error = "TIDB_UNREACHABLE: nobody";
  for (const ClusterSeen* look :
       {static_cast<const ClusterSeen*>(&seen), static_cast<const ClusterSeen*>(nullptr)}) {
    const Json servers = views::cluster(spec, look, kWe).at("servers");
    ASSERT_EQ(servers.size(), 2U);
    EXPECT_EQ(servers[1].at("address"), "b:4000");
    EXPECT_EQ(servers[1].at("reachable"), false);
    EXPECT_TRUE(servers[1].at("read_only").is_null());
  }
}

struct LinkView : ::testing::Test {
  ClusterSeen origin = healthy();
  FeedSheet sheet;
  views::LinkInputs inputs;

  LinkView() {
    inputs.group = GroupName("orders");
    inputs.link = {ClusterName("east"), ClusterName("west")};
    inputs.now = kNow;
    inputs.origin = &origin;
  }
  ChangefeedId id(int number) const { return changefeed_id(inputs.group, inputs.link, number); }
  void list(int number, const std::string& state = "normal") {
    sheet.feeds[id(number)] = {id(number), state, Tso::at(kNow - Millis{700}), 77, std::nullopt};
  }
  Json view() {
    origin.feeds = std::make_shared<FeedSheet>(sheet);
    return views::link(inputs);
  }
  LinkIncarnation in_book(int number, std::optional<WallTime> proven_at = std::nullopt) const {
    return {inputs.group, inputs.link, number, id(number), Tso(1), Tso(2), proven_at, false};
  }
};

TEST_F(LinkView, ShowsAMovingFeed) {
  list(1);
  inputs.movement = Movement{Tso::at(kNow - Millis{700}), kNow - Millis{300}};
  inputs.book = {in_book(1, kNow - Millis{9000})};
  const Json link = view();
  EXPECT_EQ(members(link), kLinkMembers);
  EXPECT_EQ(link.at("changefeed"), "orders-east-to-west-1");
  EXPECT_EQ(link.at("incarnation"), 1);
  EXPECT_EQ(link.at("state"), "normal");
  EXPECT_EQ(link.at("checkpoint"), to_string(Tso::at(kNow - Millis{700})));
  EXPECT_EQ(link.at("checkpoint_time"), to_rfc3339(kNow - Millis{700}));
  EXPECT_EQ(link.at("lag_ms"), 700);
  EXPECT_EQ(link.at("verdict"), "moving");
  EXPECT_TRUE(link.at("why").is_null());
  EXPECT_EQ(link.at("since"), to_rfc3339(kNow - Millis{300}));
  EXPECT_EQ(link.at("proven_at"), to_rfc3339(kNow - Millis{9000}));
  EXPECT_TRUE(link.at("error").is_null());
}

TEST_F(LinkView, HasEveryMemberBeforeTheFirstLook) {
  inputs.origin = nullptr;
  const Json link = views::link(inputs);
  EXPECT_EQ(members(link), kLinkMembers);
  EXPECT_EQ(link.at("verdict"), "unknown");
  EXPECT_EQ(link.at("why"), "not asked yet");
  EXPECT_EQ(link.at("changefeed"), "orders-east-to-west-1");
  for (const char* unknown : {"state", "checkpoint", "checkpoint_time", "lag_ms", "since", "error"})
    EXPECT_TRUE(link.at(unknown).is_null()) << unknown;
}

TEST_F(LinkView, IsMissingWithTheLastFeedThatItHad) {
  inputs.book = {in_book(2), in_book(3), in_book(1)};
  EXPECT_EQ(view().at("verdict"), "missing");
  EXPECT_EQ(view().at("changefeed"), "orders-east-to-west-3");
}

TEST_F(LinkView, UsesTheHighestIncarnationOnTheList) {
  list(2, "stopped");
  list(10);
  list(9);
  EXPECT_EQ(view().at("incarnation"), 10);
  EXPECT_EQ(view().at("state"), "normal");
}

TEST_F(LinkView, TakesNoProofOfAnEarlierIncarnation) {
  list(2);
  inputs.book = {in_book(1, kNow), in_book(2)};
  EXPECT_TRUE(view().at("proven_at").is_null());
}

TEST_F(LinkView, HasNoCheckpointWhileNewborn) {
  list(1);
  sheet.feeds[id(1)].checkpoint = Tso();
  EXPECT_TRUE(view().at("checkpoint").is_null());
  EXPECT_TRUE(view().at("checkpoint_time").is_null());
}

TEST_F(LinkView, ShowsTheErrorOfTheFeed) {
  list(1, "failed");
  sheet.feeds[id(1)].error = FeedError{"CDC:ErrSnapshotLostByGC", "gone", ""};
  EXPECT_EQ(view().at("verdict"), "failed");
  const Json error = view().at("error");
  EXPECT_EQ(error.at("code"), "CDC:ErrSnapshotLostByGC");
  EXPECT_EQ(error.at("message"), "gone");
  EXPECT_EQ(members(error), (Names{"code", "message", "area", "meaning", "remedy"}));
}

TEST(VerdictOfLinks, IsTheWorstOfThem) {
  const auto verdict = [](std::vector<std::string> words) {
    Json links = Json::array();
    for (const std::string& word : words) links.push_back({{"verdict", word}});
    return views::verdict_of_links(links);
  };
  EXPECT_EQ(verdict({}), "unknown");
  EXPECT_EQ(verdict({"moving", "moving"}), "healthy");
  EXPECT_EQ(verdict({"moving", "unknown"}), "unknown");
  for (const char* bad : {"slow", "stuck", "stopped", "failed", "missing"}) {
    EXPECT_EQ(verdict({"moving", bad}), "degraded") << bad;
    EXPECT_EQ(verdict({"unknown", bad}), "degraded") << bad;
  }
}

TEST(EventView, HasEveryMember) {
  const EventRecord record{7, kNow, "alarm", "op-1", "east", "gate closed"};
  const Json view = views::event(record);
  EXPECT_EQ(view, Json({{"number", 7},
                        {"at", to_rfc3339(kNow)},
                        {"severity", "alarm"},
                        {"operation", "op-1"},
                        {"subject", "east"},
                        {"text", "gate closed"}}));
}

TEST(EventView, IsNullWhereItBelongsToNothing) {
  const Json view = views::event({7, kNow, "info", "", "", "started"});
  EXPECT_TRUE(view.at("operation").is_null());
  EXPECT_TRUE(view.at("subject").is_null());
}

}  // namespace
}  // namespace bdrmesh
