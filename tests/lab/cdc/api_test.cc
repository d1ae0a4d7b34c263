// The Open API's answers against answers recorded from real servers: same keys in the same order,
// same refusals.
#include <fstream>
#include <gtest/gtest.h>

#include "lab/cdc/test_cluster.h"
#include "lab/config/json_types.h"
#include "lab/engine/template_data.h"

namespace bdrmesh::lab {
namespace {

std::string recorded_text(const std::string& name) {
  std::ifstream in(std::string(BDR_TEST_DATA) + "/ticdc/real-classic-9.0dev-" + name + ".json");
  return {std::istreambuf_iterator<char>(in), {}};
}

OrderedJson recorded(const std::string& name) { return OrderedJson::parse(recorded_text(name)); }

/// Keys in order and the types of their values; lists count by their first element.
std::string shape_of(const OrderedJson& json) {
  if (json.is_object()) {
    std::string out = "{";
    for (const auto& item : json.items()) out += item.key() + ":" + shape_of(item.value()) + " ";
    return out + "}";
  }
  if (json.is_array()) return "[" + (json.empty() ? "" : shape_of(json[0])) + "]";
  return json.is_number() ? "number" : json.type_name();
}

class ApiTest : public ::testing::Test {
 protected:
  void SetUp() override {
    BDR_NEEDS_MARIADB();
    east_ = std::make_unique<TestCluster>("east", 1);
    west_ = std::make_unique<TestCluster>("west", 2);
    east_->silently("CREATE DATABASE rt");
    east_->silently("CREATE TABLE rt.a (id INT PRIMARY KEY)");
    east_->silently("CREATE TABLE rt.nokey (id INT)");
  }

  HttpAnswer create(const std::string& id, const std::string& more = "") {
    return east_->call("POST", "changefeeds",
                       R"({"changefeed_id":")" + id + R"(","sink_uri":")" + west_->sink_uri() +
                           R"(","replica_config":{"filter":{"rules":["rt.a"]},"bdr_mode":false})" +
                           more + "}");
  }

  void born(const std::string& id) {
    ASSERT_TRUE(eventually([&] { return east_->checkpoint(id) != 0; }));
  }

  void stop(const std::string& id) {
    ASSERT_EQ(east_->call("POST", "changefeeds/" + id + "/pause").status, 200);
    ASSERT_TRUE(eventually([&] { return east_->state_of(id) == "stopped"; }));
  }

  /// A refused request against the recorded text; `<…>` values that differ by nature are compared
  /// by their code alone.
  static void expect_refusal(const HttpAnswer& answer, int status, const std::string& name,
                             bool whole_text = true) {
    EXPECT_EQ(answer.status, status) << name << answer.body;
    if (whole_text) {
      EXPECT_EQ(answer.body, recorded_text(name)) << name;
    } else {
      EXPECT_EQ(answer.json()["error_code"], recorded(name)["error_code"]) << name << answer.body;
    }
  }

  std::unique_ptr<TestCluster> east_;
  std::unique_ptr<TestCluster> west_;
};

TEST_F(ApiTest, AnswersInTheShapesOfARealServer) {
  HttpAnswer answer = create("c1-c2");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.content_type, "application/json; charset=utf-8");
  EXPECT_EQ(shape_of(OrderedJson::parse(answer.body)), shape_of(recorded("create-minimal")));
  born("c1-c2");
  const auto expect_shape = [&](const std::string& path, const std::string& name) {
    const HttpAnswer got = east_->call("GET", path);
    EXPECT_EQ(got.status, 200) << path;
    EXPECT_EQ(shape_of(OrderedJson::parse(got.body)), shape_of(recorded(name))) << path;
  };
  expect_shape("changefeeds", "list-newborn-checkpoint-0");
  expect_shape("changefeeds/c1-c2", "detail-normal");
  expect_shape("changefeeds/c1-c2/status", "status-normal");
  expect_shape("changefeeds/c1-c2/synced", "synced-true");
  expect_shape("captures", "captures");
  expect_shape("processors", "processors");
  expect_shape("status", "status-server");
  stop("c1-c2");
  const Json stopped = east_->call("GET", "changefeeds/c1-c2").json();
  EXPECT_EQ(stopped["resolved_ts"], 0);
  EXPECT_EQ(stopped["admin_job_type"], 1);
  EXPECT_FALSE(stopped.contains("task_status"));
  expect_shape("changefeeds/c1-c2/status", "status-stopped");
  expect_shape("changefeeds?state=stopped", "list-stopped");
  const HttpAnswer tso = east_->call("POST", "tso", "{}");
  EXPECT_EQ(shape_of(OrderedJson::parse(tso.body)), shape_of(recorded("tso")));
  EXPECT_NE(tso.body.find("\n    \"timestamp\""), std::string::npos) << "indented by four";
}

TEST_F(ApiTest, KeepsBigNumbersExact) {
  create("big");
  born("big");
  const Json detail = east_->call("GET", "changefeeds/big").json();
  EXPECT_EQ(detail["upstream_id"].get<std::uint64_t>(), east_->state().cluster_id);
  EXPECT_GT(detail["checkpoint_ts"].get<std::uint64_t>(), std::uint64_t{1} << 53);
}

TEST_F(ApiTest, HidesThePasswordAndKeepsIt) {
  create("masked");
  born("masked");
  const std::string shown = east_->call("GET", "changefeeds/masked").json()["sink_uri"];
  EXPECT_NE(shown.find(":xxxxx@"), std::string::npos) << shown;
  EXPECT_EQ(east_->call("GET", "changefeeds/masked/meta_info").json()["sink_uri"],
            west_->sink_uri());
}

TEST_F(ApiTest, RefusesBadBodiesWithTheServersWords) {
  const auto post = [&](const std::string& body) {
    return east_->call("POST", "changefeeds", body);
  };
  HttpAnswer empty = post("");
  expect_refusal(empty, 400, "create-error-empty-body");
  EXPECT_EQ(empty.content_type, "text/plain; charset=utf-8");
  expect_refusal(post("{\"changefeed_id\":\"x\""), 400, "create-error-malformed-json");
  expect_refusal(post(R"({"start_ts":"1"})"), 400, "create-error-start-ts-string");
  expect_refusal(post(R"({"start_ts":4.7e17})"), 400, "create-error-start-ts-float");
  expect_refusal(post(R"({"changefeed_id":5})"), 400, "create-error-wrong-type");
  expect_refusal(post("{}"), 400, "create-error-no-sink-uri");
  const HttpAnswer null_config = post(R"({"sink_uri":"mysql://x/","replica_config":null})");
  EXPECT_EQ(null_config.status, 500);
  EXPECT_EQ(null_config.body, "");
  expect_refusal(east_->call("POST", "tso"), 400, "error-tso-no-body");
}

TEST_F(ApiTest, ValidatesACreateInTheServersOrder) {
  expect_refusal(create("bad_id"), 400, "create-error-bad-id-underscore");
  ASSERT_EQ(create("t-full").status, 200);
  expect_refusal(create("t-full"), 500, "create-error-duplicate-id");
  const auto with = [&](const std::string& uri, const std::string& config) {
    return east_->call(
        "POST", "changefeeds",
        R"({"changefeed_id":"x","sink_uri":")" + uri + R"(","replica_config":)" + config + "}");
  };
  const std::string good = R"({"filter":{"rules":["rt.a"]}})";
  expect_refusal(with(west_->sink_uri(), R"({"filter":{"rules":["rt.*"]}})"), 400,
                 "create-error-table-ineligible");
  expect_refusal(with("oracle://root@127.0.0.1:1/", good), 400, "create-error-sink-scheme-unknown");
  expect_refusal(with("mysql://root@127.0.0.1:1/", good), 400, "create-error-sink-unreachable",
                 false);
  expect_refusal(with("kafka://127.0.0.1:2999/t?protocol=canal-json",
                      R"({"bdr_mode":true,"filter":{"rules":["rt.a"]}})"),
                 400, "create-error-bdr-kafka");
  const std::string future = std::to_string(east_->state().oracle.next() + (1ULL << 40));
  EXPECT_EQ(create("future", ",\"start_ts\":" + future).json()["error_code"],
            "CDC:ErrAPIInvalidParam");
  EXPECT_EQ(create("target", ",\"target_ts\":5").json()["error_code"],
            "CDC:ErrTargetTsBeforeStartTs");
}

TEST_F(ApiTest, RefusesStartsBeforeTheGcSafepoint) {
  const std::uint64_t now = east_->state().oracle.next();
  east_->state().safepoints.set("gc_worker", now, std::chrono::seconds{3600});
  const HttpAnswer answer = create("old", ",\"start_ts\":" + std::to_string(now - (1ULL << 30)));
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.json()["error_code"], "CDC:ErrStartTsBeforeGC");
}

TEST_F(ApiTest, KnowsNoFeedDirectlyAfterItsCreate) {
  ASSERT_EQ(create("c1").status, 200);
  const HttpAnswer detail = east_->call("GET", "changefeeds/c1");
  EXPECT_EQ(detail.status, 400);
  EXPECT_EQ(detail.json()["error_code"], "CDC:ErrChangeFeedNotExists");
  EXPECT_EQ(east_->call("GET", "changefeeds").json()["items"][0]["checkpoint_tso"], 0);
  EXPECT_EQ(east_->call("DELETE", "changefeeds/c1").status, 200) << "and is lost";
  born("c1");
  EXPECT_EQ(east_->call("DELETE", "changefeeds/c1").body, "{}");
  EXPECT_EQ(east_->state_of("c1"), "absent");
  EXPECT_EQ(east_->call("DELETE", "changefeeds/c1").status, 200);
}

TEST_F(ApiTest, UpdatesOnlyStoppedFeedsAndShowsItLater) {
  create("t-full");
  born("t-full");
  const std::string changed = R"({"replica_config":{"filter":{"rules":["rt.a","x.*"]}}})";
  expect_refusal(east_->call("PUT", "changefeeds/t-full", changed), 400, "error-update-running");
  stop("t-full");
  const Json before = east_->call("GET", "changefeeds/t-full").json();
  expect_refusal(east_->call("PUT", "changefeeds/t-full", "{}"), 400, "error-update-empty-object");
  expect_refusal(east_->call("PUT", "changefeeds/t-full",
                             R"({"replica_config":)" + before["config"].dump() + "}"),
                 400, "error-update-identical");
  expect_refusal(east_->call("PUT", "changefeeds/t-full", R"({"target_ts":5})"), 400,
                 "error-update-target-before-start", false);
  ASSERT_EQ(east_->call("PUT", "changefeeds/t-full", changed).status, 200);
  EXPECT_EQ(east_->call("GET", "changefeeds/t-full").json()["config"], before["config"]);
  ASSERT_TRUE(eventually([&] {
    return east_->call("GET", "changefeeds/t-full").json()["config"] != before["config"];
  }));
  const Json after = east_->call("GET", "changefeeds/t-full").json();
  EXPECT_FALSE(after["config"].contains("bdr_mode")) << "a partial update resets it";
  EXPECT_EQ(after["config"]["filter"]["rules"][1], "x.*");
}

TEST_F(ApiTest, IgnoresPauseAndResumeThatDoNotSuit) {
  create("t-full");
  born("t-full");
  expect_refusal(east_->call("POST", "changefeeds/t-full/resume"), 400, "error-resume-no-body");
  EXPECT_EQ(east_->call("POST", "changefeeds/t-full/resume", "{}").status, 200);
  expect_refusal(east_->call("GET", "changefeeds/nosuch"), 400, "error-detail-unknown");
  stop("t-full");
  EXPECT_EQ(east_->call("POST", "changefeeds/t-full/pause").status, 200);
  const std::string future = std::to_string(east_->state().oracle.next() + (1ULL << 40));
  expect_refusal(east_->call("POST", "changefeeds/t-full/resume",
                             "{\"overwrite_checkpoint_ts\":" + future + "}"),
                 400, "error-resume-overwrite-future", false);
}

TEST_F(ApiTest, TellsWhichTablesAFeedWouldCarry) {
  const std::string start = std::to_string(east_->state().oracle.next());
  const HttpAnswer answer = east_->call(
      "POST", "verify_table",
      R"({"start_ts":)" + start + R"(,"replica_config":{"filter":{"rules":["rt.*"]}}})");
  EXPECT_EQ(shape_of(OrderedJson::parse(answer.body)), shape_of(recorded("verify-table")));
  EXPECT_EQ(answer.json()["ineligible_tables"][0]["table_name"], "nokey");
  EXPECT_EQ(answer.json()["eligible_tables"][0]["table_name"], "a");
}

TEST_F(ApiTest, SendsUnknownAndSlashedPathsAway) {
  EXPECT_EQ(east_->call("GET", "nonsense").status, 404);
  EXPECT_EQ(east_->call("GET", "nonsense").body, "404 page not found");
  EXPECT_EQ(east_->call("GET", "nonsense").content_type, "text/plain");
  EXPECT_EQ(east_->call("GET", "changefeeds/").status, 301);
  EXPECT_EQ(east_->call("POST", "changefeeds/").status, 307);
}

TEST_F(ApiTest, HoldsGarbageCollectionAtItsCheckpoint) {
  create("t-full");
  born("t-full");
  // Its own entry first, and for ten minutes what it took when it began.
  ASSERT_TRUE(eventually([&] {
    const auto entries = east_->state().safepoints.list();
    return entries.size() == 2 && entries[1].service_id.ends_with("-initializing-default_t-full");
  }));
  const ServiceSafepoint entry = east_->state().safepoints.list()[0];
  EXPECT_EQ(entry.service_id.rfind("ticdc-default-", 0), 0U);
  EXPECT_LT(entry.safe_point, east_->checkpoint("t-full"));
}

}  // namespace
}  // namespace bdrmesh::lab
