#include <future>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/json.h"
#include "clients/http/http_client.h"
#include "clients/http/http_pd_client.h"
#include "clients/ticdc/http_ticdc_client.h"
#include "unit/clients/canned_server.h"
#include "unit/clients/data_files.h"

namespace bdrmesh {
namespace {

using namespace std::chrono_literals;
using test::CannedRequest;
using test::CannedServer;

const SystemClock kClock;

Call within(Millis time) { return {kClock.mono() + time, {}}; }

CannedServer::Handler always(int status, const std::string& body) {
  return [=](const CannedRequest&) { return CannedServer::answer(status, body); };
}

/// A port on which nobody listens: bound, then given back.
std::string dead_url() { return CannedServer(always(200, "{}")).url(); }

HttpTicdcClient ticdc_at(std::vector<std::string> urls) { return {std::move(urls), {}, kClock}; }

template <class Action>
Error error_from(const Action& action) {
  try {
    action();
  } catch (const Error& e) {
    return e;
  }
  return Error(ErrorKind::bug, "NO_ERROR", "nothing was thrown");
}

CreateFeed feed() {
  return {ChangefeedId("g-a-to-b-1"), Tso(470615496691286019), Secret("mysql://u:p@h:4000/"),
          Json{{"bdr_mode", true}}};
}

TEST(HttpTicdcClient, SendsPositionsAsIntegers) {
  const CannedServer server(always(200, "{}"));
  ticdc_at({server.url() + "/"}).create(feed(), within(5s));
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].line, "POST /api/v2/changefeeds HTTP/1.1");
  const Json body = Json::parse(requests[0].body);
  EXPECT_TRUE(body.at("start_ts").is_number_unsigned());
  EXPECT_EQ(body.at("start_ts").get<std::uint64_t>(), 470615496691286019U);
  EXPECT_EQ(body.at("sink_uri"), "mysql://u:p@h:4000/");
  EXPECT_TRUE(body.at("replica_config").at("bdr_mode").get<bool>());
}

TEST(HttpTicdcClient, AsksForAllStates) {
  const CannedServer server(always(200, test::read_data("ticdc/real-classic-9.0dev-list.json")));
  EXPECT_EQ(ticdc_at({server.url()}).list(within(5s)).size(), 2U);
  EXPECT_EQ(server.requests().at(0).line, "GET /api/v2/changefeeds?state=all HTTP/1.1");
}

TEST(HttpTicdcClient, NamesTheEndpointOfEveryChange) {
  const CannedServer server(always(200, "{}"));
  HttpTicdcClient client = ticdc_at({server.url()});
  const ChangefeedId id("a-b-1");
  client.pause(id, within(5s));
  client.resume(id, within(5s));
  client.remove(id, within(5s));
  client.update(id, std::nullopt, Json{{"bdr_mode", true}}, within(5s));
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 4U);
  EXPECT_EQ(requests[0].line, "POST /api/v2/changefeeds/a-b-1/pause HTTP/1.1");
  EXPECT_EQ(requests[1].line, "POST /api/v2/changefeeds/a-b-1/resume HTTP/1.1");
  EXPECT_EQ(requests[1].body, "{}");
  EXPECT_EQ(requests[2].line, "DELETE /api/v2/changefeeds/a-b-1 HTTP/1.1");
  EXPECT_EQ(requests[3].line, "PUT /api/v2/changefeeds/a-b-1 HTTP/1.1");
  EXPECT_FALSE(Json::parse(requests[3].body).contains("sink_uri"))
      << "an unchanged sink must not be sent";
}

TEST(HttpTicdcClient, AnswersNothingForAnUnknownFeed) {
  const CannedServer server(
      always(400, test::read_data("ticdc/real-classic-9.0dev-error-detail-unknown.json")));
  HttpTicdcClient client = ticdc_at({server.url()});
  EXPECT_EQ(client.find(ChangefeedId("x"), within(5s)), std::nullopt);
  EXPECT_EQ(client.status(ChangefeedId("x"), within(5s)), std::nullopt);
  EXPECT_EQ(error_from([&] { client.pause(ChangefeedId("x"), within(5s)); }).code(),
            "FEED_NOT_FOUND");
}

TEST(HttpTicdcClient, GoesToTheNextNodeWhenOneIsNotThere) {
  const CannedServer server(always(200, "{}"));
  HttpTicdcClient client = ticdc_at({dead_url(), server.url()});
  EXPECT_TRUE(client.healthy(within(5s)));
  client.pause(ChangefeedId("a"), within(5s));
  EXPECT_EQ(server.requests().size(), 2U);
}

TEST(HttpTicdcClient, BeginsWithTheNodeThatAnsweredLast) {
  const CannedServer silent([](const CannedRequest&) { return std::optional<std::string>(); });
  const CannedServer other(always(200, "{}"));
  HttpTicdcClient client = ticdc_at({silent.url(), other.url()});
  EXPECT_TRUE(client.healthy(within(4s)));
  const std::size_t before = silent.requests().size();
  EXPECT_TRUE(client.healthy(within(4s)));
  client.pause(ChangefeedId("a"), within(4s));
  EXPECT_EQ(silent.requests().size(), before);
  EXPECT_EQ(other.requests().size(), 3U);
}

TEST(HttpTicdcClient, NeverSendsAChangeToASecondNodeAfterTheFirstMayHaveTakenIt) {
  const CannedServer silent([](const CannedRequest&) { return std::optional<std::string>(); });
  const CannedServer other(always(200, "{}"));
  HttpTicdcClient client = ticdc_at({silent.url(), other.url()});
  const Error e = error_from([&] { client.create(feed(), within(300ms)); });
  EXPECT_EQ(e.kind(), ErrorKind::ambiguous) << e.message();
  EXPECT_EQ(e.code(), "TICDC_ANSWER_LOST");
  EXPECT_EQ(silent.requests().size(), 1U);
  EXPECT_TRUE(other.requests().empty());
}

TEST(HttpTicdcClient, AsksAnotherNodeWhenOneHangsOnAQuestion) {
  const CannedServer silent([](const CannedRequest&) { return std::optional<std::string>(); });
  const CannedServer other(always(200, "{}"));
  EXPECT_TRUE(ticdc_at({silent.url(), other.url()}).healthy(within(4s)));
}

TEST(HttpTicdcClient, CallsAClosedConnectionAmbiguousAfterAChange) {
  const CannedServer closing([](const CannedRequest&) { return std::optional<std::string>(""); });
  const Error e =
      error_from([&] { ticdc_at({closing.url()}).remove(ChangefeedId("a"), within(5s)); });
  EXPECT_EQ(e.kind(), ErrorKind::ambiguous) << e.message();
}

TEST(HttpTicdcClient, CallsACutAnswerOfAChangeAmbiguous) {
  const CannedServer cutting([](const CannedRequest&) {
    return std::optional<std::string>("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\":");
  });
  const Error e = error_from([&] { ticdc_at({cutting.url()}).create(feed(), within(5s)); });
  EXPECT_EQ(e.kind(), ErrorKind::ambiguous) << e.message();
}

TEST(HttpTicdcClient, ReadsErrorsWhateverTheirContentType) {
  const CannedServer server([](const CannedRequest&) {
    return CannedServer::answer(
        400, test::read_data("ticdc/real-classic-9.0dev-create-error-malformed-json.json"),
        "text/plain; charset=utf-8");
  });
  const Error e = error_from([&] { ticdc_at({server.url()}).create(feed(), within(5s)); });
  EXPECT_EQ(e.code(), "TICDC_REFUSED");
  EXPECT_NE(e.message().find("CDC:ErrAPIInvalidParam"), std::string::npos) << e.message();
}

TEST(HttpTicdcClient, KeepsThePasswordOutOfErrors) {
  const CannedServer server(always(
      400,
      R"({"error_msg":"sink uri invalid 'mysql://u:p@h:4000/'","error_code":"CDC:ErrSinkURIInvalid"})"));
  const Error e = error_from([&] { ticdc_at({server.url()}).create(feed(), within(5s)); });
  EXPECT_EQ(e.message().find("u:p@"), std::string::npos) << e.message();
}

TEST(HttpTicdcClient, SaysUnhealthyWithoutThrowing) {
  const CannedServer server(always(
      500,
      R"({"error_msg":"[CDC:ErrClusterIsUnhealthy]x","error_code":"CDC:ErrClusterIsUnhealthy"})"));
  EXPECT_FALSE(ticdc_at({server.url()}).healthy(within(5s)));
}

TEST(HttpTicdcClient, EndsAQuestionAtItsDeadline) {
  const CannedServer silent([](const CannedRequest&) { return std::optional<std::string>(); });
  const MonoTime before = kClock.mono();
  const Error e = error_from([&] { ticdc_at({silent.url()}).list(within(200ms)); });
  EXPECT_EQ(e.kind(), ErrorKind::transient) << e.message();
  EXPECT_LT(kClock.mono() - before, 5s);
}

TEST(HttpTicdcClient, EndsWhenAskedToStop) {
  std::stop_source stop;
  const CannedServer silent([&](const CannedRequest&) {
    stop.request_stop();
    return std::optional<std::string>();
  });
  const Error question = error_from([&] {
    ticdc_at({silent.url()}).list({MonoTime::max(), stop.get_token()});
  });
  EXPECT_EQ(question.kind(), ErrorKind::cancelled) << question.message();
  const Error after = error_from([&] {
    ticdc_at({silent.url()}).pause(ChangefeedId("a"), {MonoTime::max(), stop.get_token()});
  });
  EXPECT_EQ(after.kind(), ErrorKind::cancelled) << "nothing was sent: " << after.message();
}

TEST(HttpTicdcClient, CallsAStoppedChangeAmbiguousWhenItWasSent) {
  std::stop_source stop;
  const CannedServer silent([&](const CannedRequest&) {
    stop.request_stop();
    return std::optional<std::string>();
  });
  const Error e = error_from([&] {
    ticdc_at({silent.url()}).pause(ChangefeedId("a"), {MonoTime::max(), stop.get_token()});
  });
  EXPECT_EQ(e.kind(), ErrorKind::ambiguous) << e.message();
}

TEST(HttpTicdcClient, TakesATso) {
  const CannedServer server(always(200, R"({"timestamp":1795255650639,"logic_time":6})"));
  EXPECT_EQ(ticdc_at({server.url()}).tso(within(5s)),
            Tso((std::uint64_t{1795255650639} << 18) | 6));
  EXPECT_EQ(server.requests().at(0).body, "{}");
}

TEST(HttpPdClient, ReadsTheClusterIdFromAnyPd) {
  const CannedServer server(always(200, test::read_data("pd/cluster-9.0.0-beta.2.json")));
  HttpPdClient pd({dead_url(), server.url()}, {}, kClock);
  EXPECT_EQ(pd.cluster_id(within(5s)), 7710544872894816079U);
  EXPECT_EQ(server.requests().at(0).line, "GET /pd/api/v1/cluster HTTP/1.1");
}

TEST(HttpPdClient, RefusesAnotherService) {
  const CannedServer server(always(200, test::read_data("pd/unknown-path-9.0.0-beta.2.txt")));
  HttpPdClient pd({server.url()}, {}, kClock);
  EXPECT_EQ(error_from([&] { pd.cluster_id(within(5s)); }).code(), "PD_BAD_ANSWER");
}

TEST(HttpClient, RefusesTlsThatIsNotThere) {
  const CannedServer plain(always(200, "{}"));
  const HttpClient http({}, kClock);
  HttpRequest request;
  request.url = "https" + plain.url().substr(4);
  EXPECT_NE(http.send(request, within(2s)).outcome, HttpOutcome::answered);
}

}  // namespace
}  // namespace bdrmesh
