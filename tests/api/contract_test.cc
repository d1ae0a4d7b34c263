// docs/openapi.yaml against what the program does: routes both ways, and real answers.
#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/daemon_bench.h"
#include "api/openapi.h"
#include "api/routes.h"
#include "verify/certificate.h"

namespace bdrmesh::testing_api {
namespace {

using testing::IsEmpty;
using testing::UnorderedElementsAre;
using testing::UnorderedElementsAreArray;

const OpenApi& description() {
  static const OpenApi kDescription(std::string(BDR_SOURCE_DIR) + "/docs/openapi.yaml");
  return kDescription;
}

std::string named(const std::string& method, const std::string& path) {
  return method + " " + path;
}

std::string path_of(const Route& route) {
  std::string path;
  for (const std::string_view part : route.path) path += "/" + std::string(part);
  return path;
}

TEST(Description, NamesEveryRouteAndNoOther) {
  std::vector<std::string> described;
  for (const DescribedOperation& one : description().operations())
    described.push_back(named(one.method, one.path));
  std::vector<std::string> known;
  for (const RouteName& one : Router::names()) known.push_back(named(one.method, one.path));
  EXPECT_THAT(described, UnorderedElementsAreArray(known));
}

TEST(Description, SaysWhatEachRouteReads) {
  for (const Route& route : routes()) {
    const DescribedOperation* one = description().find(std::string(route.method), path_of(route));
    ASSERT_NE(one, nullptr) << path_of(route);
    SCOPED_TRACE(named(one->method, one->path));
    std::vector<std::string> keys(route.query.begin(), route.query.end());
    EXPECT_THAT(one->query(), UnorderedElementsAreArray(keys));
    EXPECT_EQ(one->asks_clusters, route.asks_clusters);
    EXPECT_EQ(one->body.is_null(), route.body == BodyRule::none);
    EXPECT_EQ(one->body_required, route.body == BodyRule::required);
  }
}

/// Asks the router as the server does and holds the answer against the description.
class Answers : public testing::Test {
 protected:
  Json ask(const std::string& method, const std::string& path, const std::string& target,
           int status, const std::string& body = {}) {
    ApiRequest request;
    request.method = method;
    split_target("/api/v1" + target, request);
    request.body = body;
    request.content_type = body.empty() ? "" : "application/json";
    const ApiReply reply = bench_->router.answer(request);
    EXPECT_EQ(reply.status, status) << method << " " << target << "\n" << reply.body;
    const DescribedOperation* operation = description().find(method, path);
    if (operation == nullptr) {
      ADD_FAILURE() << method << " " << path;
      return {};
    }
    EXPECT_THAT(description().judge(*operation, reply.status, reply.content_type, reply.body),
                IsEmpty());
    return reply.feed ? Json() : parse_json(reply.body, "reply");
  }
  Json get(const std::string& path, const std::string& target, int status = 200) {
    return ask("GET", path, target, status);
  }
  Json get(const std::string& path) { return get(path, path); }
  Json post(const std::string& path, const std::string& target, int status, const Json& body) {
    return ask("POST", path, target, status, body.is_null() ? std::string() : body.dump());
  }
  void ask_every_view() {
    for (const char* path :
         {"/health", "/status", "/clusters", "/groups", "/links", "/gates", "/certificates",
          "/coverage", "/operations", "/events", "/events/stream"})
      get(path);
    get("/clusters/{name}", "/clusters/east");
    get("/groups/{name}", "/groups/orders");
    get("/groups/{name}/plan", "/groups/orders/plan");
    get("/groups/{name}/dr", "/groups/orders/dr", 422);
    get("/links/{group}/{from}/{to}", "/links/orders/east/west");
    get("/links/{group}/{from}/{to}/history", "/links/orders/east/west/history?last_ms=3600000");
  }
  std::string run(const Json& request) {
    const std::string id = post("/operations", "/operations", 202, request).at("operation");
    EXPECT_TRUE(bench_->runner.wait(id, Millis{60'000})) << id;
    return id;
  }

  SystemClock clock_;
  std::unique_ptr<DaemonBench> bench_ = std::make_unique<DaemonBench>(clock_);
};

TEST_F(Answers, AreAsDescribedBeforeAnythingWasSeen) {
  ask_every_view();
  get("/clusters/{name}/writable", "/clusters/east/writable", 503);
}

TEST_F(Answers, AreAsDescribedWhileAllIsWell) {
  bench_->start();
  bench_->look_once();
  ask_every_view();
  get("/clusters/{name}/writable", "/clusters/east/writable");
  post("/doctor", "/doctor", 200, nullptr);
  post("/doctor", "/doctor", 200, {{"group", "orders"}});
}

TEST_F(Answers, AreAsDescribedForAGroupThatWasNeverApplied) {
  bench_ = std::make_unique<DaemonBench>(clock_, false);
  bench_->start();
  bench_->look_once();
  ask_every_view();
}

TEST_F(Answers, AreAsDescribedWhenAClusterIsClosedByHand) {
  bench_->gate.announce(ClusterName("east"), GateNote{"op1", "by hand", "", 0, "", false}, {});
  bench_->gate.close(ClusterName("east"), {});
  bench_->look_once();
  ask_every_view();
  EXPECT_EQ(get("/gates").at("gates").size(), 1U);
}

TEST_F(Answers, AreAsDescribedForNamesThatNobodyKnows) {
  bench_->start();
  get("/clusters/{name}", "/clusters/nowhere", 404);
  get("/clusters/{name}/writable", "/clusters/nowhere/writable", 404);
  get("/groups/{name}", "/groups/nobody", 404);
  get("/groups/{name}/plan", "/groups/nobody/plan", 404);
  get("/links/{group}/{from}/{to}", "/links/orders/east/nowhere", 404);
  get("/operations/{id}", "/operations/opnone", 404);
  get("/operations/{id}/calls", "/operations/opnone/calls", 404);
  get("/plans/{id}", "/plans/plnone", 404);
  get("/certificates/{id}", "/certificates/opnone", 404);
  get("/events", "/events?operation=opnone", 404);
  get("/events/stream", "/events/stream?operation=opnone", 404);
  post("/operations", "/operations", 404, {{"kind", "nothing.known"}});
  post("/operations", "/operations", 404, {{"plan", "plnone"}});
  post("/doctor", "/doctor", 404, {{"group", "nobody"}});
  for (const char* act : {"cancel", "resume"})
    post(std::string("/operations/{id}/") + act, std::string("/operations/opnone/") + act, 404,
         nullptr);
  post("/operations/{id}/retry", "/operations/opnone/retry", 404, {{"step", "0.0"}});
  post("/operations/{id}/skip", "/operations/opnone/skip", 404,
       {{"step", "0.0"}, {"reason", "why not"}});
}

TEST_F(Answers, AreAsDescribedFromThePlanToTheEnd) {
  bench_->start();
  const Json plan = post(
      "/operations", "/operations", 200,
      {{"kind", "ddl.run"},
       {"args", {{"group", "orders"}, {"script", "ALTER TABLE app.orders DROP COLUMN old_note"}}},
       {"dry_run", true}});
  const std::string plan_id = plan.at("plan_id");
  EXPECT_EQ(get("/plans/{id}", "/plans/" + plan_id), plan);
  const std::string id = run({{"plan", plan_id}, {"queue", true}, {"deadline_ms", 600'000}});
  const Json done = get("/operations/{id}", "/operations/" + id);
  EXPECT_EQ(done.at("state"), "succeeded") << done.dump(2);
  EXPECT_EQ(get("/plans/{id}", "/plans/" + plan_id).at("operation"), id);
  get("/operations/{id}/calls", "/operations/" + id + "/calls");
  get("/events", "/events?operation=" + id);
  get("/operations", "/operations?limit=1");
  post("/operations", "/operations", 409, {{"plan", plan_id}});
  for (const char* act : {"cancel", "resume"})
    post(std::string("/operations/{id}/") + act, "/operations/" + id + "/" + act, 422, nullptr);
  post("/operations/{id}/retry", "/operations/" + id + "/retry", 422, {{"step", "0.0"}});
  post("/operations/{id}/skip", "/operations/" + id + "/skip", 422,
       {{"step", "0.0"}, {"reason", "why not"}});
  const std::string verified =
      run({{"kind", "verify.links"}, {"args", {{"group", "orders"}}}, {"requested_by", "ann"}});
  EXPECT_EQ(get("/operations/{id}", "/operations/" + verified).at("state"), "succeeded");
}

TEST_F(Answers, AreAsDescribedForWhatAStopHasProven) {
  bench_->start();
  const std::string id =
      run({{"kind", "group.stop"}, {"args", {{"group", "orders"}, {"open", {"all"}}}}});
  EXPECT_EQ(get("/operations/{id}", "/operations/" + id).at("state"), "succeeded");
  const Json list = get("/certificates").at("certificates");
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list.at(0).at("id"), id);
  const Json certificate = get("/certificates/{id}", "/certificates/" + id);
  EXPECT_EQ(certificate.at("digest"), list.at(0).at("digest"));
  EXPECT_THAT(verify::certificate_faults(certificate.dump()), IsEmpty());
  const Json tables = get("/coverage").at("tables");
  ASSERT_EQ(tables.size(), 1U);
  EXPECT_EQ(tables.at(0).at("verdict"), "equal");
  EXPECT_EQ(tables.at(0).at("proven_by"), id);
}

TEST_F(Answers, AreAsDescribedWhenAClusterDoesNotAnswer) {
  bench_->world.arm({"west", "tidb.servers", 1, fakes::Effect::transient, true, {}, {}});
  bench_->look_once();
  for (const char* path : {"/status", "/clusters", "/gates"}) get(path);
  get("/groups/{name}/plan", "/groups/orders/plan", 503);
  post("/operations", "/operations", 503,
       {{"kind", "verify.links"}, {"args", {{"group", "orders"}}}});
}

TEST(Checker, SeesWhatIsNotDescribed) {
  const OpenApi& api = description();
  const Json problem{{"$ref", "#/components/schemas/Problem"}};
  Json good{{"type", "about:blank"}, {"title", "A"}, {"status", 400},          {"code", "A"},
            {"kind", "bug"},         {"detail", ""}, {"evidence", {{"x", 1}}}, {"remedy", ""}};
  EXPECT_THAT(api.check(good, problem, "it"), IsEmpty());
  const std::vector<std::pair<const char*, Json>> wrong{
      {"/status", "400"}, {"/status", 200}, {"/kind", "worse"}, {"/code", "lower"},
      {"/more", 1},       {"/evidence", 1}, {"/type", "x"}};
  for (const auto& [where, value] : wrong) {
    Json bad = good;
    bad[Json::json_pointer(where)] = value;
    EXPECT_EQ(api.check(bad, problem, "it").size(), 1U) << bad;
  }
  good.erase("remedy");
  EXPECT_EQ(api.check(good, problem, "it").size(), 1U);
}

}  // namespace
}  // namespace bdrmesh::testing_api
