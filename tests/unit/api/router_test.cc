#include "api/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
  EXPECT_TRUE(split_target(target, asked)) << target;
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
    for (const char* key : {"type", "title", "kind", "detail", "remedy"})
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
        Way{"GET", "/api/v1/events?after=7&limit=2", "events 7 2"},
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

TEST_F(RouterTest, RefusesBodiesThatItCannotRead) {
  for (const char* body :
       {"{", "[]", "7", "{\"args\":{}}", R"({"kind":7})", R"({"kind":"x","args":[]})",
        R"({"kind":"x","dry_run":"yes"})", "\xff"}) {
    const ApiReply reply = ask("POST", "/api/v1/operations", body);
    EXPECT_EQ(reply.status, 400) << body;
    EXPECT_EQ(code_of(reply), "BAD_JSON") << body;
  }
  EXPECT_TRUE(backend_.asked().empty());
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
  EXPECT_EQ(one.allow, "GET");
  EXPECT_EQ(code_of(one), "METHOD_NOT_ALLOWED");
  EXPECT_EQ(ask("PUT", "/api/v1/operations").allow, "GET, POST");
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
  ASSERT_TRUE(split_target("/a//b%20c/?x=1&y=%26&z&=q", asked));
  EXPECT_THAT(asked.path, ElementsAre("a", "b c"));
  EXPECT_EQ(asked.query.size(), 3U);
  EXPECT_EQ(asked.query["y"], "&");
  for (const char* bad : {"", "x", "*", "http://h/", "/%", "/%4", "/%zz", "/%00", "/a?b=%"}) {
    ApiRequest none;
    EXPECT_FALSE(split_target(bad, none)) << bad;
  }
}

}  // namespace
}  // namespace bdrmesh
