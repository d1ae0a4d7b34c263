#include "api/event_feed.h"

#include <exception>
#include <memory>

#include "api/problem.h"

namespace bdrmesh {
namespace {

std::string as_text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string message(const std::string& name, const Json& data) {
  return "event: " + name + "\ndata: " + as_text(data) + "\n\n";
}

class Feed {
 public:
  Feed(Backend& backend, const EventFeedStart& start)
      : backend_(backend), operation_(start.operation) {
    if (!operation_.empty()) (void)backend_.operation(operation_);
    const std::int64_t newest = backend_.newest_event();
    after_ = start.after.value_or(operation_.empty() ? newest : 0);
    greeting_ = "retry: 1000\n\n";
    if (after_ <= newest) return;
    after_ = newest;
    greeting_ += message("reset", {{"newest", newest}});
  }

  FeedPage next(bool stopping) {
    FeedPage page{std::move(greeting_)};
    greeting_.clear();
    // Before the events are read: what is stored with the end must not be missed.
    const std::string end = ended_as();
    const Json events = backend_.events(after_, kPage, operation_).at("events");
    for (const Json& event : events) {
      after_ = event.at("number").get<std::int64_t>();
      page.text += "id: " + std::to_string(after_) + "\ndata: " + as_text(event) + "\n\n";
    }
    const bool all_read = events.size() < static_cast<std::size_t>(kPage);
    if (!end.empty() && all_read) {
      page.text += message("end", {{"reason", "operation_ended"}, {"state", end}});
      page.ended = true;
    } else if (stopping) {
      page.text += message("end", {{"reason", "stopping"}, {"state", nullptr}});
      page.ended = true;
    }
    return page;
  }

 private:
  static constexpr int kPage = 500;

  /// The final state of the operation; empty: it goes on, or none is followed.
  std::string ended_as() {
    if (operation_.empty()) return {};
    const std::string state = backend_.operation(operation_).at("state").get<std::string>();
    const bool final = state == "succeeded" || state == "reverted" || state == "cancelled";
    return final ? state : std::string();
  }

  Backend& backend_;
  std::string operation_;
  std::int64_t after_ = 0;
  std::string greeting_;
};

FeedPage farewell(const Error& error) {
  std::string body = problem_reply(error).body;
  body.pop_back();
  return {"event: problem\ndata: " + body + "\n\n", true};
}

}  // namespace

EventFeed make_event_feed(Backend& backend, const EventFeedStart& start) {
  auto feed = std::make_shared<Feed>(backend, start);
  return [feed](bool stopping) {
    try {
      return feed->next(stopping);
    } catch (const Error& error) {
      return farewell(error);
    } catch (const std::exception& error) {
      return farewell(Error(ErrorKind::bug, "INTERNAL", error.what(), "look into the log"));
    }
  };
}

}  // namespace bdrmesh
