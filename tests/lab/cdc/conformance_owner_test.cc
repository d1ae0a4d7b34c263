// Two nodes and an owner that moves, against recorded answers, in measured times: the clock is
// turned through them. No engine runs; feeds stand where they are.
#include <gtest/gtest.h>
#include <thread>

#include "lab/cdc/recorded.h"
#include "lab/core/turnable_clock.h"
#include "lab/ticdc/ticdc_cluster.h"

namespace bdrmesh::lab {
namespace {

using std::chrono::seconds;

class Site {
 public:
  explicit Site(const char* profile) : cluster_(clock_, "east", find_profile(profile)) {
    TicdcOptions options;
    options.pace = 1;
    options.owner.newborn = Millis{30};
    options.owner.unborn = Millis{10};
    ticdc_ = std::make_unique<TicdcCluster>(cluster_, options);
    ticdc_->start();
    ChangefeedInfo info;
    info.id = "ow1";
    info.sink_uri = "mysql://u@127.0.0.1:1/";
    info.config.rules = {"app.*"};
    info.config.stuck_duration = std::chrono::minutes{30};
    info.start_ts = cluster_.oracle.next();
    ticdc_->feed_book().create(info);
    EXPECT_TRUE(becomes([&] { return ticdc_->feeds()[0].checkpoint != 0; }));
  }
  ~Site() { ticdc_->stop(); }

  HttpResponse ask(std::size_t node, const std::string& path, const std::string& method = "GET",
                   int forwarded = 0) {
    HttpRequest request;
    request.method = method;
    request.path = path.starts_with("/") ? path : "/api/v2/" + path;
    if (method != "GET") request.body = "{}";
    if (forwarded > 0) request.headers["ticdc-forwardtimes"] = std::to_string(forwarded);
    return ticdc_->answer(node, request, {});
  }
  /// The first answer that is none of these.
  bool becomes(const std::function<bool()>& holds) const {
    const MonoTime until = base_.mono() + Millis{5000};
    while (!holds()) {
      if (base_.mono() > until) return false;
      base_.wait_for(Millis{1}, {});
    }
    return true;
  }
  void kill(std::size_t node) {
    ticdc_->kill(node);
    ASSERT_TRUE(becomes([&] { return !ticdc_->is_running(node) && refused(node); }));
  }
  bool refused(std::size_t node) const {
    try {
      const std::string address = ticdc_->address(node);
      Socket::connect_tcp(
          static_cast<std::uint16_t>(std::stoi(address.substr(address.find(':') + 1))));
      return false;
    } catch (const SocketClosed&) {
      return true;
    }
  }

  SystemClock base_;
  TurnableClock clock_{base_};
  ClusterState cluster_;
  std::unique_ptr<TicdcCluster> ticdc_;
};

TEST(Nodes, T02_BothAnswerAndOneOwns) {
  Site site("classic-8.5");
  for (const std::size_t node : {0U, 1U}) {
    EXPECT_TRUE(
        is_like(site.ask(node, "captures").body, "real-classic-9.0dev-captures-two-nodes.json"));
    EXPECT_EQ(site.ask(node, "health").body, "{}");
    EXPECT_EQ(OrderedJson::parse(site.ask(node, "changefeeds").body)["total"], 1);
  }
  EXPECT_TRUE(
      is_like(site.ask(1, "status").body, "real-classic-9.0dev-status-server-non-owner.json"));
  EXPECT_EQ(OrderedJson::parse(site.ask(1, "status").body)["is_owner"], false);
  EXPECT_EQ(OrderedJson::parse(site.ask(0, "/status").body)["is_owner"], true);
  const auto parts = site.cluster_.components();
  EXPECT_EQ(std::ranges::count_if(parts, [](const auto& part) { return part.type == "ticdc"; }), 2);
}

TEST(Nodes, T02_TheNewArchitectureAnswersAtBothToo) {
  Site site("new-8.5");
  EXPECT_TRUE(is_like(site.ask(0, "captures").body, "real-new-9.0dev-captures-two.json"));
  EXPECT_TRUE(is_like(site.ask(1, "captures").body, "real-new-9.0dev-captures-two-via-other.json"));
  EXPECT_TRUE(is_like(site.ask(1, "status").body, "real-new-9.0dev-status-not-owner.json"));
  EXPECT_TRUE(is_like(site.ask(1, "health").body, "real-new-9.0dev-health-not-owner.json"));
}

TEST(Nodes, T01_ForwardOnlySoOften) {
  Site classic("classic-8.5");
  EXPECT_EQ(classic.ask(1, "changefeeds", "GET", 2).status, 200);
  const HttpResponse often = classic.ask(1, "changefeeds", "GET", 3);
  EXPECT_EQ(often.status, 500);
  EXPECT_TRUE(is_like(often.body, "real-classic-9.0dev-error-forwarded-too-often.json"));
  EXPECT_EQ(classic.ask(0, "changefeeds", "GET", 3).status, 200) << "the owner itself answers";
  Site fresh("new-8.5");
  const auto answer = OrderedJson::parse(fresh.ask(1, "changefeeds", "GET", 3).body);
  EXPECT_EQ(answer["error_msg"], "TiCDC cluster is unavailable, please try again later");
  EXPECT_EQ(answer["error_code"], "");
}

TEST(Nodes, T02_AResignOfTheClassicOwner) {
  Site site("classic-8.5");
  EXPECT_EQ(site.ask(1, "owner/resign", "POST").body, "{}");
  for (const char* path : {"changefeeds", "changefeeds/ow1", "captures", "processors"}) {
    const HttpResponse answer = site.ask(0, path);
    EXPECT_EQ(answer.status, 500) << path;
    EXPECT_TRUE(is_like(answer.body, "real-classic-9.0dev-error-owner-not-found.json")) << path;
  }
  EXPECT_EQ(OrderedJson::parse(site.ask(1, "health").body)["error_code"],
            "CDC:ErrClusterIsUnhealthy");
  EXPECT_EQ(site.ask(0, "status").status, 200) << "answered by whoever is asked";
  ASSERT_TRUE(site.becomes([&] { return site.ticdc_->owner_node() == 1U; }));
  // About a tenth of a second: names are known, positions are not.
  const HttpResponse list = site.ask(0, "changefeeds");
  EXPECT_EQ(OrderedJson::parse(list.body)["items"][0]["checkpoint_tso"], 0);
  const HttpResponse status = site.ask(0, "changefeeds/ow1/status");
  EXPECT_EQ(status.status, 400);
  EXPECT_TRUE(
      is_like(status.body, "real-classic-9.0dev-error-not-exists-during-owner-change.json"));
  ASSERT_TRUE(site.becomes([&] { return site.ask(0, "changefeeds/ow1/status").status == 200; }));
  EXPECT_NE(OrderedJson::parse(site.ask(1, "changefeeds").body)["items"][0]["checkpoint_tso"], 0);
}

TEST(Nodes, T26_AQuestionToAFreshOwnerKillsIt) {
  Site site("classic-8.5");
  site.ticdc_->resign();
  ASSERT_TRUE(site.becomes([&] { return site.ticdc_->owner_node() == 1U; }));
  const HttpResponse answer = site.ask(1, "changefeeds/ow1/synced");
  EXPECT_TRUE(answer.close_without_answer);
  ASSERT_TRUE(site.becomes([&] { return !site.ticdc_->owner_node(); }));
}

TEST(Nodes, T26_ADeadClassicOwnerIsAskedForEightAndAHalfSeconds) {
  Site site("classic-8.5");
  const std::uint64_t before = site.ticdc_->feeds()[0].checkpoint;
  site.kill(0);
  const HttpResponse dead = site.ask(1, "changefeeds");
  EXPECT_EQ(dead.status, 500);
  EXPECT_EQ(OrderedJson::parse(dead.body)["error_code"], "");
  EXPECT_EQ(OrderedJson::parse(dead.body)["error_msg"],
            "Get \"http://" + site.ticdc_->address(0) + "/api/v2/changefeeds\": dial tcp " +
                site.ticdc_->address(0) + ": connect: connection refused");
  EXPECT_EQ(site.ask(1, "changefeeds/ow1/pause", "POST").status, 500);
  site.clock_.turn(seconds{9});
  ASSERT_TRUE(site.becomes([&] { return site.ticdc_->serves(1); }));
  EXPECT_EQ(site.ticdc_->owner_node(), 1U);
  EXPECT_GE(site.ticdc_->feeds()[0].checkpoint, before);
  EXPECT_EQ(OrderedJson::parse(site.ask(1, "captures").body)["total"], 1);
}

TEST(Nodes, T26_ADeadCoordinatorOfTheNewArchitecture) {
  Site site("new-8.5");
  site.kill(0);
  const std::string dead = site.ticdc_->address(0);
  for (const auto& [path, file] :
       {std::pair{"changefeeds", "real-new-9.0dev-notready-kill9-2384-changefeeds-1089.json"},
        std::pair{"changefeeds/ow1",
                  "real-new-9.0dev-notready-kill9-2384-changefeeds-ow1-1059.json"},
        std::pair{"changefeeds/ow1/status",
                  "real-new-9.0dev-notready-kill9-2384-changefeeds-ow1-status-1061.json"},
        std::pair{"health", "real-new-9.0dev-notready-kill9-2384-health-1067.json"}}) {
    const HttpResponse answer = site.ask(1, path);
    EXPECT_EQ(answer.status, 500);
    EXPECT_TRUE(is_like(answer.body, file)) << path << answer.body;
  }
  site.clock_.turn(seconds{10});
  ASSERT_TRUE(site.becomes([&] { return site.ticdc_->owner_node() == 1U; }));
  EXPECT_EQ(site.ask(1, "health").status, 200) << "five seconds before the list works";
  for (const auto& [path, file] :
       {std::pair{"changefeeds", "real-new-9.0dev-notready-kill9-2384-changefeeds-10881.json"},
        std::pair{"changefeeds/ow1",
                  "real-new-9.0dev-notready-kill9-2384-changefeeds-ow1-10888.json"},
        std::pair{"changefeeds/ow1/status",
                  "real-new-9.0dev-notready-kill9-2384-changefeeds-ow1-status-10891.json"}}) {
    const HttpResponse answer = site.ask(1, path);
    EXPECT_EQ(answer.status, 500);
    EXPECT_TRUE(is_like(answer.body, file)) << path << answer.body;
  }
  site.clock_.turn(seconds{5});
  EXPECT_EQ(site.ask(1, "changefeeds").status, 200);
  EXPECT_TRUE(is_like(site.ask(1, "captures").body, "real-new-9.0dev-captures-after-kill.json"));
}

TEST(Nodes, T02_AResignOfTheCoordinator) {
  Site site("new-8.5");
  EXPECT_TRUE(
      is_like(site.ask(0, "owner/resign", "POST").body, "real-new-9.0dev-owner-resign.json"));
  const HttpResponse answer = site.ask(0, "changefeeds");
  EXPECT_EQ(answer.status, 500);
  EXPECT_TRUE(is_like(answer.body, "real-new-9.0dev-notready-resign-2383-changefeeds-509.json"));
  ASSERT_TRUE(site.becomes([&] { return site.ask(0, "changefeeds").status == 200; }));
  EXPECT_EQ(site.ticdc_->owner_node(), 1U);
}

TEST(Nodes, T02_AllKilledAndOneRestartedIsNotReadyThenHangs) {
  Site site("classic-8.5");
  site.kill(0);
  site.kill(1);
  site.ticdc_->revive(0);
  ASSERT_TRUE(site.becomes([&] { return !site.refused(0); }));
  const HttpResponse early = site.ask(0, "changefeeds");
  EXPECT_EQ(early.status, 503);
  EXPECT_TRUE(is_like(early.body, "real-classic-9.0dev-error-not-ready-after-start.json"));
  ASSERT_TRUE(site.becomes([&] { return site.ask(0, "status").status == 200; }));
  std::atomic<int> status = 0;
  std::jthread asking([&] { status = site.ask(0, "changefeeds/ow1/status").status; });
  site.base_.wait_for(Millis{100}, {});
  EXPECT_EQ(status, 0) << "nobody answers while the old session lives";
  site.clock_.turn(seconds{12});
  ASSERT_TRUE(site.becomes([&] { return status != 0; }));
  ASSERT_TRUE(site.becomes([&] { return site.ask(0, "changefeeds/ow1/status").status == 200; }));
}

TEST(Nodes, T02_TheOnlyRestartedNodeOfTheNewArchitectureNamesItsDeadSelf) {
  Site site("new-8.5");
  site.kill(1);
  site.kill(0);
  site.ticdc_->revive(0);
  ASSERT_TRUE(site.becomes([&] { return !site.refused(0); }));
  EXPECT_TRUE(is_like(site.ask(0, "changefeeds").body,
                      "real-new-9.0dev-notready-start-changefeeds-1279.json"));
  EXPECT_TRUE(
      is_like(site.ask(0, "health").body, "real-new-9.0dev-notready-start-health-1270.json"));
  site.clock_.turn(seconds{6});
  ASSERT_TRUE(site.becomes([&] { return site.ask(0, "health").status == 200; }));
  EXPECT_TRUE(is_like(site.ask(0, "changefeeds").body,
                      "real-new-9.0dev-notready-start-changefeeds-7112.json"));
  site.clock_.turn(seconds{5});
  EXPECT_EQ(site.ask(0, "changefeeds").status, 200);
}

TEST(Nodes, T26_AHangingOwnerHoldsForwardedCallsUntilItWakes) {
  Site site("classic-8.5");
  site.ticdc_->suspend(0);
  std::atomic<int> status = 0;
  std::jthread asking([&] { status = site.ask(1, "changefeeds").status; });
  site.base_.wait_for(Millis{100}, {});
  EXPECT_EQ(status, 0);
  site.ticdc_->unsuspend(0);
  ASSERT_TRUE(site.becomes([&] { return status == 200; }));
  EXPECT_EQ(site.ticdc_->owner_node(), 0U);
}

TEST(Nodes, T26_AnOwnerThatHangsForLongIsReplaced) {
  Site site("classic-8.5");
  site.ticdc_->suspend(0);
  site.clock_.turn(seconds{9});
  ASSERT_TRUE(site.becomes([&] { return site.ticdc_->owner_node() == 1U; }));
  site.ticdc_->unsuspend(0);
  ASSERT_TRUE(site.becomes([&] { return site.ask(0, "changefeeds/ow1/status").status == 200; }));
  EXPECT_EQ(site.ticdc_->owner_node(), 1U);
}

TEST(Nodes, T26_ARevivedNodeIsAnotherCapture) {
  Site site("classic-8.5");
  const std::string before = OrderedJson::parse(site.ask(1, "status").body)["id"];
  site.kill(1);
  site.ticdc_->revive(1);
  ASSERT_TRUE(site.becomes([&] { return site.ticdc_->serves(1); }));
  EXPECT_NE(OrderedJson::parse(site.ask(1, "status").body)["id"], before);
  EXPECT_EQ(OrderedJson::parse(site.ask(1, "captures").body)["total"], 2);
}

TEST(Nodes, T26_AnswersOfOneNodeCanBeLateWrongLostOrRefused) {
  Site site("classic-8.5");
  HttpFault fault;
  fault.kind = HttpFault::Kind::refused;
  fault.status = 502;
  fault.body = "bad gateway";
  fault.count = 2;
  site.ticdc_->http_faults(1).add(fault);
  EXPECT_EQ(site.ask(0, "changefeeds").status, 200);
  EXPECT_EQ(site.ask(1, "changefeeds").status, 502);
  EXPECT_EQ(site.ask(1, "changefeeds").status, 502);
  EXPECT_EQ(site.ask(1, "changefeeds").status, 200);
  Site other("classic-8.5");
  fault.kind = HttpFault::Kind::wrong;
  fault.count = 1;
  fault.elsewhere = [&](const HttpRequest& request, const std::stop_token& stop) {
    return other.ticdc_->answer(0, request, stop);
  };
  site.ticdc_->http_faults(0).add(fault);
  const OrderedJson wrong = OrderedJson::parse(site.ask(0, "changefeeds").body);
  EXPECT_EQ(wrong["items"][0]["upstream_id"], other.cluster_.cluster_id);
  // What the owner loses, a forwarding node reports as Go does.
  fault = {};
  fault.part = "/pause";
  site.ticdc_->http_faults(0).add(fault);
  const OrderedJson lost = OrderedJson::parse(site.ask(1, "changefeeds/ow1/pause", "POST").body);
  EXPECT_EQ(lost["error_msg"],
            "Post \"http://" + site.ticdc_->address(0) + "/api/v2/changefeeds/ow1/pause\": EOF");
  EXPECT_TRUE(site.becomes([&] { return site.ticdc_->feeds()[0].info.state == "stopped"; }));
}

TEST(Nodes, T12_ClassicQueuesAPauseAndForgetsItWithItsOwner) {
  Site site("classic-8.5");
  EXPECT_EQ(site.ask(1, "changefeeds/ow1/pause", "POST").status, 200);
  EXPECT_EQ(site.ticdc_->feeds()[0].info.state, "normal") << "a 200 means that it is queued";
  site.ticdc_->resign();
  ASSERT_TRUE(site.becomes([&] { return site.ticdc_->serves(0) && site.ticdc_->serves(1); }));
  site.base_.wait_for(Millis{300}, {});
  EXPECT_EQ(site.ticdc_->feeds()[0].info.state, "normal");
}

}  // namespace
}  // namespace bdrmesh::lab
