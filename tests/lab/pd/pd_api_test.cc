// PD's HTTP API against answers of real PDs: same fields, types and texts, by version.
#include "lab/pd/pd_api.h"

#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

#include "lab/core/turnable_clock.h"
#include "lab/pd/pd_answers.h"
#include "model/tso.h"

namespace bdrmesh::lab {
namespace {

std::string recorded_text(const std::string& name) {
  std::ifstream file(std::string(BDR_TEST_DATA) + "/pd/" + name);
  EXPECT_TRUE(file.good()) << name;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string kind_of(const PdJson& value) {
  if (value.is_number()) return "number";
  return value.type_name();
}

/// Where `ours` has other fields, another order or other types than `theirs`; "" when nowhere. Of
/// lists the first elements are compared.
std::string difference(const PdJson& ours, const PdJson& theirs, const std::string& at = "") {
  if (kind_of(ours) != kind_of(theirs)) {
    return at + ": " + kind_of(ours) + " instead of " + kind_of(theirs);
  }
  if (ours.is_array() && !ours.empty() && !theirs.empty()) {
    return difference(ours[0], theirs[0], at + "[0]");
  }
  if (!ours.is_object()) return "";
  std::vector<std::string> have;
  std::vector<std::string> want;
  for (const auto& [key, value] : ours.items()) have.push_back(key);
  for (const auto& [key, value] : theirs.items()) want.push_back(key);
  if (have != want) {
    std::string text = at + " has";
    for (const std::string& key : have) text += " " + key;
    text += " instead of";
    for (const std::string& key : want) text += " " + key;
    return text;
  }
  for (const auto& [key, value] : ours.items()) {
    const std::string where = std::string(at).append(".").append(key);
    if (std::string found = difference(value, theirs[key], where); !found.empty()) return found;
  }
  return "";
}

class PdApiTest : public ::testing::Test {
 protected:
  void start(const char* profile) {
    cluster_ = std::make_unique<ClusterState>(clock_, "east", find_profile(profile));
    pd_ = std::make_unique<PdApi>(*cluster_);
    pd_->start();
  }
  HttpResponse ask(const std::string& path, const std::string& method = "GET",
                   const std::string& scope = "") {
    HttpRequest request;
    request.method = method;
    request.path = path.starts_with("/") ? path : "/pd/api/v1/" + path;
    if (!scope.empty()) request.query["scope"] = scope;
    return pd_->answer(request);
  }
  PdJson body(const std::string& path, const std::string& scope = "") {
    const HttpResponse response = ask(path, "GET", scope);
    EXPECT_EQ(response.status, 200) << path;
    EXPECT_EQ(response.content_type, "application/json; charset=UTF-8");
    return PdJson::parse(response.body);
  }
  void expect_like(const std::string& path, const std::string& file) {
    EXPECT_EQ(difference(body(path), PdJson::parse(recorded_text(file))), "")
        << path << " against " << file;
  }

  SystemClock base_;
  TurnableClock clock_{base_};
  std::unique_ptr<ClusterState> cluster_;
  std::unique_ptr<PdApi> pd_;
};

TEST_F(PdApiTest, S26_AnswersInTheShapesOfARealPd) {
  start("classic-8.5");
  expect_like("cluster", "cluster-9.0.0-beta.2.json");
  expect_like("cluster/status", "cluster-status-not-bootstrapped-9.0.0-beta.2.json");
  expect_like("members", "members-9.0.0-beta.2.json");
  expect_like("leader", "leader-9.0.0-beta.2.json");
  expect_like("health", "health-9.0.0-beta.2.json");
  expect_like("version", "version-9.0.0-beta.2.json");
  expect_like("config/replicate", "config-replicate-9.0.0-beta.2.json");
  expect_like("config/replication-mode", "config-replication-mode-dr-auto-sync-6.5.9.json");
  expect_like("store/1", "store-offline-5.1.json");
  EXPECT_EQ(body("stores")["count"], 1);
  PdJson status = PdJson::parse(recorded_text("status-9.0.0-beta.2.json"));
  status.erase("kernel_type");  // since v9
  EXPECT_EQ(difference(body("status"), status), "");
}

TEST_F(PdApiTest, S26_IndentsByTwoAndAllowsEveryOrigin) {
  start("classic-8.5");
  const HttpResponse response = ask("cluster");
  EXPECT_EQ(response.body, "{\n  \"id\": " + std::to_string(cluster_->cluster_id) +
                               ",\n  \"max_peer_count\": 3\n}\n");
  EXPECT_EQ(response.headers[2].first, "Access-Control-Allow-Origin");
  EXPECT_GT(cluster_->cluster_id, 1ULL << 53U) << "doubles must get it wrong";
}

TEST_F(PdApiTest, S26_KnowsNoOtherPaths) {
  start("classic-8.5");
  const HttpResponse unknown = ask("tso");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(unknown.content_type, "text/plain; charset=utf-8");
  EXPECT_EQ(unknown.body, recorded_text("unknown-path-9.0.0-beta.2.txt"));
  const HttpResponse service = ask("/pd/api/v2/ms/members/tso");
  EXPECT_EQ(service.status, 404);
  EXPECT_EQ(service.body, recorded_text("ms-members-tso-9.0.0-beta.2.json"));
}

TEST_F(PdApiTest, S26_RefusesInWordsBeforeTiKvJoined) {
  start("classic-8.5");
  pd_->set_bootstrapped(false);
  for (const char* path : {"stores", "min-resolved-ts"}) {
    const HttpResponse response = ask(path);
    EXPECT_EQ(response.status, 500);
    EXPECT_EQ(response.body,
              recorded_text(std::string(path) + "-not-bootstrapped-9.0.0-beta.2.json"));
    const std::string head = recorded_text("stores-not-bootstrapped-with-headers-9.0.0-beta.2.txt");
    EXPECT_NE(head.find("Content-Type: " + response.content_type), std::string::npos);
    for (const auto& [name, value] : response.headers) {
      EXPECT_NE(head.find(name + ": " + value), std::string::npos) << name;
    }
  }
  EXPECT_EQ(ask("config/cluster-version").body,
            recorded_text("config-cluster-version-not-bootstrapped-9.0.0-beta.2.json"));
  EXPECT_EQ(body("cluster/status")["is_initialized"], false);
  EXPECT_EQ(ask("cluster").status, 200);
  EXPECT_EQ(ask("gc/safepoint").status, 200);
}

TEST_F(PdApiTest, S26_ListsServicesAndTheMinimumByVersion) {
  start("classic-8.5");
  expect_like("gc/safepoint", "gc-safepoint-empty-9.0.0-beta.2.json");
  cluster_->gc.run_now();
  cluster_->safepoints.set("ticdc-default-1", cluster_->oracle.next(), std::chrono::hours{1});
  expect_like("gc/safepoint", "real-gc-safepoint-classic-ticdc-9.0dev.json");
  const PdJson now = body("gc/safepoint");
  EXPECT_EQ(now["service_gc_safe_points"][1]["service_id"], "gc_worker");
  EXPECT_EQ(now["service_gc_safe_points"][1]["expired_at"], 9223372036854775807);
  EXPECT_EQ(now["min_service_gc_safe_point"], cluster_->gc.safe_point());

  start("classic-6.5");
  expect_like("gc/safepoint", "gc-safepoint-no-service-6.5.json");
  cluster_->gc.run_now();
  expect_like("gc/safepoint", "gc-safepoint-ticdc-7.x.json");
}

TEST_F(PdApiTest, S26_ShowsExpiredEntriesAndForgetsDeletedOnes) {
  start("classic-8.5");
  cluster_->gc.run_now();
  cluster_->safepoints.set("br-1", cluster_->gc.safe_point(), std::chrono::seconds{5});
  clock_.turn(std::chrono::minutes{20});
  cluster_->gc.run_now();
  const PdJson now = body("gc/safepoint");
  EXPECT_EQ(now["service_gc_safe_points"][0]["service_id"], "br-1");
  EXPECT_EQ(now["min_service_gc_safe_point"], cluster_->safepoints.gc_worker());
  const HttpResponse deleted = ask("gc/safepoint/br-1", "DELETE");
  EXPECT_EQ(deleted.body, "\"Delete service GC safepoint successfully.\"\n");
  EXPECT_EQ(body("gc/safepoint")["service_gc_safe_points"].size(), 1U);
}

TEST_F(PdApiTest, S26_MinResolvedTsComesLateInStepsAndProvesNothingUnpersisted) {
  start("classic-6.5");
  expect_like("min-resolved-ts", "min-resolved-ts-enabled-6.5.json");
  pd_->set_resolved_ts_persisted(false);
  expect_like("min-resolved-ts", "min-resolved-ts-disabled-6.5.json");
  start("classic-8.5");
  expect_like("min-resolved-ts", "real-min-resolved-ts-9.0dev.json");
  EXPECT_TRUE(body("min-resolved-ts", "cluster")["stores_min_resolved_ts"].contains("1"));
  const std::uint64_t shown = body("min-resolved-ts")["min_resolved_ts"];
  const Millis behind = lag_between(Tso(shown), Tso(cluster_->oracle.next()));
  EXPECT_GE(behind, Millis{4500});
  EXPECT_LE(behind, Millis{12'600});
  clock_.turn(Millis{8000});
  EXPECT_GT(body("min-resolved-ts")["min_resolved_ts"].get<std::uint64_t>(), shown);
}

TEST_F(PdApiTest, S26_MinResolvedTsWaitsForCommitsOnTheirWayAndNeverGoesBack) {
  start("classic-8.5");
  const CommitInFlight commit(cluster_->ledger);
  const std::uint64_t before = body("min-resolved-ts")["min_resolved_ts"];
  clock_.turn(std::chrono::minutes{5});
  EXPECT_LT(body("min-resolved-ts")["min_resolved_ts"].get<std::uint64_t>(), commit.ts());
  cluster_->oracle.set_offset(Millis{-60'000});
  EXPECT_GE(body("min-resolved-ts")["min_resolved_ts"].get<std::uint64_t>(), before);
}

TEST_F(PdApiTest, S26_AStoreThatIsDownLeadsNothing) {
  start("classic-8.5");
  pd_->set_store_state("Down");
  const PdJson store = body("store/1");
  const PdJson recorded = PdJson::parse(recorded_text("store-down-2017.json"));
  EXPECT_EQ(store["store"]["state_name"], recorded["store"]["state_name"]);
  EXPECT_FALSE(store["status"].contains("leader_count"));
  EXPECT_EQ(ask("store/9").status, 404);
}

TEST_F(PdApiTest, S26_AnswersCanBeLateWrongHalfOrRefused) {
  start("classic-8.5");
  HttpFault refused;
  refused.kind = HttpFault::Kind::refused;
  refused.part = "GET /pd/api/v1/cluster";
  refused.status = 503;
  refused.body = "\"away\"\n";
  pd_->faults().add(refused);
  HttpFault half;
  half.kind = HttpFault::Kind::half;
  pd_->faults().add(half);
  HttpRequest request;
  request.method = "GET";
  request.path = "/pd/api/v1/cluster";
  const auto around = [&] {
    return pd_->faults().around(request, {}, clock_, [&] { return pd_->answer(request); });
  };
  EXPECT_EQ(around().status, 503);
  const HttpResponse cut = around();
  EXPECT_EQ(cut.status, 200);
  EXPECT_EQ(cut.cut_after, cut.body.size() / 2);
  EXPECT_FALSE(around().cut_after);
}

}  // namespace
}  // namespace bdrmesh::lab
