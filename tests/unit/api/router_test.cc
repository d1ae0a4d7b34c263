#include "api/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/access.h"
#include "api/refusal.h"
#include "unit/api/fake_backend.h"

namespace bdrmesh {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing_api::FakeBackend;

ApiRequest request(const std::string& method, const std::string& target,
                   const std::string& body = {}) {
  ApiRequest asked;
  asked.method = method;
  split_target(target, asked);
  asked.body = body;
  if (!body.empty()) asked.content_type = "application/json; charset=utf-8";
  return asked;
}

class RouterTest : public testing::Test {
 protected:
  ApiReply ask(const std::string& method, const std::string& target, const std::string& body = {}) {
    return Router(backend_).answer(request(method, target, body));
  }
  std::string code_of(const ApiReply& reply) {
    EXPECT_EQ(reply.content_type, "application/problem+json");
    const Json body = parse_json(reply.body, "reply");
    EXPECT_EQ(body.at("status"), reply.status);
    for (const char* key : {"type", "title", "kind", "detail", "evidence", "remedy"})
      EXPECT_TRUE(body.contains(key)) << key;
    return body.at("code");
  }
  FakeBackend backend_;
};

struct Way {
  const char* method;
  const char* target;
  const char* asks;
};

class Routes : public testing::TestWithParam<Way> {};

TEST_P(Routes, AskTheBackendOnce) {
  FakeBackend backend;
  const ApiReply reply = Router(backend).answer(request(GetParam().method, GetParam().target));
  EXPECT_LT(reply.status, 300) << reply.body;
  EXPECT_EQ(reply.content_type, "application/json");
  EXPECT_THAT(backend.asked(), ElementsAre(GetParam().asks));
}

INSTANTIATE_TEST_SUITE_P(
    Every, Routes,
    testing::Values(
        Way{"GET", "/api/v1/status", "status"}, Way{"GET", "/api/v1/clusters", "clusters"},
        Way{"GET", "/api/v1/clusters/east", "cluster east"},
        Way{"GET", "/api/v1/clusters/east/writable", "writable east"},
        Way{"GET", "/api/v1/groups", "groups"}, Way{"GET", "/api/v1/groups/g", "group g"},
        Way{"GET", "/api/v1/groups/g/plan", "group_plan g"},
        Way{"GET", "/api/v1/groups/a%2Fb/plan", "group_plan a/b"},
        Way{"GET", "/api/v1/links", "links"}, Way{"GET", "/api/v1/links/g/a/b", "link g a b"},
        Way{"GET", "/api/v1/operations", "operations 50"},
        Way{"GET", "/api/v1/operations?limit=3", "operations 3"},
        Way{"GET", "/api/v1/operations/x1", "operation x1"},
        Way{"POST", "/api/v1/operations/x1/cancel", "cancel x1"},
        Way{"POST", "/api/v1/operations/x1/resume", "resume x1"},
        Way{"GET", "/api/v1/operations/x1/calls", "calls x1"},
        Way{"GET", "/api/v1/plans/pl1", "plan pl1"}, Way{"GET", "/api/v1/status/", "status"},
        Way{"GET", "/api/v1/events?after=7&limit=2", "events 7 2"},
        Way{"GET", "/api/v1/events?operation=x1", "events 0 100 of x1"},
        Way{"GET", "/api/v1/gates", "gates"}, Way{"POST", "/api/v1/doctor", "doctor {}"}));

TEST_F(RouterTest, HealthNeedsNoBackend) {
  EXPECT_EQ(ask("GET", "/api/v1/health").status, 200);
  EXPECT_TRUE(backend_.asked().empty());
}

TEST_F(RouterTest, WritableCarriesItsStatus) {
  EXPECT_EQ(ask("GET", "/api/v1/clusters/east/writable").status, 200);
  const ApiReply closed = ask("GET", "/api/v1/clusters/west/writable");
  EXPECT_EQ(closed.status, 503);
  EXPECT_EQ(parse_json(closed.body, "reply").at("writable"), false);
}

TEST_F(RouterTest, SubmitAnswers202AndHandsEverythingOn) {
  ApiRequest asked =
      request("POST", "/api/v1/operations", R"({"kind":"ddl.run","args":{"group":"g"}})");
  asked.idempotency_key = "k1";
  const ApiReply reply = Router(backend_).answer(asked);
  EXPECT_EQ(reply.status, 202);
  EXPECT_EQ(parse_json(reply.body, "reply").at("operation"), "op1");
  EXPECT_THAT(backend_.asked(), ElementsAre(R"(submit ddl.run {"group":"g"} key=k1)"));
}

TEST_F(RouterTest, DryRunAnswers200) {
  EXPECT_EQ(ask("POST", "/api/v1/operations", R"({"kind":"ddl.run","dry_run":true})").status, 200);
  EXPECT_THAT(backend_.asked(), ElementsAre("submit ddl.run {} dry key="));
}

TEST_F(RouterTest, RunsAStoredPlan) {
  EXPECT_EQ(
      ask("POST", "/api/v1/operations", R"({"plan":"pl1","queue":true,"deadline_ms":5000})").status,
      202);
  EXPECT_THAT(backend_.asked(), ElementsAre("submit pl1 {} queue by 5000 key="));
}

TEST_F(RouterTest, RetriesAndSkipsAStep) {
  EXPECT_EQ(ask("POST", "/api/v1/operations/x1/retry", R"({"step":"3.0"})").status, 202);
  EXPECT_EQ(ask("POST", "/api/v1/operations/x1/skip",
                R"({"step":"3.0","reason":"gone","requested_by":"ann"})")
                .status,
            202);
  EXPECT_THAT(backend_.asked(), ElementsAre("retry x1 3.0", "skip x1 3.0: gone (ann)"));
}

struct Refused {
  const char* target;
  const char* body;
  const char* code;
};

class Bodies : public RouterTest, public testing::WithParamInterface<Refused> {};

TEST_P(Bodies, ThatCannotBeReadAreRefused) {
  const ApiReply reply = ask("POST", std::string("/api/v1") + GetParam().target, GetParam().body);
  EXPECT_EQ(reply.status, 400) << reply.body;
  EXPECT_EQ(code_of(reply), GetParam().code) << reply.body;
  EXPECT_TRUE(backend_.asked().empty());
}

constexpr const char* kStart = "/operations";
INSTANTIATE_TEST_SUITE_P(
    Every, Bodies,
    testing::Values(
        Refused{kStart, "{", "BAD_JSON"}, Refused{kStart, "[]", "BAD_JSON"},
        Refused{kStart, "7", "BAD_JSON"}, Refused{kStart, "\xff", "BAD_JSON"},
        Refused{kStart, "{\"kind\":\"\xff\"}", "BAD_JSON"},
        Refused{kStart, R"({"kind":"a\u0000b"})", "BAD_JSON"},
        Refused{kStart, R"({"kind":"x","deadline_ms":1.5})", "BAD_JSON"},
        Refused{kStart, R"({"kind":"x","deadline_ms":1e999})", "BAD_JSON"},
        Refused{kStart, R"({"kind":"x","deadline_ms":99999999999999999999})", "BAD_JSON"},
        Refused{kStart, R"({"kind":"x","deadline_ms":18446744073709551615})", "BAD_JSON"},
        Refused{kStart, R"({"kind":"x","kind":"y"})", "DUPLICATE_MEMBER"},
        Refused{kStart, R"({"kind":"x","args":{"a":1,"a":1}})", "DUPLICATE_MEMBER"},
        Refused{kStart, R"({"kind":"x","dryrun":true})", "UNEXPECTED_MEMBER"},
        Refused{kStart, R"({"args":{}})", "BAD_MEMBER"}, Refused{kStart, "{}", "BAD_MEMBER"},
        Refused{kStart, R"({"kind":7})", "BAD_MEMBER"},
        Refused{kStart, R"({"kind":""})", "BAD_MEMBER"},
        Refused{kStart, R"({"kind":"x","args":[]})", "BAD_MEMBER"},
        Refused{kStart, R"({"kind":"x","dry_run":"yes"})", "BAD_MEMBER"},
        Refused{kStart, R"({"kind":"x","deadline_ms":0})", "BAD_MEMBER"},
        Refused{kStart, R"({"kind":"x","deadline_ms":true})", "BAD_MEMBER"},
        Refused{kStart, R"({"kind":"x","plan":"pl1"})", "BAD_MEMBER"},
        Refused{kStart, R"({"plan":"pl1","dry_run":true})", "BAD_MEMBER"},
        Refused{"/operations/x1/cancel", R"({"now":true})", "UNEXPECTED_MEMBER"},
        Refused{"/operations/x1/retry", "{}", "BAD_MEMBER"},
        Refused{"/operations/x1/retry", "", "BODY_MISSING"},
        Refused{"/operations/x1/skip", R"({"step":"1.0"})", "BAD_MEMBER"},
        Refused{"/doctor", R"({"group":["g"]})", "BAD_MEMBER"}));

TEST_F(RouterTest, RefusesBodiesThatAreNestedTooDeep) {
  const std::string deep =
      R"({"kind":"x","args":{"a":)" + std::string(100'000, '[') + std::string(100'000, ']') + "}}";
  EXPECT_EQ(code_of(ask("POST", "/api/v1/operations", deep)), "JSON_TOO_DEEP");
}

TEST_F(RouterTest, RefusesABodyThatNobodyWouldRead) {
  EXPECT_EQ(code_of(ask("GET", "/api/v1/status", "{}")), "BODY_NOT_EXPECTED");
}

TEST_F(RouterTest, RefusesQueriesThatNobodyWouldRead) {
  for (const char* target : {"/api/v1/status?x=1", "/api/v1/operations?limits=3",
                             "/api/v1/events/stream?limit=1", "/api/v1/events?operation="}) {
    const ApiReply reply = ask("GET", target);
    EXPECT_EQ(reply.status, 400) << target;
    EXPECT_EQ(code_of(reply), "BAD_QUERY") << target;
  }
}

TEST_F(RouterTest, AnswersOnlyWhatIsAccepted) {
  ApiRequest asked = request("GET", "/api/v1/status");
  for (const char* accept : {"", "*/*", "application/*", "text/html, Application/JSON;q=0.3"}) {
    asked.accept = accept;
    EXPECT_EQ(Router(backend_).answer(asked).status, 200) << accept;
  }
  for (const char* accept : {"text/html", "application/xml, text/*", "text/event-stream"}) {
    asked.accept = accept;
    EXPECT_EQ(code_of(Router(backend_).answer(asked)), "NOT_ACCEPTABLE") << accept;
  }
}

TEST_F(RouterTest, KnowsWhichRequestsAskClusters) {
  EXPECT_TRUE(Router::asks_clusters(request("POST", "/api/v1/operations")));
  EXPECT_TRUE(Router::asks_clusters(request("GET", "/api/v1/groups/g/plan")));
  EXPECT_TRUE(Router::asks_clusters(request("POST", "/api/v1/doctor")));
  for (const char* quick : {"/api/v1/status", "/api/v1/operations", "/api/v1/nothing"})
    EXPECT_FALSE(Router::asks_clusters(request("GET", quick))) << quick;
}

TEST_F(RouterTest, ShowsTheEvidenceOfARefusal) {
  backend_.on_submit = [](const SubmitOperation&) -> Json {
    throw Refusal(ErrorKind::conflict, "WORLD_CHANGED", "east.role was primary, is secondary",
                  "plan again", {{"changed", Json::array({"east.role"})}});
  };
  const ApiReply reply = ask("POST", "/api/v1/operations", R"({"plan":"pl1"})");
  EXPECT_EQ(reply.status, 409);
  EXPECT_EQ(code_of(reply), "WORLD_CHANGED");
  EXPECT_EQ(parse_json(reply.body, "reply").at("evidence").at("changed").at(0), "east.role");
}

TEST_F(RouterTest, RefusesBodiesOfAnotherKind) {
  ApiRequest asked = request("POST", "/api/v1/operations", R"({"kind":"x"})");
  for (const char* type :
       {"", "text/plain", "application/x-www-form-urlencoded", "application/jsonp"}) {
    asked.content_type = type;
    const ApiReply reply = Router(backend_).answer(asked);
    EXPECT_EQ(reply.status, 415) << type;
    EXPECT_EQ(code_of(reply), "UNSUPPORTED_MEDIA_TYPE");
  }
  EXPECT_TRUE(backend_.asked().empty());
}

TEST_F(RouterTest, RefusesNumbersThatAreNone) {
  for (const char* target :
       {"/api/v1/operations?limit=x", "/api/v1/operations?limit=0", "/api/v1/operations?limit=-1",
        "/api/v1/operations?limit=", "/api/v1/operations?limit=99999999999999999999",
        "/api/v1/events?after=1.5"}) {
    const ApiReply reply = ask("GET", target);
    EXPECT_EQ(reply.status, 400) << target;
    EXPECT_EQ(code_of(reply), "BAD_QUERY");
  }
}

TEST_F(RouterTest, AnUnknownPathListsTheKnownOnes) {
  for (const char* target : {"/", "/api", "/api/v1", "/api/v2/status", "/api/v1/nothing",
                             "/api/v1/links/g/a", "/api/v1/status/x"}) {
    const ApiReply reply = ask("GET", target);
    EXPECT_EQ(reply.status, 404) << target;
    EXPECT_EQ(code_of(reply), "UNKNOWN_PATH");
    EXPECT_THAT(reply.body, HasSubstr("/api/v1/groups/{name}/plan"));
  }
}

TEST_F(RouterTest, AnUnknownMethodNamesTheKnownOnes) {
  const ApiReply one = ask("DELETE", "/api/v1/status");
  EXPECT_EQ(one.status, 405);
  EXPECT_THAT(one.headers, ElementsAre(testing::Pair("Allow", "GET, HEAD")));
  EXPECT_EQ(code_of(one), "METHOD_NOT_ALLOWED");
  EXPECT_THAT(ask("PUT", "/api/v1/operations").headers,
              ElementsAre(testing::Pair("Allow", "GET, HEAD, POST")));
}

TEST_F(RouterTest, EveryKindOfErrorHasItsStatus) {
  const std::vector<std::pair<ErrorKind, int>> kinds{
      {ErrorKind::invalid, 400},   {ErrorKind::conflict, 409},  {ErrorKind::precondition, 422},
      {ErrorKind::transient, 503}, {ErrorKind::ambiguous, 503}, {ErrorKind::cancelled, 503},
      {ErrorKind::bug, 500}};
  for (const auto& [kind, status] : kinds) {
    backend_.on_status = [kind = kind]() -> Json {
      throw Error(kind, "SOME_CODE", "what \xff happened", "do this");
    };
    const ApiReply reply = ask("GET", "/api/v1/status");
    EXPECT_EQ(reply.status, status) << to_string(kind);
    EXPECT_EQ(code_of(reply), "SOME_CODE");
    EXPECT_EQ(parse_json(reply.body, "reply").at("kind"), to_string(kind));
    EXPECT_EQ(parse_json(reply.body, "reply").at("remedy"), "do this");
  }
  EXPECT_EQ(ask("GET", "/api/v1/clusters/nowhere").status, 404);
}

TEST_F(RouterTest, AForeignExceptionIsABug) {
  backend_.on_status = []() -> Json { throw std::runtime_error("oops"); };
  const ApiReply reply = ask("GET", "/api/v1/status");
  EXPECT_EQ(reply.status, 500);
  EXPECT_EQ(code_of(reply), "INTERNAL");
}

TEST(Targets, AreSplitAndDecoded) {
  ApiRequest asked;
  split_target("/a//b%20c/?x=1&y=%26&z&=q", asked);
  EXPECT_THAT(asked.path, ElementsAre("a", "", "b c"));
  EXPECT_EQ(asked.query.size(), 4U);
  EXPECT_EQ(asked.query["y"], "&");
}

TEST(Targets, AreRefusedWhenTheyAreBroken) {
  const auto code = [](const char* target) -> std::string {
    ApiRequest none;
    try {
      split_target(target, none);
    } catch (const Error& error) {
      return error.code();
    }
    return "taken";
  };
  for (const char* bad : {"", "x", "*", "http://h/", "/%", "/%4", "/%zz", "/%00", "/%0a", "/%ff",
                          "/%c0%af", "/%ed%a0%80", "/%f5%80%80%80", "/\xe2\x82"})
    EXPECT_EQ(code(bad), "MALFORMED_PATH") << bad;
  for (const char* bad : {"/a?b=%", "/a?%00=1", "/a?b=1&b=1", "/a?b=1&%62=2"})
    EXPECT_EQ(code(bad), "BAD_QUERY") << bad;
  EXPECT_EQ(code("/%e2%82%ac"), "taken");
}

TEST(Hosts, AreLocalByAddressAndNotByTheLookOfIt) {
  for (const char* local :
       {"localhost", "localhost:8440", "127.0.0.1", "127.1.2.3:1", "[::1]", "[::1]:8440"})
    EXPECT_TRUE(is_local_host(local)) << local;
  for (const char* foreign :
       {"", "evil.example", "127.evil.example", "127.0.0.1.evil.example", "127.0.0", "127.0.0.256",
        "127.0.0.1:x", "localhost.evil.example", "[::1].evil.example", "[::2]", "10.0.0.1"})
    EXPECT_FALSE(is_local_host(foreign)) << foreign;
}

TEST(Origins, OfOthersAreSeen) {
  EXPECT_FALSE(comes_from_a_page({"127.0.0.1:80", "", ""}, true));
  EXPECT_FALSE(comes_from_a_page({"127.0.0.1:80", "http://127.0.0.1:80", "same-origin"}, true));
  EXPECT_TRUE(comes_from_a_page({"127.0.0.1:80", "null", ""}, true));
  EXPECT_TRUE(comes_from_a_page({"127.0.0.1:80", "http://127.0.0.1:81", ""}, true));
  EXPECT_TRUE(comes_from_a_page({"127.0.0.1:80", "", "cross-site"}, true));
  EXPECT_TRUE(comes_from_a_page({"rebound.example", "", ""}, true));
  EXPECT_FALSE(comes_from_a_page({"manager.example", "", ""}, false));
}

}  // namespace
}  // namespace bdrmesh
