// Server-sent events over real sockets: resumed, shared, cut off, ended.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <mutex>

#include "api/event_feed.h"
#include "api/http_server.h"
#include "api/router.h"
#include "unit/api/fake_backend.h"
#include "unit/api/raw_client.h"

namespace bdrmesh {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using testing_api::FakeBackend;
using testing_api::RawClient;

/// The events of a state file, in memory.
class Book {
 public:
  explicit Book(FakeBackend& backend) : backend_(backend) {
    backend.on_events = [this](std::int64_t after, int limit, const std::string& operation) {
      return read(after, limit, operation);
    };
  }
  void add(const std::string& operation, const std::string& text) {
    const std::lock_guard lock(mutex_);
    const std::int64_t number = static_cast<std::int64_t>(events_.size()) + 1;
    events_.push_back({{"number", number}, {"operation", operation}, {"text", text}});
    backend_.newest = number;
  }

 private:
  Json read(std::int64_t after, int limit, const std::string& operation) {
    const std::lock_guard lock(mutex_);
    Json list = Json::array();
    for (const Json& event : events_) {
      if (event.at("number") > after && list.size() < static_cast<std::size_t>(limit) &&
          (operation.empty() || event.at("operation") == operation))
        list.push_back(event);
    }
    return {{"events", list}};
  }

  FakeBackend& backend_;
  std::mutex mutex_;  // guards events_
  std::vector<Json> events_;
};

class EventStream : public testing::Test {
 protected:
  void serve(HttpServerOptions options = {}) {
    server_ = std::make_unique<HttpServer>(
        options, [this](const ApiRequest& asked) { return router_.answer(asked); });
    server_->start();
  }
  std::unique_ptr<RawClient> follow(const std::string& query, const std::string& headers = {}) {
    auto client = std::make_unique<RawClient>(server_->port());
    client->send("GET /api/v1/events/stream" + query + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" +
                 headers + "\r\n");
    client->read_until("retry: 1000\n\n");
    return client;
  }
  void happens(const std::string& operation, const std::string& text) {
    book_.add(operation, text);
    server_->wake_streams();
  }

  FakeBackend backend_;
  Book book_{backend_};
  Router router_{backend_};
  std::unique_ptr<HttpServer> server_;
};

TEST_F(EventStream, TellsWhatHappensFromNowOn) {
  book_.add("op1", "long ago");
  serve();
  const auto client = follow("");
  happens("op1", "just now");
  const std::string seen = client->read_until("just now");
  EXPECT_THAT(seen, StartsWith("HTTP/1.1 200 OK"));
  EXPECT_THAT(seen, HasSubstr("Content-Type: text/event-stream"));
  EXPECT_THAT(seen, HasSubstr("id: 2\ndata: {"));
  EXPECT_THAT(seen, Not(HasSubstr("long ago")));
}

TEST_F(EventStream, GoesOnWhereTheReaderWas) {
  for (const char* text : {"first", "second", "third"}) book_.add("op1", text);
  serve();
  const std::string by_header = follow("?after=0", "Last-Event-ID: 1\r\n")->read_until("third");
  EXPECT_THAT(by_header, Not(HasSubstr("first")));
  EXPECT_THAT(by_header, HasSubstr("second"));
  EXPECT_THAT(follow("?after=2")->read_until("third"), Not(HasSubstr("second")));
}

TEST_F(EventStream, ReadsAllOfALongPast) {
  for (int n = 1; n <= 1700; ++n) book_.add("op1", "event " + std::to_string(n));
  serve();
  EXPECT_THAT(follow("?after=0")->read_until("event 1700"), HasSubstr("id: 1\n"));
}

TEST_F(EventStream, SaysWhenTheReaderKnowsMoreThanTheState) {
  book_.add("op1", "after the restore");
  serve();
  const auto client = follow("?after=900");
  EXPECT_THAT(client->read_until("\"newest\":1"), HasSubstr("event: reset"));
  happens("op1", "goes on");
  client->read_until("goes on");
}

TEST_F(EventStream, FollowsOneOperationToItsEnd) {
  std::atomic<bool> ended = false;
  backend_.on_operation = [&ended](const std::string& id) -> Json {
    return {{"id", id}, {"state", ended ? "succeeded" : "running"}};
  };
  book_.add("op1", "begins");
  serve();
  const auto client = follow("?operation=op1");
  client->read_until("begins");
  happens("op2", "is another");
  book_.add("op1", "is done");
  ended = true;
  server_->wake_streams();
  const std::string seen = client->read_all();
  EXPECT_FALSE(client->timed_out());
  EXPECT_THAT(seen, HasSubstr("is done"));
  EXPECT_THAT(seen, Not(HasSubstr("is another")));
  EXPECT_THAT(seen, HasSubstr("event: end\ndata: {\"reason\":\"operation_ended\",\"state\":"
                              "\"succeeded\"}"));
}

TEST_F(EventStream, TellsEverybody) {
  serve();
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int n = 0; n < 20; ++n) clients.push_back(follow(""));
  for (int n = 0; n < 5; ++n) happens("op1", "event " + std::to_string(n));
  for (const auto& client : clients)
    EXPECT_THAT(client->read_until("event 4"), HasSubstr("event 0"));
}

TEST_F(EventStream, SaysThatItLives) {
  HttpServerOptions options;
  options.heartbeat = Millis{20};
  serve(options);
  EXPECT_THAT(follow("")->read_until(": nothing new"), HasSubstr(": nothing new\n\n"));
}

TEST_F(EventStream, TakesLeaveWhenTheServerStops) {
  serve();
  const auto client = follow("");
  server_->stop();
  EXPECT_THAT(client->read_all(), HasSubstr("\"reason\":\"stopping\""));
  EXPECT_FALSE(client->timed_out());
}

TEST_F(EventStream, CutsOffAReaderWhoDoesNotRead) {
  HttpServerOptions options;
  options.write_limit = Millis{50};
  serve(options);
  const auto slow = follow("");
  const auto good = follow("");
  for (int n = 0; n < 40; ++n) {
    for (int k = 0; k < 50; ++k) book_.add("op1", std::string(8000, 'x'));
    happens("op1", "round " + std::to_string(n));
    good->read_until("round " + std::to_string(n));
    good->forget();
  }
  // What fitted the socket's buffers is there, the end is not.
  EXPECT_THAT(slow->read_all(), Not(HasSubstr("round 39")));
  EXPECT_FALSE(slow->timed_out());
}

TEST_F(EventStream, RefusesMoreReadersThanItTakes) {
  HttpServerOptions options;
  options.most_streams = 2;
  serve(options);
  const auto first = follow("");
  const auto second = follow("");
  const std::string refused = follow("")->read_all();
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(refused, HasSubstr("Retry-After"));
}

TEST_F(EventStream, RefusesWhatIsNoNumber) {
  serve();
  for (const char* header : {"Last-Event-ID: x\r\n", "Last-Event-ID: -1\r\n",
                             "Last-Event-ID: 99999999999999999999\r\n"}) {
    RawClient client(server_->port());
    client.send("GET /api/v1/events/stream HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" +
                std::string(header) + "\r\n");
    EXPECT_THAT(client.read_all(), HasSubstr("BAD_QUERY")) << header;
  }
}

TEST(EventFeed, EndsWithAProblemWhenTheStateCannotBeRead) {
  FakeBackend backend;
  backend.on_events = [](std::int64_t, int, const std::string&) -> Json {
    throw Error(ErrorKind::precondition, "STATE_CORRUPT", "the file is damaged", "restore it");
  };
  const FeedPage page = make_event_feed(backend, {})(false);
  EXPECT_TRUE(page.ended);
  EXPECT_THAT(page.text, HasSubstr("event: problem\ndata: {"));
  EXPECT_THAT(page.text, HasSubstr("STATE_CORRUPT"));
}

}  // namespace
}  // namespace bdrmesh
