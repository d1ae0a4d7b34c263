// Answers of the classic profile against those recorded from the head of classic TiCDC
// (tests/data/ticdc/real-classic-9.0dev-*), one case per file.
#include "lab/cdc/recorded_cases.h"
#include "lab/engine/template_data.h"

namespace bdrmesh::lab {
namespace {

using World = ApiWorld;

const std::string kRules = R"({"filter":{"rules":["rt.a"]}})";

HttpAnswer post_feed(World& w, const std::string& body) { return w.post("changefeeds", body); }

HttpAnswer create_with(World& w, const std::string& config) {
  return post_feed(w, w.body_to(w.west().sink_uri(), config));
}

HttpAnswer create_into(World& w, const std::string& sink, const std::string& config = kRules) {
  return post_feed(w, w.body_to(sink, config));
}

/// A create that must succeed; its feed is taken away again.
HttpAnswer create_and_drop(World& w, const std::string& body) {
  HttpAnswer answer = post_feed(w, body);
  if (answer.status == 200) w.drop(answer.json()["id"]);
  return answer;
}

/// A stopped feed with its config changed and changed back would be the same; so each has its own.
HttpAnswer put_stopped(World& w, const std::string& body) {
  return w.put(w.stopped("t-full"), body);
}

std::string full_config() {
  return R"({"case_sensitive":true,"filter":{"rules":["rt.a"]},"mounter":{"worker_num":4},)"
         R"("sink":{"transaction_atomicity":"table","safe_mode":false},)"
         R"("consistent":{"level":"eventual","storage":"blackhole://"},)"
         R"("synced_status":{"synced_check_interval":10,"checkpoint_interval":15}})";
}

HttpAnswer create_full(World& w) {
  const std::string more = ",\"target_ts\":" + std::to_string(w.tso_in(3600));
  return w.create("full", more, full_config());
}

HttpAnswer detail_full(World& w) {
  if (w.east().state_of("full") == "absent") create_full(w);
  w.running("full");
  return w.get("changefeeds/full");
}

HttpAnswer detail_finished(World& w) {
  if (w.east().state_of("fin") == "absent") {
    w.create(
        "fin", ",\"target_ts\":" + std::to_string(w.tso_in(1)),
        R"({"filter":{"rules":["rt.a"]},"consistent":{"level":"eventual","storage":"blackhole://"}})");
  }
  EXPECT_TRUE(eventually([&] { return w.east().state_of("fin") == "finished"; }));
  return w.get("changefeeds/fin");
}

HttpAnswer resume(World& w, const std::string& id, std::uint64_t overwrite) {
  return w.post("changefeeds/" + id + "/resume",
                "{\"overwrite_checkpoint_ts\":" + std::to_string(overwrite) + "}");
}

HttpAnswer create_before_gc(World& w) {
  w.east().state().safepoints.set("test_worker", w.now() - 1, std::chrono::seconds{60});
  HttpAnswer answer = w.create("old", ",\"start_ts\":400000000000000000");
  w.east().state().safepoints.remove("test_worker");
  return answer;
}

HttpAnswer resume_before_gc(World& w) {
  w.stopped("tg");
  w.east().state().safepoints.set("test_worker", w.now() - 1, std::chrono::seconds{60});
  HttpAnswer answer = resume(w, "tg", 400000000000000000);
  w.east().state().safepoints.remove("test_worker");
  return answer;
}

HttpAnswer newborn_list(World& w) {
  w.drop("birth0");
  EXPECT_EQ(w.create("birth0").status, 200);
  return w.get("changefeeds");
}

HttpAnswer right_after_create(World& w) {
  w.drop("t-min");
  EXPECT_EQ(w.create("t-min").status, 200);
  return w.get("changefeeds/t-min");
}

HttpAnswer verify(World& w, const std::string& rules) {
  return w.post("verify_table", R"({"start_ts":)" + std::to_string(w.now()) +
                                    R"(,"replica_config":{"filter":{"rules":[")" + rules +
                                    R"("]}}})");
}

std::string capture_of(World& w) { return w.get("captures").json()["items"][0]["id"]; }

std::string capture_at(World& w, std::size_t place) {
  const Json captures = w.get("captures").json();
  for (const Json& item : captures["items"]) {
    if (item["is_owner"] == (place == 0)) return item["id"];
  }
  return "none";
}

/// A partial update of a feed whose sink URI names the atomicity.
HttpAnswer put_partial(World& w) {
  w.drop("part");
  const std::string config =
      R"({"bdr_mode":false,"case_sensitive":true,"filter":{"rules":["rt.a"]}})";
  EXPECT_EQ(
      post_feed(w, R"({"changefeed_id":"part","sink_uri":")" + w.west().sink_uri() +
                       R"(?transaction-atomicity=table","target_ts":)" +
                       std::to_string(w.tso_in(3600)) + R"(,"replica_config":)" + config + "}")
          .status,
      200);
  HttpAnswer answer = w.put(w.stopped("part"), R"({"replica_config":)" + kRules + "}");
  w.drop("part");
  return answer;
}

HttpAnswer put_bad_scheme(World& w) {
  const std::string config = R"({"enable_sync_point":true,"filter":{"rules":["rt.a"]}})";
  w.drop("sp");
  EXPECT_EQ(w.create("sp", "", config).status, 200);
  EXPECT_TRUE(eventually([&] { return w.get("changefeeds/sp").status == 200; }));
  EXPECT_EQ(w.post("changefeeds/sp/pause").status, 200);
  EXPECT_TRUE(eventually([&] { return w.east().state_of("sp") == "stopped"; }));
  HttpAnswer answer = w.put("sp", R"({"sink_uri":"oracle://root@127.0.0.1:2299/"})");
  w.drop("sp");
  return answer;
}

HttpAnswer no_stopped_feed(World& w) {
  const Json stopped = w.get("changefeeds?state=stopped").json();
  for (const Json& item : stopped["items"]) w.drop(item["id"]);
  return w.get("changefeeds?state=stopped");
}

std::string own_sink(World& w) { return w.east().sink_uri(); }

std::vector<RecordedCase> creates() {
  return {
      {"create-error-bad-filter", 400,
       [](World& w) { return create_with(w, R"({"filter":{"rules":["rt.["]}})"); }},
      {"create-error-bad-event-filter", 500,
       [](World& w) {
         return create_with(w,
                            R"({"filter":{"rules":["rt.a"],"event_filters":[{"matcher":["rt.a"],)"
                            R"("ignore_event":["nonsense"]}]}})");
       }},
      {"create-error-bad-id-too-long", 400,
       [](World& w) { return w.create(std::string(129, 'a')); }},
      {"create-error-bad-id-underscore", 400, [](World& w) { return w.create("bad_id"); }},
      {"create-error-bdr-blackhole", 400,
       [](World& w) {
         return create_into(w, "blackhole://", R"({"bdr_mode":true,"filter":{"rules":["rt.a"]}})");
       }},
      {"create-error-bdr-file", 400,
       [](World& w) {
         return create_into(w, "file:///data/fsink?protocol=csv",
                            R"({"bdr_mode":true,"filter":{"rules":["rt.a"]}})");
       }},
      {"create-error-bdr-kafka", 400,
       [](World& w) {
         return create_into(w, "kafka://127.0.0.1:2999/t?protocol=canal-json",
                            R"({"bdr_mode":true,"filter":{"rules":["rt.a"]}})");
       }},
      {"create-error-duplicate-id", 500, [](World& w) { return w.create(w.running("c1-c2")); }},
      {"create-error-empty-body", 400, [](World& w) { return post_feed(w, ""); }, kPlainType},
      {"create-error-malformed-json", 400,
       [](World& w) { return post_feed(w, "{\"changefeed_id\":"); }, kPlainType},
      {"create-error-no-sink-uri", 400,
       [](World& w) { return post_feed(w, R"({"changefeed_id":"t-x"})"); }},
      {"create-error-redo-bad-storage", 500,
       [](World& w) {
         return create_with(
             w,
             R"({"filter":{"rules":["rt.a"]},"consistent":{"level":"eventual","storage":"xx://a"}})");
       }},
      {"create-error-redo-no-storage", 500,
       [](World& w) {
         return create_with(w,
                            R"({"filter":{"rules":["rt.a"]},"consistent":{"level":"eventual"}})");
       }},
      {"create-error-same-cluster", 500, [](World& w) { return create_into(w, own_sink(w)); }},
      {"create-error-sink-bad-param", 400,
       [](World& w) { return create_into(w, w.west().sink_uri() + "?worker-count=0"); }},
      {"create-error-sink-scheme-unknown", 400,
       [](World& w) { return create_into(w, "oracle://root@127.0.0.1:1/"); }},
      {"create-error-sink-unreachable", 400,
       [](World& w) { return create_into(w, World::dead_sink()); }},
      {"create-error-sink-unreachable-bdr", 400,
       [](World& w) {
         return create_into(w, World::dead_sink(),
                            R"({"bdr_mode":true,"filter":{"rules":["rt.a"]}})");
       }},
      {"create-error-sink-uri-garbage", 400,
       [](World& w) { return create_into(w, "mysql://[::1"); }},
      {"create-error-sink-wrong-password", 400,
       [](World& w) { return create_into(w, w.wrong_password()); }},
      {"create-error-sink-wrong-password-bdr", 400,
       [](World& w) {
         return create_into(w, w.wrong_password(),
                            R"({"bdr_mode":true,"filter":{"rules":["rt.a"]}})");
       }},
      {"create-error-start-ts-before-gc", 400, create_before_gc},
      {"create-error-start-ts-float", 400,
       [](World& w) { return post_feed(w, R"({"start_ts":4.7e17})"); }, kPlainType},
      {"create-error-start-ts-future", 400,
       [](World& w) { return w.create("fut", ",\"start_ts\":" + std::to_string(w.tso_in(600))); }},
      {"create-error-start-ts-negative", 400,
       [](World& w) { return post_feed(w, R"({"start_ts":-1})"); }, kPlainType},
      {"create-error-start-ts-string", 400,
       [](World& w) { return post_feed(w, R"({"start_ts":"5"})"); }, kPlainType},
      {"create-error-stuck-duration", 500,
       [](World& w) {
         return create_with(
             w, R"({"filter":{"rules":["rt.a"]},"changefeed_error_stuck_duration":"1m"})");
       }},
      {"create-error-sync-point-interval", 500,
       [](World& w) {
         return create_with(
             w,
             R"({"filter":{"rules":["rt.a"]},"enable_sync_point":true,"sync_point_interval":"10s"})");
       }},
      {"create-error-syncpoint-file", 400,
       [](World& w) {
         return create_into(w, "file:///data/fsink?protocol=csv",
                            R"({"enable_sync_point":true,"filter":{"rules":["rt.a"]}})");
       }},
      {"create-error-table-ineligible", 400,
       [](World& w) { return create_with(w, R"({"filter":{"rules":["rt.*"]}})"); }},
      {"create-error-target-before-start", 400,
       [](World& w) { return w.create("tgt", ",\"target_ts\":470615476545519616"); }},
      {"create-error-wrong-type", 400,
       [](World& w) { return post_feed(w, R"({"changefeed_id":5,"sink_uri":"x"})"); }, kPlainType},
      {"create-full", 200, create_full},
      {"create-minimal", 200,
       [](World& w) {
         return create_and_drop(w, R"({"changefeed_id":"t-minimal","sink_uri":")" +
                                       w.west().sink_uri() +
                                       R"(","replica_config":{"filter":{"rules":["rt.a"]}}})");
       }},
      {"create-no-id-uuid", 200,
       [](World& w) {
         return create_and_drop(
             w, R"({"sink_uri":")" + w.west().sink_uri() + R"(","replica_config":)" + kRules + "}");
       }},
      {"create-redo-level-nonsense-accepted", 200,
       [](World& w) {
         return create_and_drop(
             w,
             w.feed_body(
                 "t-lvl", "",
                 R"({"filter":{"rules":["rt.a"]},"consistent":{"level":"Eventual","storage":"file:///tmp/no"}})"));
       }},
      {"create-unknown-keys-ignored", 200,
       [](World& w) {
         return create_and_drop(w, w.feed_body("t-typo", ",\"bdr_mode\":true",
                                               R"({"filter":{"rules":["rt.a"]},"bdr-mode":true})"));
       }},
  };
}

std::vector<RecordedCase> reads() {
  return {
      {"captures", 200, [](World& w) { return w.get("captures"); }},
      {"config", 200, [](World& w) { return w.get_page("/config"); }},
      {"detail-normal", 200, [](World& w) { return w.get("changefeeds/" + w.running("c1-c2")); }},
      {"detail-right-after-create", 400, right_after_create},
      {"detail-full-with-all-keys", 200, detail_full},
      {"detail-finished", 200, detail_finished},
      {"status-finished", 200,
       [](World& w) {
         detail_finished(w);
         return w.get("changefeeds/fin/status");
       }},
      {"list-all-finished", 200,
       [](World& w) {
         detail_finished(w);
         return w.get("changefeeds?state=all");
       }},
      {"list-default-hides-finished", 200,
       [](World& w) {
         detail_finished(w);
         HttpAnswer answer = w.get("changefeeds");
         EXPECT_EQ(answer.body.find("\"fin\""), std::string::npos);
         return answer;
       }},
      {"resume-finished", 200,
       [](World& w) {
         detail_finished(w);
         HttpAnswer answer = w.post("changefeeds/fin/resume", "{}");
         w.drop("fin");
         return answer;
       }},
      {"error-pause-finished", 200,
       [](World& w) {
         detail_finished(w);
         return w.post("changefeeds/fin/pause");
       }},
      {"detail-stopped", 200,
       [](World& w) {
         detail_full(w);
         w.post("changefeeds/full/pause");
         EXPECT_TRUE(eventually([&] { return w.east().state_of("full") == "stopped"; }));
         return w.get("changefeeds/full");
       }},
      {"status-stopped", 200,
       [](World& w) { return w.get("changefeeds/" + w.stopped("t-full") + "/status"); }},
      {"list-stopped", 200,
       [](World& w) {
         w.stopped("t-full");
         return w.get("changefeeds?state=stopped");
       }},
      {"list-state-all", 200,
       [](World& w) {
         w.running("c1-c2");
         return w.get("changefeeds?state=all");
       }},
      {"list-state-nonsense", 200, [](World& w) { return w.get("changefeeds?state=nonsense"); }},

      {"list-newborn-checkpoint-0", 200, newborn_list},
      {"list", 200,
       [](World& w) {
         w.running("c1-c2");
         return w.get("changefeeds");
       }},
      {"status-normal", 200,
       [](World& w) { return w.get("changefeeds/" + w.running("c1-c2") + "/status"); }},
      {"list-state-stopped-empty", 200, no_stopped_feed},
      {"meta-info-password-in-clear-masked-by-us", 200,
       [](World& w) { return w.get("changefeeds/" + w.running("c1-c2") + "/meta_info"); }},
      {"synced-false-running", 200,
       [](World& w) { return w.get("changefeeds/" + w.running("c1-c2") + "/synced"); }},
      {"synced-t-full", 200,
       [](World& w) { return w.get("changefeeds/" + w.running("t-full") + "/synced"); }},
      {"health", 200, [](World& w) { return w.get("health"); }},
      {"meta-info", 200,
       [](World& w) {
         detail_full(w);
         return w.get("changefeeds/full/meta_info");
       }},
      {"processors", 200,
       [](World& w) {
         w.running("c1-c2");
         return w.get("processors");
       }},
      {"processor", 200,
       [](World& w) { return w.get("processors/" + w.running("c1-c2") + "/" + capture_of(w)); }},
      {"status-server", 200, [](World& w) { return w.get("status"); }},
      {"synced-true", 200,
       [](World& w) { return w.get("changefeeds/" + w.running("c1-c2") + "/synced"); }},
      {"synced-stopped", 200,
       [](World& w) { return w.get("changefeeds/" + w.stopped("t-full") + "/synced"); }},
      {"tso", 200, [](World& w) { return w.post("tso", "{}"); }},
      {"error-tso-no-body", 400, [](World& w) { return w.post("tso"); }, kPlainType},
      {"error-detail-unknown", 400, [](World& w) { return w.get("changefeeds/nosuch"); }},
      {"error-status-unknown", 400, [](World& w) { return w.get("changefeeds/nosuch/status"); }},
      {"unsafe-metadata", 200,
       [](World& w) {
         w.running("c1-c2");
         return w.get("unsafe/metadata");
       }},
      {"error-unsafe-resolve-lock", 500,
       [](World& w) { return w.post("unsafe/resolve_lock", "{}"); }},
      {"log", 200, [](World& w) { return w.post("log", R"({"log_level":"info"})"); }},
      {"error-log-bad", 400, [](World& w) { return w.post("log", R"({"log_level":"loud"})"); }},
      {"verify-table", 200, [](World& w) { return verify(w, "rt.*"); }},
      {"verify-table-none", 200, [](World& w) { return verify(w, "nosuch.*"); }},
  };
}

std::vector<RecordedCase> changes() {
  return {
      {"pause", 200,
       [](World& w) { return w.post("changefeeds/" + w.running("t-full") + "/pause"); }},
      {"pause-again-when-stopped", 200,
       [](World& w) { return w.post("changefeeds/" + w.stopped("t-full") + "/pause"); }},
      {"resume", 200,
       [](World& w) { return w.post("changefeeds/" + w.stopped("tg") + "/resume", "{}"); }},
      {"resume-when-normal", 200,
       [](World& w) { return w.post("changefeeds/" + w.running("c1-c2") + "/resume", "{}"); }},
      {"resume-overwrite-forward", 200,
       [](World& w) { return resume(w, w.stopped("tg"), w.now()); }},
      {"resume-overwrite-backward", 200,
       [](World& w) { return resume(w, w.stopped("tg"), w.tso_in(-2)); }},
      {"error-resume-overwrite-future", 400,
       [](World& w) { return resume(w, w.stopped("tg"), w.tso_in(600)); }},
      {"error-resume-overwrite-before-gc", 400, resume_before_gc},
      {"error-resume-overwrite-string", 400,
       [](World& w) {
         return w.post("changefeeds/" + w.stopped("tg") + "/resume",
                       R"({"overwrite_checkpoint_ts":"1"})");
       },
       kPlainType},
      {"error-resume-no-body", 400,
       [](World& w) { return w.post("changefeeds/" + w.stopped("tg") + "/resume"); }, kPlainType},
      {"error-resume-unknown", 400,
       [](World& w) { return w.post("changefeeds/nosuch/resume", "{}"); }},
      {"error-pause-unknown", 400, [](World& w) { return w.post("changefeeds/nosuch/pause"); }},
      {"error-update-unknown", 400, [](World& w) { return w.put("nosuch", R"({"target_ts":1})"); }},
      {"error-update-running", 400,
       [](World& w) { return w.put(w.running("c1-c2"), R"({"target_ts":1})"); }},
      {"error-update-no-body", 400, [](World& w) { return put_stopped(w, ""); }, kPlainType},
      {"error-update-empty-object", 400, [](World& w) { return put_stopped(w, "{}"); }},
      {"error-update-replica-config-null", 400,
       [](World& w) { return put_stopped(w, R"({"replica_config":null})"); }},
      {"error-update-identical", 400,
       [](World& w) {
         const Json config = w.detail(w.stopped("t-full"))["config"];
         return put_stopped(w, R"({"replica_config":)" + config.dump() + "}");
       }},
      {"error-update-target-before-start", 400,
       [](World& w) {
         const auto start = w.detail(w.stopped("t-full"))["start_ts"].get<std::uint64_t>();
         return put_stopped(w, "{\"target_ts\":" + std::to_string(start - 1) + "}");
       }},
      {"error-update-bad-sink", 400,
       [](World& w) { return put_stopped(w, R"({"sink_uri":")" + World::dead_sink() + R"("})"); }},
      {"error-update-same-cluster", 500,
       [](World& w) { return put_stopped(w, R"({"sink_uri":")" + own_sink(w) + R"("})"); }},
      {"error-drain-owner", 400,
       [](World& w) { return w.post("captures/" + capture_at(w, 0) + "/drain"); }},
      {"error-drain-unknown-two-nodes", 400,
       [](World& w) { return w.post("captures/nosuch/drain"); }},
      {"drain-202", 202,
       [](World& w) { return w.post("captures/" + capture_at(w, 1) + "/drain"); }},
      {"error-update-bad-scheme", 400, put_bad_scheme},
      {"update-partial-replica-config", 200, put_partial},
      {"update-full", 200,
       [](World& w) {
         detail_full(w);
         w.post("changefeeds/full/pause");
         EXPECT_TRUE(eventually([&] { return w.east().state_of("full") == "stopped"; }));
         Json config = w.detail("full")["config"];
         config["mounter"]["worker_num"] = config["mounter"]["worker_num"].get<int>() + 1;
         return w.put("full", R"({"replica_config":)" + config.dump() + "}");
       }},
      {"update-start-ts-ignored", 200,
       [](World& w) {
         detail_full(w);
         w.post("changefeeds/full/pause");
         EXPECT_TRUE(eventually([&] { return w.east().state_of("full") == "stopped"; }));
         return w.put("full",
                      "{\"start_ts\":5,\"target_ts\":" + std::to_string(w.tso_in(7200)) + "}");
       }},
  };
}

class RecordedClassic : public ::testing::TestWithParam<RecordedCase> {};

TEST_P(RecordedClassic, AnswersAsRecorded) {
  BDR_NEEDS_MARIADB();
  expect_recorded(ApiWorld::of(classic_head()), GetParam(),
                  "real-classic-9.0dev-" + GetParam().name + ".json");
}

INSTANTIATE_TEST_SUITE_P(Creates, RecordedClassic, ::testing::ValuesIn(creates()), case_name);
INSTANTIATE_TEST_SUITE_P(Reads, RecordedClassic, ::testing::ValuesIn(reads()), case_name);
INSTANTIATE_TEST_SUITE_P(Changes, RecordedClassic, ::testing::ValuesIn(changes()), case_name);

}  // namespace
}  // namespace bdrmesh::lab
