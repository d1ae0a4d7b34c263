// Answers of the new-arch profile against those recorded from a real TiCDC of the new architecture
// (tests/data/ticdc/real-new-9.0dev-*), one case per file.
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

std::string full_config() {
  return R"({"force_replicate":false,"ignore_ineligible_table":false,"bdr_mode":true,)"
         R"("enable_sync_point":true,"sync_point_interval":"30s","sync_point_retention":"1h",)"
         R"("filter":{"rules":["rt.a"]},"consistent":{"level":"eventual","storage":"blackhole://"}})";
}

std::string full_sink(World& w) {
  return w.west().sink_uri() + "?worker-count=4&safe-mode=false&transaction-atomicity=table";
}

HttpAnswer create_full(World& w) {
  if (w.east().state_of("full1") != "absent") w.drop("full1");
  return post_feed(w, R"({"changefeed_id":"full1","sink_uri":")" + full_sink(w) +
                          R"(","replica_config":)" + full_config() + "}");
}

/// A feed without the full one's switches: its answers are those of a common feed.
const std::string& common_feed(World& w) { return w.running("c3-c4"); }

HttpAnswer stopped_then(World& w, const std::string& method, const std::string& rest,
                        const std::string& body = "") {
  return w.east().call(method, "changefeeds/" + w.stopped("full2") + rest, body);
}

HttpAnswer put_stopped(World& w, const std::string& body) {
  return stopped_then(w, "PUT", "", body);
}

/// Puts the feed right after a case that left a refused update behind.
HttpAnswer put_refused(World& w, const std::string& body) {
  HttpAnswer answer = put_stopped(w, body);
  EXPECT_EQ(put_stopped(w, R"({"sink_uri":")" + w.west().sink_uri() + R"(","replica_config":)" +
                               kRules + "}")
                .status,
            200);
  return answer;
}

HttpAnswer resume_at(World& w, std::uint64_t overwrite) {
  return stopped_then(w, "POST", "/resume",
                      "{\"overwrite_checkpoint_ts\":" + std::to_string(overwrite) + "}");
}

/// While PD lets nobody begin before now.
template <class Ask>
HttpAnswer with_history_gone(World& w, Ask ask) {
  w.east().state().safepoints.set("test_worker", w.now() - 1, std::chrono::seconds{60});
  HttpAnswer answer = ask();
  w.east().state().safepoints.remove("test_worker");
  return answer;
}

HttpAnswer finished(World& w, const std::string& rest) {
  if (w.east().state_of("fin1") == "absent") {
    EXPECT_EQ(w.create("fin1", ",\"target_ts\":" + std::to_string(w.tso_in(2))).status, 200);
  }
  EXPECT_TRUE(eventually([&] { return w.east().state_of("fin1") == "finished"; }));
  return w.get("changefeeds/fin1" + rest);
}

HttpAnswer verify(World& w, const std::string& config,
                  const std::string& endpoint = "verify_table") {
  return w.post(endpoint, R"({"sink_uri":")" + w.west().sink_uri() + R"(","start_ts":)" +
                              std::to_string(w.now()) + R"(,"replica_config":)" + config + "}");
}

std::string capture_of(World& w) { return w.get("captures").json()["items"][0]["id"]; }

std::string table_of(World& w) {
  const Json items = w.get("changefeeds/" + common_feed(w) + "/tables").json()["items"];
  return std::to_string(items[0]["table_ids"].back().get<std::int64_t>());
}

std::vector<RecordedCase> creates() {
  return {
      {"create-bad-duration", 500,
       [](World& w) {
         return create_with(
             w,
             R"({"filter":{"rules":["rt.a"]},"enable_sync_point":true,"sync_point_interval":"1s"})");
       }},
      {"create-bad-filter", 400,
       [](World& w) { return create_with(w, R"({"filter":{"rules":["tt"]}})"); }},
      {"create-bad-id", 400, [](World& w) { return w.create("a_b"); }},
      {"create-long-id", 400, [](World& w) { return w.create(std::string(129, 'a')); }},
      {"create-bad-param", 400,
       [](World& w) { return create_into(w, w.west().sink_uri() + "?worker-count=-1"); }},
      {"create-bad-scheme", 400, [](World& w) { return create_into(w, "foo://1.2.3.4/"); }},
      {"create-bad-stuck", 500,
       [](World& w) {
         return create_with(
             w, R"({"filter":{"rules":["rt.a"]},"changefeed_error_stuck_duration":"1m"})");
       }},
      {"create-bad-uri", 400,
       [](World& w) { return create_into(w, "mysql://root@127.0.0.1:abc/%zz"); }},
      {"create-downstream-down", 400, [](World& w) { return create_into(w, World::dead_sink()); }},
      {"create-unreachable", 400, [](World& w) { return create_into(w, World::dead_sink()); }},
      {"create-duplicate-id", 500, [](World& w) { return w.create(common_feed(w)); }},
      {"create-empty-body", 400, [](World& w) { return post_feed(w, ""); }, kPlainType},
      {"create-malformed", 400, [](World& w) { return post_feed(w, "{\"changefeed_id\":"); },
       kPlainType},
      {"create-float-tso", 400, [](World& w) { return post_feed(w, R"({"start_ts":4.7e17})"); },
       kPlainType},
      {"create-string-tso", 400, [](World& w) { return post_feed(w, R"({"start_ts":"5"})"); },
       kPlainType},
      {"create-full", 200, create_full},
      {"create-ineligible", 400,
       [](World& w) { return create_with(w, R"({"filter":{"rules":["rt.*"]}})"); }},
      {"create-minimal", 200,
       [](World& w) {
         return create_and_drop(
             w, R"({"sink_uri":")" + w.west().sink_uri() + R"(","replica_config":)" + kRules + "}");
       }},
      {"create-no-sink", 400, [](World& w) { return post_feed(w, R"({"changefeed_id":"x1"})"); }},
      {"create-redo-bad-level", 200,
       [](World& w) {
         return create_and_drop(
             w,
             w.feed_body(
                 "x1", "",
                 R"({"filter":{"rules":["rt.a"]},"consistent":{"level":"evental","storage":"file:///tmp/no"}})"));
       }},
      {"create-redo-bad-scheme", 500,
       [](World& w) {
         return create_with(
             w,
             R"({"filter":{"rules":["rt.a"]},"consistent":{"level":"eventual","storage":"foo://a"}})");
       }},
      {"create-redo-no-storage", 500,
       [](World& w) {
         return create_with(w,
                            R"({"filter":{"rules":["rt.a"]},"consistent":{"level":"eventual"}})");
       }},
      {"create-redo-bdr-syncpoint", 200,
       [](World& w) {
         return create_and_drop(
             w,
             w.feed_body(
                 "rdo", "",
                 R"({"bdr_mode":true,"enable_sync_point":true,"sync_point_interval":"30s","sync_point_retention":"1h",)"
                 R"("filter":{"rules":["rt.a"]},"consistent":{"level":"eventual","storage":"blackhole://"}})"));
       }},
      {"create-same-cluster", 500, [](World& w) { return create_into(w, w.east().sink_uri()); }},
      {"create-start-1", 400,
       [](World& w) {
         return with_history_gone(w, [&] { return w.create("x1", ",\"start_ts\":1"); });
       }},
      {"create-start-before-gc", 400,
       [](World& w) {
         return with_history_gone(w, [&] {
           return w.create("x1", ",\"start_ts\":" + std::to_string(w.tso_in(-86400)));
         });
       }},
      {"create-start-future", 400,
       [](World& w) { return w.create("x1", ",\"start_ts\":" + std::to_string(w.tso_in(3600))); }},
      {"create-target-before-start", 400,
       [](World& w) { return w.create("x1", ",\"target_ts\":470615492077813764"); }},
      {"create-syncpoint-kafka", 500,
       [](World& w) {
         return create_into(w, "kafka://127.0.0.1:9092/t?protocol=open-protocol",
                            R"({"filter":{"rules":["rt.a"]},"enable_sync_point":true})");
       }},
      {"create-unknown-keys", 200,
       [](World& w) {
         return create_and_drop(w, w.feed_body("x1", ",\"keyspace\":\"ks\",\"bdr_mode\":true"));
       }},
      {"create-unknown-uri-param", 200,
       [](World& w) {
         return create_and_drop(w, R"({"changefeed_id":"x1","sink_uri":")" + w.west().sink_uri() +
                                       R"(?worker-kount=4","replica_config":)" + kRules + "}");
       }},
      {"create-wrong-password", 400, [](World& w) { return create_into(w, w.wrong_password()); }},
  };
}

std::vector<RecordedCase> reads() {
  return {
      {"bad-id-get", 400, [](World& w) { return w.get("changefeeds/bad_id"); }},
      {"captures", 200, [](World& w) { return w.get("captures"); }},
      {"config", 200, [](World& w) { return w.get_page("/config"); }},
      {"failpoints-list", 200, [](World& w) { return w.get_page("/debug/failpoints"); }},
      {"detail-just-created", 200,
       [](World& w) {
         create_full(w);
         return w.get("changefeeds/full1");
       }},
      {"status-just-created", 200,
       [](World& w) {
         create_full(w);
         return w.get("changefeeds/full1/status");
       }},
      {"synced-just-created", 200,
       [](World& w) {
         create_full(w);
         return w.get("changefeeds/full1/synced");
       }},
      {"list-just-created", 200,
       [](World& w) {
         create_full(w);
         return w.get("changefeeds");
       }},
      {"detail-full-normal", 200,
       [](World& w) {
         if (w.east().state_of("full1") == "absent") create_full(w);
         EXPECT_TRUE(eventually([&] { return w.detail("full1").contains("maintainer_addr"); }));
         return w.get("changefeeds/full1");
       }},
      {"detail-finished", 200, [](World& w) { return finished(w, ""); }},
      {"status-finished", 200, [](World& w) { return finished(w, "/status"); }},
      {"synced-finished", 200, [](World& w) { return finished(w, "/synced"); }},
      {"list-finished", 200,
       [](World& w) {
         finished(w, "");
         return w.get("changefeeds?state=all");
       }},
      {"list-state-finished", 200,
       [](World& w) {
         w.drop("fin1");
         return w.get("changefeeds?state=finished");
       }},
      {"list-normal", 200,
       [](World& w) {
         common_feed(w);
         return w.get("changefeeds");
       }},
      {"list-state-all", 200,
       [](World& w) {
         common_feed(w);
         return w.get("changefeeds?state=all");
       }},
      {"list-state-normal", 200,
       [](World& w) {
         common_feed(w);
         return w.get("changefeeds?state=normal");
       }},
      {"list-state-failed", 200, [](World& w) { return w.get("changefeeds?state=failed"); }},
      {"list-state-nonsense", 200, [](World& w) { return w.get("changefeeds?state=nonsense"); }},
      {"list-state-pending", 200, [](World& w) { return w.get("changefeeds?state=pending"); }},
      {"list-state-removed", 200, [](World& w) { return w.get("changefeeds?state=removed"); }},
      {"list-state-warning", 200, [](World& w) { return w.get("changefeeds?state=warning"); }},
      {"list-state-stopped", 200,
       [](World& w) {
         w.drop("full2");
         return w.get("changefeeds?state=stopped");
       }},
      {"list-stopped", 200,
       [](World& w) {
         w.stopped("full2");
         return w.get("changefeeds?state=stopped");
       }},
      {"keyspace-default", 200,
       [](World& w) {
         common_feed(w);
         return w.get("changefeeds?keyspace=default");
       }},
      {"keyspace-unknown", 200,
       [](World& w) {
         common_feed(w);
         return w.get("changefeeds?keyspace=nope");
       }},
      {"health", 200, [](World& w) { return w.get("health"); }},
      {"status", 200, [](World& w) { return w.get("status"); }},
      {"root-status", 200, [](World& w) { return w.get_page("/status"); }},
      {"v1-list", 200,
       [](World& w) {
         common_feed(w);
         return w.get_page("/api/v1/changefeeds");
       }},
      {"detail-normal-bdr", 200,
       [](World& w) {
         w.drop("bdr");
         EXPECT_EQ(w.create("bdr", "",
                            R"({"bdr_mode":true,"ignore_ineligible_table":false,)"
                            R"("filter":{"rules":["rt.a"]}})")
                       .status,
                   200);
         EXPECT_TRUE(eventually([&] { return w.detail("bdr").contains("maintainer_addr"); }));
         HttpAnswer answer = w.get("changefeeds/bdr");
         w.drop("bdr");
         return answer;
       }},
      {"v1-detail", 200,
       [](World& w) {
         w.drop("v1");
         EXPECT_EQ(
             w.create("v1", "", R"({"ignore_ineligible_table":false,"filter":{"rules":["rt.a"]}})")
                 .status,
             200);
         EXPECT_TRUE(eventually([&] { return w.detail("v1").contains("maintainer_addr"); }));
         HttpAnswer answer = w.get_page("/api/v1/changefeeds/v1");
         w.drop("v1");
         return answer;
       }},
      {"v1-status", 200, [](World& w) { return w.get_page("/api/v1/status"); }},
      {"status-normal", 200,
       [](World& w) { return w.get("changefeeds/" + common_feed(w) + "/status"); }},
      {"status-stopped", 200, [](World& w) { return stopped_then(w, "GET", "/status"); }},
      {"synced-c3c4", 200,
       [](World& w) { return w.get("changefeeds/" + common_feed(w) + "/synced"); }},
      {"synced-idle", 200,
       [](World& w) { return w.get("changefeeds/" + common_feed(w) + "/synced"); }},
      {"synced-new-feed", 200,
       [](World& w) {
         w.drop("new");
         EXPECT_EQ(w.create("new").status, 200);
         HttpAnswer answer = w.get("changefeeds/new/synced");
         EXPECT_EQ(answer.json()["synced"], true);
         w.drop("new");
         return answer;
       }},
      {"synced-paused", 200, [](World& w) { return stopped_then(w, "GET", "/synced"); }},
      {"synced-stopped", 200, [](World& w) { return stopped_then(w, "GET", "/synced"); }},
      {"processors", 200,
       [](World& w) {
         common_feed(w);
         return w.get("processors");
       }},
      {"processor-detail", 200,
       [](World& w) { return w.get("processors/" + common_feed(w) + "/x"); }},
      {"tso", 200, [](World& w) { return w.post("tso"); }},
      {"unknown-detail", 400, [](World& w) { return w.get("changefeeds/nope"); }},
      {"unknown-status", 400, [](World& w) { return w.get("changefeeds/nope/status"); }},
      {"unknown-synced", 400, [](World& w) { return w.get("changefeeds/nope/synced"); }},
      {"unknown-tables", 500, [](World& w) { return w.get("changefeeds/nope/tables"); }},
      {"unknown-dispatcher-count", 500,
       [](World& w) { return w.get("changefeeds/nope/get_dispatcher_count"); }},
      {"dispatcher-count", 200,
       [](World& w) { return w.get("changefeeds/" + common_feed(w) + "/get_dispatcher_count"); }},
      {"tables", 200, [](World& w) { return w.get("changefeeds/" + common_feed(w) + "/tables"); }},
      {"unsafe-metadata", 200,
       [](World& w) {
         common_feed(w);
         return w.get("unsafe/metadata");
       }},
      {"verify-table-bad-filter", 400,
       [](World& w) { return verify(w, R"({"filter":{"rules":["tt"]}})"); }},
      {"verify-table-ineligible", 200,
       [](World& w) { return verify(w, R"({"filter":{"rules":["rt.*"]}})"); }},
      {"get-all-tables", 200,
       [](World& w) { return verify(w, R"({"filter":{"rules":["rt.*"]}})", "get_all_tables"); }},
      {"verify-table-no-config", 500,
       [](World& w) {
         return with_history_gone(w, [&] {
           return w.post("verify_table", R"({"sink_uri":")" + w.west().sink_uri() + R"("})");
         });
       }},
      {"verify-table-start-0", 500,
       [](World& w) {
         return with_history_gone(w, [&] {
           return w.post("verify_table", R"({"start_ts":0,"replica_config":)" + kRules + "}");
         });
       }},
      {"log", 200, [](World& w) { return w.post("log", R"({"log_level":"info"})"); }},
      {"log-bad", 400, [](World& w) { return w.post("log", R"({"log_level":"loud"})"); }},
      {"log-redact", 200,
       [](World& w) { return w.post("log/redact", R"({"redact_info_log":"off"})"); }},
      {"log-redact-bad", 400,
       [](World& w) { return w.post("log/redact", R"({"redact_info_log":"x"})"); }},
      {"unsafe-resolve-lock-zero", 500,
       [](World& w) { return w.post("unsafe/resolve_lock", R"({"region_id":0,"ts":0})"); }},
  };
}

std::vector<RecordedCase> changes() {
  return {
      {"pause", 200,
       [](World& w) { return w.post("changefeeds/" + w.running("full2") + "/pause"); }},
      {"pause-again", 200, [](World& w) { return stopped_then(w, "POST", "/pause"); }},
      {"delete-running", 200, [](World& w) { return w.remove(w.running("full2")); }},
      {"delete", 200, [](World& w) { return w.remove(w.running("full2")); }},
      {"delete-again", 200,
       [](World& w) {
         w.drop("full2");
         return w.remove("full2");
       }},
      {"unknown-delete", 200, [](World& w) { return w.remove("nope"); }},
      {"unknown-pause", 400, [](World& w) { return w.post("changefeeds/nope/pause"); }},
      {"unknown-resume", 400, [](World& w) { return w.post("changefeeds/nope/resume", "{}"); }},
      {"unknown-update", 400, [](World& w) { return w.put("nope", R"({"target_ts":1})"); }},
      {"unknown-move-table", 500,
       [](World& w) { return w.post("changefeeds/nope/move_table?tableID=1&targetNodeID=x"); }},
      {"resume-no-body2", 200, [](World& w) { return stopped_then(w, "POST", "/resume"); }},
      {"resume-running3", 400,
       [](World& w) { return w.post("changefeeds/" + common_feed(w) + "/resume", "{}"); }},
      {"resume-running4", 400,
       [](World& w) {
         return w.post("changefeeds/" + common_feed(w) + "/resume",
                       "{\"overwrite_checkpoint_ts\":" + std::to_string(w.now()) + "}");
       }},
      {"resume-string-ts", 400,
       [](World& w) {
         return stopped_then(w, "POST", "/resume", R"({"overwrite_checkpoint_ts":"5"})");
       }},
      {"resume-overwrite-future2", 400, [](World& w) { return resume_at(w, w.tso_in(3600)); }},
      {"resume-overwrite-before-gc2", 400,
       [](World& w) {
         w.stopped("full2");
         return with_history_gone(w, [&] { return resume_at(w, w.tso_in(-86400)); });
       }},
      {"status-after-refused-resume2", 200,
       [](World& w) {
         resume_at(w, w.tso_in(3600));
         return w.get("changefeeds/full2/status");
       }},
      {"resume-overwrite-forward2", 200, [](World& w) { return resume_at(w, w.now()); }},
      {"resume-overwrite-backward2", 200, [](World& w) { return resume_at(w, w.tso_in(-2)); }},
      {"update-running", 400,
       [](World& w) { return w.put(common_feed(w), R"({"replica_config":{"bdr_mode":true}})"); }},
      {"update-empty-object", 200,
       [](World& w) {
         put_stopped(w, R"({"replica_config":)" + kRules + "}");
         return put_stopped(w, "{}");
       }},
      {"update-null-config", 200,
       [](World& w) {
         put_stopped(w, R"({"replica_config":)" + kRules + "}");
         return put_stopped(w, R"({"replica_config":null})");
       }},
      {"update-identical", 200,
       [](World& w) {
         return put_stopped(w,
                            R"({"replica_config":{"bdr_mode":true,"filter":{"rules":["rt.a"]}}})");
       }},
      {"update-identical2", 200,
       [](World& w) {
         put_stopped(w, R"({"replica_config":{"bdr_mode":true,"filter":{"rules":["rt.a"]}}})");
         return put_stopped(w,
                            R"({"replica_config":{"bdr_mode":true,"filter":{"rules":["rt.a"]}}})");
       }},
      {"update-bdr-only2", 200,
       [](World& w) {
         w.east().silently("DROP TABLE IF EXISTS rt.nokey");  // the filter falls back to all tables
         HttpAnswer answer = put_stopped(w, R"({"replica_config":{"bdr_mode":true}})");
         w.east().silently("CREATE TABLE rt.nokey (id INT)");
         EXPECT_EQ(answer.json()["config"]["filter"]["rules"][0], "*.*");
         put_stopped(w, R"({"replica_config":{"filter":{"rules":["rt.a"]}}})");
         return answer;
       }},
      {"update-whole-config", 200,
       [](World& w) {
         Json config = w.detail(w.stopped("full2"))["config"];
         config["bdr_mode"] = true;
         return put_stopped(w, R"({"replica_config":)" + config.dump() + "}");
       }},
      {"update-bad-config", 400,
       [](World& w) {
         return put_refused(w, R"({"replica_config":{"filter":{"rules":["tt"]}}})");
       }},
      {"update-bad-sink", 400,
       [](World& w) { return put_refused(w, R"({"sink_uri":")" + World::dead_sink() + R"("})"); }},
      {"update-refused-but-applied", 400,
       [](World& w) {
         return put_refused(
             w, R"({"sink_uri":")" + World::dead_sink() + R"(","replica_config":)" + kRules + "}");
       }},
      {"detail-after-refused-update", 200,
       [](World& w) {
         put_stopped(
             w, R"({"sink_uri":")" + World::dead_sink() + R"(","replica_config":)" + kRules + "}");
         HttpAnswer answer = w.get("changefeeds/full2");
         EXPECT_EQ(answer.json()["sink_uri"], World::dead_sink());
         put_refused(w, "{\"start_ts\":5}");
         return answer;
       }},
      {"update-start-ts", 400, [](World& w) { return put_refused(w, "{\"start_ts\":5}"); }},
      {"update-refused-start-ts", 400,
       [](World& w) {
         return put_refused(w, R"({"start_ts":5,"sink_uri":")" + w.west().sink_uri() +
                                   R"(","replica_config":)" + kRules + "}");
       }},
      {"resume-after-refused-update", 200,
       [](World& w) {
         put_stopped(w, R"({"start_ts":5,"replica_config":)" + kRules + "}");
         return w.post("changefeeds/full2/resume", "{}");
       }},
      {"update-same-cluster", 500,
       [](World& w) { return put_refused(w, R"({"sink_uri":")" + w.east().sink_uri() + R"("})"); }},
      {"update-target-past", 400, [](World& w) { return put_stopped(w, R"({"target_ts":1})"); }},
      {"resume-downstream-down", 400,
       [](World& w) {
         put_stopped(w, R"({"sink_uri":")" + World::dead_sink() + R"("})");
         HttpAnswer answer = w.post("changefeeds/full2/resume", "{}");
         put_refused(w, "{\"start_ts\":5}");
         return answer;
       }},
      {"update-right-after-pause-partial", 200,
       [](World& w) {
         if (w.east().state_of("full1") != "stopped") {
           create_full(w);
           EXPECT_EQ(w.post("changefeeds/full1/pause").status, 200);
         }
         return w.put("full1", R"({"target_ts":0,"replica_config":{"filter":{"rules":["rt.a"]}}})");
       }},
      {"detail-stopped-after-partial-update", 200,
       [](World& w) {
         if (w.east().state_of("full1") != "stopped") {
           create_full(w);
           EXPECT_EQ(w.post("changefeeds/full1/pause").status, 200);
         }
         EXPECT_EQ(w.put("full1", R"({"replica_config":{"filter":{"rules":["rt.a"]}}})").status,
                   200);
         HttpAnswer answer = w.get("changefeeds/full1");
         w.drop("full1");
         return answer;
       }},
      {"move-table", 200,
       [](World& w) {
         return w.post("changefeeds/" + common_feed(w) + "/move_table?tableID=" + table_of(w) +
                       "&targetNodeID=" + capture_of(w));
       }},
      {"move-split-table", 200,
       [](World& w) {
         return w.post("changefeeds/" + common_feed(w) + "/move_split_table?tableID=" +
                       table_of(w) + "&targetNodeID=" + capture_of(w));
       }},
      {"move-table-no-param", 500,
       [](World& w) { return w.post("changefeeds/" + common_feed(w) + "/move_table"); }},
      {"move-table-unknown-node", 500,
       [](World& w) {
         return w.post("changefeeds/" + common_feed(w) + "/move_table?tableID=" + table_of(w) +
                       "&targetNodeID=nope");
       }},
      {"move-table-unknown-table", 500,
       [](World& w) {
         return w.post("changefeeds/" + common_feed(w) +
                       "/move_table?tableID=999999&targetNodeID=" + capture_of(w));
       }},
      {"tables-after-move", 200,
       [](World& w) {
         const Json captures = w.get("captures").json();
         const std::string other = captures["items"][1]["id"];
         EXPECT_EQ(w.post("changefeeds/" + common_feed(w) + "/move_table?tableID=" + table_of(w) +
                          "&targetNodeID=" + other)
                       .status,
                   200);
         HttpAnswer answer = w.get("changefeeds/c3-c4/tables");
         EXPECT_EQ(answer.json()["total"], 2);
         EXPECT_NE(answer.body.find(other), std::string::npos);
         return answer;
       }},
      {"merge-table", 200,
       [](World& w) {
         return w.post("changefeeds/" + common_feed(w) + "/merge_table?tableID=" + table_of(w));
       }},
      {"split-table-refused", 400,
       [](World& w) {
         return w.post("changefeeds/" + common_feed(w) +
                       "/split_table_by_region_count?tableID=" + table_of(w));
       }},
      {"owner-resign", 200, [](World& w) { return w.post("owner/resign"); }},
  };
}

class RecordedNewArch : public ::testing::TestWithParam<RecordedCase> {};

TEST_P(RecordedNewArch, AnswersAsRecorded) {
  BDR_NEEDS_MARIADB();
  expect_recorded(ApiWorld::of(find_profile("new-8.5")), GetParam(),
                  "real-new-9.0dev-" + GetParam().name + ".json");
}

INSTANTIATE_TEST_SUITE_P(Creates, RecordedNewArch, ::testing::ValuesIn(creates()), case_name);
INSTANTIATE_TEST_SUITE_P(Reads, RecordedNewArch, ::testing::ValuesIn(reads()), case_name);
INSTANTIATE_TEST_SUITE_P(Changes, RecordedNewArch, ::testing::ValuesIn(changes()), case_name);

}  // namespace
}  // namespace bdrmesh::lab
