// Why a link is as it is, in words: each cause planted in a healthy link.
#include "mesh/judge/explain.h"

#include <algorithm>
#include <functional>
#include <gtest/gtest.h>

namespace bdrmesh {
namespace {

const WallTime kNow = from_millis(1'790'000'000'000);

struct Scene {
  ClusterSeen origin;
  ClusterSeen target;
  ExplainInputs in;

  Scene() {
    origin.name = ClusterName("east");
    origin.feeds = std::make_shared<FeedSheet>();
    target.name = ClusterName("west");
    target.gate.servers = {{ServerAddress("w1:4000"), false, {}}};
    in.group = GroupName("orders");
    in.link = {origin.name, target.name};
    in.feed = FeedSummary{ChangefeedId("orders-east-to-west-1"), "normal", Tso::at(kNow), 7,
                          std::nullopt};
    in.movement = Movement{Tso::at(kNow), kNow};
    in.verdict = {"moving", "", Millis{300}};
    in.now = kNow;
  }
  std::vector<Cause> causes() {
    in.origin = &origin;
    in.target = &target;
    return explain_link(in);
  }
  void stuck() { in.verdict.word = "stuck"; }
  void error(const char* code, const char* message) {
    stuck();
    in.feed->error = FeedError{code, message, ""};
  }
};

struct Case {
  const char* name;
  std::function<void(Scene&)> plant;
  const char* area;
  bool certain;
  const char* says;  ///< part of text or remedy
};
void PrintTo(const Case& one, std::ostream* out) { *out << one.name; }

struct ExplainLink : ::testing::TestWithParam<Case> {};

TEST_P(ExplainLink, NamesTheCause) {
  Scene scene;
  GetParam().plant(scene);
  const auto causes = scene.causes();
  std::string told;
  for (const Cause& one : causes) told += one.area + ": " + one.text + " | " + one.remedy + "\n";
  const bool found = std::ranges::any_of(causes, [](const Cause& one) {
    return one.area == GetParam().area && one.certain == GetParam().certain &&
           (one.text + one.remedy).find(GetParam().says) != std::string::npos;
  });
  EXPECT_TRUE(found) << told;
}

TargetLook look_with(DdlJob job) {
  TargetLook look;
  look.running.push_back(std::move(job));
  return look;
}

INSTANTIATE_TEST_SUITE_P(
    OneThingEach, ExplainLink,
    ::testing::Values(
        Case{"healthy", [](Scene&) {}, "none", true, "the link moves, 0.3 s behind"},
        Case{"healthy and proven", [](Scene& s) { s.in.beat.proven_at = kNow; }, "none", true,
             "was seen to arrive"},
        Case{"TiCDC silent",
             [](Scene& s) {
               s.origin.feeds = nullptr;
               s.origin.ticdc.error = "TICDC_UNREACHABLE: refused";
               s.in.verdict.word = "unknown";
             },
             "upstream", true, "TICDC_UNREACHABLE"},
        Case{"an owner is elected",
             [](Scene& s) { s.origin.ticdc.trouble = "TICDC_BUSY: owner not found"; }, "upstream",
             false, "up to 15 s"},
        Case{"TiDB of the origin",
             [](Scene& s) {
               s.origin.error = "TIDB_UNREACHABLE: refused";
               s.stuck();
             },
             "upstream", true, "TIDB_UNREACHABLE"},
        Case{"no feed",
             [](Scene& s) {
               s.in.feed.reset();
               s.in.verdict.word = "missing";
             },
             "configuration", true, "bdrmesh link repair orders east west"},
        Case{"paused",
             [](Scene& s) {
               s.in.feed->state = "stopped";
               s.in.verdict.word = "stopped";
             },
             "configuration", true, "bdrmesh link resume orders east west"},
        Case{"paused after an error",
             [](Scene& s) {
               s.error("CDC:ErrMySQLTxnError", "Error 1146: no table");
               s.in.feed->state = "stopped";
               s.in.verdict.word = "stopped";
             },
             "configuration", true, "the changefeed is paused"},
        Case{"an error before the pause",
             [](Scene& s) {
               s.error("CDC:ErrMySQLTxnError", "Error 1146: no table");
               s.in.feed->state = "stopped";
               s.in.verdict.word = "stopped";
             },
             "table", false, "before it came to rest it had met"},
        Case{"finished",
             [](Scene& s) {
               s.in.feed->state = "finished";
               s.in.verdict.word = "stopped";
             },
             "configuration", true, "target timestamp"},
        Case{"failed without a word",
             [](Scene& s) {
               s.in.feed->state = "failed";
               s.in.verdict.word = "failed";
             },
             "unknown", true, "does not say why"},
        Case{"credentials",
             [](Scene& s) { s.error("CDC:ErrMySQLConnectionError", "Error 3118: locked"); },
             "credentials", true, "ACCOUNT UNLOCK"},
        Case{"network",
             [](Scene& s) { s.error("CDC:ErrMySQLConnectionError", "connection refused"); },
             "network", true, "nothing listens"},
        Case{"table", [](Scene& s) { s.error("CDC:ErrReachMaxTry", "Error 1146: no table"); },
             "table", true, "missing on the target"},
        Case{"ddl", [](Scene& s) { s.error("CDC:ErrExecDDLFailed", "exec DDL failed"); }, "ddl",
             true, "refuses a DDL"},
        Case{"target down",
             [](Scene& s) {
               s.stuck();
               s.target.error = "TIDB_UNREACHABLE: refused";
             },
             "sink", true, "TiDB of west cannot be asked"},
        Case{"one server of the target",
             [](Scene& s) {
               s.stuck();
               s.target.gate.servers.push_back({ServerAddress("w2:4000"), false, "timed out"});
             },
             "network", false, "w2:4000"},
        Case{"target read-only",
             [](Scene& s) {
               s.stuck();
               s.target.gate.servers[0].closed = true;
             },
             "sink", false, "1836"},
        Case{"DDL on the target",
             [](Scene& s) {
               s.stuck();
               DdlJob job;
               job.id = 77;
               job.type = "add index";
               job.state = "running";
               s.in.look = look_with(job);
             },
             "ddl", false, "DDL job 77"},
        Case{"row lock",
             [](Scene& s) {
               s.stuck();
               OpenTransaction row;
               row.session_id = 9;
               row.state = "LockWaiting";
               s.in.look.emplace();
               s.in.look->of_sink.push_back(row);
             },
             "lock", true, "session 9"},
        Case{"target could not be asked",
             [](Scene& s) {
               s.stuck();
               s.in.look.emplace();
               s.in.look->error = "TIDB_TIMEOUT: no answer";
             },
             "sink", false, "TIDB_TIMEOUT"},
        Case{"heartbeat lost",
             [](Scene& s) {
               s.stuck();
               s.in.beat.lost_since = kNow - Millis{20000};
             },
             "sink", true, "marker"},
        Case{"no heartbeat", [](Scene& s) { s.in.silent = "its gate is closed"; }, "heartbeat",
             false, "its gate is closed"},
        Case{"history short",
             [](Scene& s) {
               s.stuck();
               s.in.gc = GcBudget{Millis{80'000'000}, Millis{6'400'000}, kNow, "gc-ttl", "half"};
             },
             "history", true, "tidb_gc_enable = OFF"},
        Case{"stuck without a sign", [](Scene& s) { s.stuck(); }, "unknown", false,
             "bdrmesh doctor --group orders"},
        Case{"slow",
             [](Scene& s) {
               s.in.verdict = {"slow", "it falls behind", Millis{90000}};
             },
             "sink", false, "worker-count"}));

TEST(ExplainLinkOrder, PutsWhatIsCertainFirst) {
  Scene scene;
  scene.error("CDC:ErrReachMaxTry", "Error 1146: no table");
  scene.target.gate.servers.push_back({ServerAddress("w2:4000"), false, "timed out"});
  scene.in.silent = "quiet";
  bool seen_doubt = false;
  for (const Cause& one : scene.causes()) {
    if (!one.certain) seen_doubt = true;
    EXPECT_FALSE(one.certain && seen_doubt) << one.text;
  }
}

TEST(ExplainLinkOrder, IsNeverEmpty) {
  Scene scene;
  scene.in.verdict.word = "unknown";
  scene.in.movement.reset();
  EXPECT_FALSE(scene.causes().empty());
  Scene fresh;
  fresh.in.verdict.word = "unknown";
  fresh.in.target = nullptr;
  EXPECT_FALSE(explain_link(fresh.in).empty());
}

}  // namespace
}  // namespace bdrmesh
