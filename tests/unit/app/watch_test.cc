#include "app/cli/client/watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sstream>
#include <thread>

#include "unit/app/served_backend.h"

namespace bdrmesh {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing_api::FakeBackend;
using testing_api::ServedBackend;

Json operation(const std::string& state) {
  return {{"id", "op1"}, {"kind", "ddl.run"}, {"state", state}, {"stages", Json::array()}};
}

Json event(std::int64_t number, const std::string& text, const std::string& severity = "info") {
  return {{"number", number},
          {"at", "2026-11-21T10:00:0" + std::to_string(number) + ".000Z"},
          {"severity", severity},
          {"text", text}};
}

std::size_t times(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++count;
  return count;
}

/// Events that are there from the beginning; the operation ends once all were read.
void tells(FakeBackend& backend, std::vector<Json> events, std::atomic<bool>& read) {
  backend.newest = static_cast<std::int64_t>(events.size());
  backend.on_events = [events, &read](std::int64_t after, int, const std::string&) {
    Json list = Json::array();
    for (const Json& one : events) {
      if (one.at("number").get<std::int64_t>() > after) list.push_back(one);
    }
    if (list.empty() && after > 0) read = true;
    return Json{{"events", list}};
  };
}

class WatchTest : public testing::Test {
 protected:
  std::optional<Json> watch(ApiClient& api) {
    return watch_operation(api, "op1", terminal_, clock_, options_);
  }
  std::ostringstream data_;
  std::ostringstream said_;
  Terminal terminal_{data_, said_, false};
  SystemClock clock_;
  WatchOptions options_;
};

TEST_F(WatchTest, TellsEveryEventOnceWithItsTime) {
  std::atomic<bool> read{false};
  ServedBackend served;
  tells(served.backend, {event(1, "started"), event(2, "a server is slow", "warning")}, read);
  served.backend.on_operation = [&read](const std::string&) {
    Json looked = operation(read ? "succeeded" : "running");
    // What the look shows was told by the stream, or will be: once all the same.
    looked["events"] = {event(1, "started")};
    return looked;
  };
  ApiClient api(served.url());
  ASSERT_TRUE(watch(api));
  EXPECT_EQ(times(said_.str(), "2026-11-21T10:00:01.000Z started\n"), 1U) << said_.str();
  EXPECT_EQ(times(said_.str(), "2026-11-21T10:00:02.000Z warning: a server is slow\n"), 1U)
      << said_.str();
}

TEST_F(WatchTest, GoesOnWhenTheDaemonIsRestarted) {
  auto first = std::make_unique<ServedBackend>();
  std::atomic<bool> unused{false};
  std::atomic<int> looks{0};
  tells(first->backend, {event(1, "started")}, unused);
  first->backend.on_operation = [&looks](const std::string&) {
    ++looks;
    return operation("running");
  };
  HttpServerOptions same;
  same.port = first->server.port();
  ApiClient api(first->url());

  FakeBackend second;
  std::atomic<bool> read{false};
  tells(second, {event(1, "started"), event(2, "taken up again")}, read);
  second.on_operation = [&read](const std::string&) {
    return operation(read ? "succeeded" : "running");
  };
  const Router router(second);
  std::unique_ptr<HttpServer> server;
  std::thread restart([&] {
    while (looks < 3) std::this_thread::yield();
    first.reset();
    server = std::make_unique<HttpServer>(
        same, [&router](const ApiRequest& asked) { return router.answer(asked); });
    server->start();
  });
  const std::optional<Json> ended = watch(api);
  restart.join();
  ASSERT_TRUE(ended);
  EXPECT_EQ(times(said_.str(), " started\n"), 1U) << said_.str();
  EXPECT_EQ(times(said_.str(), " taken up again\n"), 1U) << said_.str();
}

TEST_F(WatchTest, OnlyAsksADaemonWithoutAStream) {
  FakeBackend backend;
  std::atomic<int> looks{0};
  backend.on_operation = [&looks](const std::string&) {
    Json looked = operation(++looks < 4 ? "running" : "succeeded");
    looked["events"] = {event(1, "started")};
    return looked;
  };
  const Router router(backend);
  HttpServer server({}, [&router](const ApiRequest& asked) {
    ApiRequest other = asked;
    if (!other.path.empty() && other.path.back() == "stream") other.path.back() = "nothing";
    return router.answer(other);
  });
  server.start();
  ApiClient api("http://127.0.0.1:" + std::to_string(server.port()));
  ASSERT_TRUE(watch(api));
  EXPECT_EQ(times(said_.str(), " started\n"), 1U);
}

TEST_F(WatchTest, DrawsABoardOnATerminalAndTakesItAway) {
  std::ostringstream data;
  std::ostringstream said;
  Terminal terminal(data, said, true);
  ServedBackend served;
  std::atomic<int> looks{0};
  served.backend.on_operation = [&looks](const std::string&) {
    return operation(++looks < 6 ? "running" : "succeeded");
  };
  ApiClient api(served.url());
  ASSERT_TRUE(watch_operation(api, "op1", terminal, clock_, options_));
  EXPECT_THAT(said.str(), HasSubstr("ddl.run  running"));
  EXPECT_THAT(said.str(), testing::EndsWith("\x1b[J"));
}

}  // namespace
}  // namespace bdrmesh
