#include "api/http_server.h"

#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <condition_variable>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <mutex>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include "api/router.h"
#include "base/error.h"
#include "unit/api/fake_backend.h"

namespace bdrmesh {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using testing_api::FakeBackend;

/// A plain socket, so that malformed bytes can be sent.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval limit{10, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ =
        ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  ~RawClient() { ::close(socket_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool connected() const { return connected_; }
  void send(const std::string& bytes) {
    std::size_t sent = 0;
    while (sent < bytes.size()) {
      const ssize_t now = ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (now <= 0) return;
      sent += static_cast<std::size_t>(now);
    }
  }
  /// Reads until `text` has come or the connection is over.
  std::string read_until(const std::string& text) {
    while (got_.find(text) == std::string::npos && read_more()) {
    }
    return got_;
  }
  std::string read_all() {
    while (read_more()) {
    }
    return got_;
  }
  void forget() { got_.clear(); }

 private:
  bool read_more() {
    std::array<char, 4096> buffer{};
    const ssize_t now = ::recv(socket_, buffer.data(), buffer.size(), 0);
    if (now <= 0) return false;
    got_.append(buffer.data(), static_cast<std::size_t>(now));
    return true;
  }
  int socket_;
  bool connected_ = false;
  std::string got_;
};

class HttpServerTest : public testing::Test {
 protected:
  void serve(HttpServerOptions options = {}) {
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

TEST_F(HttpServerTest, StopsWithoutHavingStarted) {
  HttpServer server({}, [](const ApiRequest&) { return ApiReply{}; });
  server.stop();
  server.stop();
}

}  // namespace
}  // namespace bdrmesh
