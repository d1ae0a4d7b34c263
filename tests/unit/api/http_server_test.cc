#include "api/http_server.h"

#include <atomic>
#include <condition_variable>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <mutex>
#include <thread>

#include "api/router.h"
#include "base/error.h"
#include "unit/api/fake_backend.h"
#include "unit/api/raw_client.h"

namespace bdrmesh {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using testing_api::FakeBackend;
using testing_api::RawClient;

class HttpServerTest : public testing::Test {
 protected:
  void serve(HttpServerOptions options = {}) {
    options.asks_clusters = Router::asks_clusters;
    server_ = std::make_unique<HttpServer>(
        options, [this](const ApiRequest& asked) { return router_.answer(asked); });
    server_->start();
  }
  std::string talk(const std::string& bytes) {
    RawClient client(server_->port());
    EXPECT_TRUE(client.connected());
    client.send(bytes);
    return client.read_all();
  }
  static std::string get(const std::string& target,
                         const std::string& headers = "Connection: close\r\n") {
    return "GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + headers + "\r\n";
  }

  FakeBackend backend_;
  Router router_{backend_};
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, AnswersOnAPortOfItsOwn) {
  serve();
  EXPECT_NE(server_->port(), 0);
  const std::string answer = talk(get("/api/v1/status"));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK"));
  EXPECT_THAT(answer, HasSubstr("Content-Type: application/json"));
  EXPECT_THAT(answer, HasSubstr("Cache-Control: no-store"));
  EXPECT_THAT(answer, HasSubstr("\"verdict\":\"healthy\""));
}

TEST_F(HttpServerTest, KeepsConnectionsAlive) {
  serve();
  RawClient client(server_->port());
  for (int round = 0; round < 3; ++round) {
    client.send(get("/api/v1/status", ""));
    EXPECT_THAT(client.read_until("healthy\"}\n"), StartsWith("HTTP/1.1 200"));
    client.forget();
  }
  EXPECT_EQ(backend_.asked().size(), 3U);
}

TEST_F(HttpServerTest, AnswersRequestsThatComeTogether) {
  serve();
  const std::string both = talk(get("/api/v1/gates", "") + get("/api/v1/links"));
  EXPECT_THAT(both, HasSubstr("gates"));
  EXPECT_THAT(both, HasSubstr("links"));
}

TEST_F(HttpServerTest, HandsBodyAndKeyOn) {
  serve();
  const std::string body = R"({"kind":"group.apply","args":{"group":"g"}})";
  const std::string answer = talk(
      "POST /api/v1/operations HTTP/1.1\r\nHost: localhost:80\r\nContent-Type: "
      "application/json\r\nIdempotency-Key: k9\r\nConnection: close\r\nContent-Length: " +
      std::to_string(body.size()) + "\r\n\r\n" + body);
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 202"));
  EXPECT_THAT(backend_.asked(), testing::ElementsAre(R"(submit group.apply {"group":"g"} key=k9)"));
}

TEST_F(HttpServerTest, TellsTheKnownMethods) {
  serve();
  EXPECT_THAT(
      talk("DELETE /api/v1/status HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"),
      HasSubstr("Allow: GET"));
}

TEST_F(HttpServerTest, RefusesWhatIsNoHttp) {
  serve();
  for (const char* bytes :
       {"\r\n\x01\x02\r\n\r\n", "GET\r\n\r\n", "GET / SPDY/9\r\n\r\n",
        "GET / HTTP/1.1\r\nno colon\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n"}) {
    const std::string answer = talk(bytes);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 400")) << bytes;
    EXPECT_THAT(answer, HasSubstr("MALFORMED_HTTP"));
  }
  EXPECT_THAT(talk("GET nowhere HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"),
              HasSubstr("MALFORMED_PATH"));
  EXPECT_TRUE(backend_.asked().empty());
  EXPECT_THAT(talk(get("/api/v1/status")), StartsWith("HTTP/1.1 200")) << "and goes on serving";
}

TEST_F(HttpServerTest, RefusesBodiesAndHeadersThatAreTooLong) {
  HttpServerOptions options;
  options.body_limit = 100;
  serve(options);
  EXPECT_THAT(talk("POST /api/v1/operations HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: "
                   "application/json\r\nContent-Length: 101\r\n\r\n"),
              StartsWith("HTTP/1.1 413"));
  EXPECT_THAT(talk("GET / HTTP/1.1\r\nX: " + std::string(20'000, 'x')),
              HasSubstr("HEADER_TOO_LARGE"));
}

TEST_F(HttpServerTest, RefusesPagesOfOtherOrigins) {
  serve();
  EXPECT_THAT(talk(get("/api/v1/status", "Origin: http://evil.example\r\nConnection: close\r\n")),
              StartsWith("HTTP/1.1 403"));
  EXPECT_THAT(
      talk("GET /api/v1/status HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"),
      StartsWith("HTTP/1.1 403"));
  EXPECT_TRUE(backend_.asked().empty());
  EXPECT_THAT(talk(get("/api/v1/status", "Origin: http://127.0.0.1\r\nConnection: close\r\n")),
              StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpServerTest, ClosesConnectionsThatSayNothing) {
  HttpServerOptions options;
  options.idle_limit = Millis{50};
  serve(options);
  RawClient silent(server_->port());
  EXPECT_EQ(silent.read_all(), "");
  RawClient half(server_->port());
  half.send("GET /api/v1/sta");
  EXPECT_EQ(half.read_all(), "");
}

/// Keeps handlers inside until it is opened.
class Latch {
 public:
  void pass() {
    std::unique_lock lock(mutex_);
    ++inside_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  void await_inside(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this, count] { return inside_ >= count; });
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;  // guards the two below
  std::condition_variable changed_;
  int inside_ = 0;
  bool open_ = false;
};

TEST_F(HttpServerTest, ASlowHandlerDelaysNobodyElse) {
  Latch latch;
  backend_.on_status = [&latch]() -> Json {
    latch.pass();
    return {{"slow", true}};
  };
  serve();
  RawClient slow(server_->port());
  slow.send(get("/api/v1/status"));
  latch.await_inside(1);
  EXPECT_THAT(talk(get("/api/v1/gates")), StartsWith("HTTP/1.1 200"));
  latch.open();
  EXPECT_THAT(slow.read_all(), HasSubstr("\"slow\":true"));
}

TEST_F(HttpServerTest, StopLetsAnAnswerUnderWayGoOut) {
  Latch latch;
  backend_.on_status = [&latch]() -> Json {
    latch.pass();
    return {{"slow", true}};
  };
  serve();
  RawClient idle(server_->port());
  idle.send(get("/api/v1/gates", ""));
  idle.read_until("gates\"}\n");
  RawClient busy(server_->port());
  busy.send(get("/api/v1/status", ""));
  latch.await_inside(1);
  std::thread stopper([this] { server_->stop(); });
  idle.read_all();  // ends: idle connections are closed at once
  latch.open();
  EXPECT_THAT(busy.read_all(), HasSubstr("\"slow\":true"));
  stopper.join();
  EXPECT_FALSE(RawClient(server_->port()).connected());
}

TEST_F(HttpServerTest, ServesManyAtOnce) {
  serve();
  std::vector<std::thread> clients;
  std::atomic<int> served{0};
  for (int n = 0; n < 8; ++n) {
    clients.emplace_back([this, &served] {
      for (int round = 0; round < 20; ++round) {
        RawClient client(server_->port());
        client.send(get("/api/v1/status"));
        if (client.read_all().starts_with("HTTP/1.1 200")) ++served;
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(served, 160);
}

TEST_F(HttpServerTest, SaysWhenItCannotListen) {
  serve();
  HttpServerOptions taken;
  taken.port = server_->port();
  try {
    const HttpServer second(taken, [](const ApiRequest&) { return ApiReply{}; });
    ADD_FAILURE() << "two servers on one port";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "CANNOT_LISTEN");
    EXPECT_THAT(error.message(), HasSubstr("127.0.0.1:" + std::to_string(taken.port)));
  }
  HttpServerOptions name;
  name.host = "not an address";
  EXPECT_THROW(HttpServer(name, [](const ApiRequest&) { return ApiReply{}; }), Error);
}

TEST_F(HttpServerTest, RefusesToListenBeyondLoopbackWhileItKnowsNobody) {
  for (const char* host : {"0.0.0.0", "::", "192.0.2.1"}) {
    HttpServerOptions options;
    options.host = host;
    try {
      const HttpServer server(options, [](const ApiRequest&) { return ApiReply{}; });
      ADD_FAILURE() << host;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), "LISTEN_BEYOND_LOOPBACK") << host << error.message();
      EXPECT_THAT(error.remedy(), HasSubstr("ssh -L"));
    }
  }
}

class OneToken final : public AccessGuard {
 public:
  bool authenticates() const override { return true; }
  std::optional<ApiReply> refuse(const ApiRequest& request) const override {
    if (request.authorization == "Bearer right") return std::nullopt;
    return ApiReply{401, "application/problem+json", "{}", {{"WWW-Authenticate", "Bearer"}}, {}};
  }
};

TEST_F(HttpServerTest, AGuardThatTellsPeopleApartIsAskedFirst) {
  const OneToken guard;
  HttpServerOptions options;
  options.host = "0.0.0.0";
  options.guard = &guard;
  serve(options);
  EXPECT_THAT(talk(get("/api/v1/status")), StartsWith("HTTP/1.1 401"));
  EXPECT_TRUE(backend_.asked().empty());
  EXPECT_THAT(talk(get("/api/v1/status", "Authorization: Bearer right\r\nConnection: close\r\n")),
              StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpServerTest, AnswersHeadWithTheHeaderAlone) {
  serve();
  const std::string whole = talk(get("/api/v1/status"));
  const std::size_t body = whole.size() - whole.find("\r\n\r\n") - 4;
  const std::string head =
      talk("HEAD /api/v1/status HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(head, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(head, HasSubstr("Content-Length: " + std::to_string(body) + "\r\n"));
  EXPECT_TRUE(head.ends_with("\r\n\r\n")) << head;
}

TEST_F(HttpServerTest, ReadsChunkedBodies) {
  serve();
  EXPECT_THAT(talk("POST /api/v1/operations HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: "
                   "application/json\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                   "8\r\n{\"kind\":\r\n4\r\n\"x\"}\r\n0\r\n\r\n"),
              StartsWith("HTTP/1.1 202"));
}

TEST_F(HttpServerTest, TellsAClientThatAsksFirstToGoOn) {
  serve();
  RawClient client(server_->port());
  client.send(
      "POST /api/v1/doctor HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
      "Expect: 100-continue\r\nConnection: close\r\nContent-Length: 2\r\n\r\n");
  EXPECT_THAT(client.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 100"));
  client.forget();
  client.send("{}");
  EXPECT_THAT(client.read_all(), StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpServerTest, RefusesHeadersThatCanBeReadInTwoWays) {
  serve();
  const std::string post = "POST /api/v1/doctor HTTP/1.1\r\nConnection: close\r\n";
  for (const char* headers :
       {"", "Host: 127.0.0.1\r\nHost: 127.0.0.1\r\n",
        "Host: 127.0.0.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n",
        "Host: 127.0.0.1\r\nTransfer-Encoding: gzip\r\n",
        "Host: 127.0.0.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n",
        "Host: 127.0.0.1\r\nContent-Length: 99999999999999999999\r\n",
        "Host: 127.0.0.1\r\nIdempotency-Key: a\r\nIdempotency-Key: b\r\n",
        "Host: 127.0.0.1\r\nIdempotency-Key: \xc3\xa4\r\n"}) {
    const std::string answer = talk(post + headers + "\r\n");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 400")) << headers;
    EXPECT_THAT(answer, HasSubstr("\"remedy\"")) << headers;
  }
  EXPECT_THAT(talk(get("/api/v1/status", "Content-Encoding: gzip\r\nConnection: close\r\n")),
              StartsWith("HTTP/1.1 415"));
  EXPECT_TRUE(backend_.asked().empty());
}

TEST_F(HttpServerTest, TheRefusalOfALongBodyArrives) {
  HttpServerOptions options;
  options.body_limit = 1000;
  serve(options);
  for (int round = 0; round < 20; ++round) {
    EXPECT_THAT(talk("POST /api/v1/doctor HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: "
                     "200000\r\n\r\n" +
                     std::string(200'000, 'x')),
                HasSubstr("BODY_TOO_LARGE"));
  }
}

TEST_F(HttpServerTest, QuestionsToClustersDelayNobodyElseAndAreLimited) {
  Latch latch;
  backend_.on_submit = [&latch](const SubmitOperation&) -> Json {
    latch.pass();
    return {{"operation", "op1"}};
  };
  HttpServerOptions options;
  options.most_asking = 3;
  serve(options);
  const std::string body = R"({"kind":"x"})";
  const std::string post =
      "POST /api/v1/operations HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
      "Connection: close\r\nContent-Length: " +
      std::to_string(body.size()) + "\r\n\r\n" + body;
  std::vector<std::unique_ptr<RawClient>> hanging;
  for (int n = 0; n < 3; ++n) {
    hanging.push_back(std::make_unique<RawClient>(server_->port()));
    hanging.back()->send(post);
  }
  latch.await_inside(3);
  const std::string refused = talk(post);
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(refused, HasSubstr("Retry-After: "));
  EXPECT_THAT(refused, HasSubstr("TOO_MANY_REQUESTS"));
  for (int n = 0; n < 10; ++n) EXPECT_THAT(talk(get("/api/v1/status")), StartsWith("HTTP/1.1 200"));
  latch.open();
  for (const auto& client : hanging) EXPECT_THAT(client->read_all(), StartsWith("HTTP/1.1 202"));
}

TEST_F(HttpServerTest, AnAnswerThatIsLateIsSaidToBe) {
  Latch latch;
  backend_.on_submit = [&latch](const SubmitOperation&) -> Json {
    latch.pass();
    return {{"operation", "op1"}};
  };
  HttpServerOptions options;
  options.answer_limit = Millis{50};
  serve(options);
  const std::string answer = talk(
      "POST /api/v1/operations HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: "
      "application/json\r\nConnection: close\r\nContent-Length: 12\r\n\r\n{\"kind\":\"x\"}");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(answer, HasSubstr("ANSWER_TOO_LATE"));
  EXPECT_THAT(answer, HasSubstr("\"kind\":\"ambiguous\""));
  latch.open();
  server_->stop();  // the handler is still on its way out of the latch
}

TEST_F(HttpServerTest, StopsWithoutHavingStarted) {
  HttpServer server({}, [](const ApiRequest&) { return ApiReply{}; });
  server.stop();
  server.stop();
}

}  // namespace
}  // namespace bdrmesh
