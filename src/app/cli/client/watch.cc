#include "app/cli/client/watch.h"

#include <algorithm>

#include "app/cli/client/event_stream.h"
#include "app/cli/render/board.h"
#include "app/cli/render/narrator.h"
#include "app/cli/render/render_text.h"
#include "base/error.h"

namespace bdrmesh {
namespace {

constexpr Millis kBetweenLooks{100};  ///< where nobody tells that something happened
constexpr Millis kBetweenLooksOfListeners{250};
constexpr Millis kBetweenLags{1000};

bool has_ended(const Json& operation) {
  const std::string state = text_of(operation, "state");
  return state == "succeeded" || state == "reverted" || state == "cancelled" || state == "blocked";
}

std::int64_t last_event(const Json& operation) {
  const Json events = get_or<Json>(operation, "events", Json::array());
  return events.empty() ? 0 : get_or<std::int64_t>(events.back(), "number", 0);
}

bool is_unchanged(const Json& operation, const std::optional<Json>& known) {
  return known && last_event(operation) == last_event(*known) &&
         text_of(operation, "state") == text_of(*known, "state");
}

class Watch {
 public:
  Watch(ApiClient& api, const std::string& id, Terminal& terminal, const Clock& clock,
        const WatchOptions& options)
      : api_(api),
        id_(id),
        terminal_(terminal),
        clock_(clock),
        options_(options),
        narrator_(terminal.narration_is_tty() ? Narrator::Tells::warnings
                                              : Narrator::Tells::everything),
        stream_(api.base_url(), id, clock) {}

  std::optional<Json> run();

 private:
  std::optional<Json> look();
  void tell(const Json& operation);
  Json links();
  bool leave(MonoTime begun, MonoTime last_answer);
  void listen();

  ApiClient& api_;
  const std::string& id_;
  Terminal& terminal_;
  const Clock& clock_;
  const WatchOptions& options_;
  Narrator narrator_;
  EventStream stream_;
  bool silent_ = false;
  Json links_;
  std::optional<MonoTime> links_at_;
};

/// std::nullopt while the daemon does not answer.
std::optional<Json> Watch::look() {
  try {
    Json operation = api_.get("/operations/" + encoded(id_));
    if (silent_) terminal_.say("the daemon answers again");
    silent_ = false;
    return operation;
  } catch (const Error& error) {
    // A restart of the daemon is no end of the operation: the journal brings it back.
    if (error.kind() != ErrorKind::transient) throw;
    if (!silent_)
      terminal_.say("the daemon does not answer; the operation goes on when it is back");
    silent_ = true;
    return std::nullopt;
  }
}

/// For the picture only: an old lag is better than none, and none is no failure.
Json Watch::links() {
  if (links_at_ && clock_.mono() - *links_at_ < kBetweenLags) return links_;
  links_at_ = clock_.mono();
  try {
    links_ = api_.get("/links");
  } catch (const Error&) {
    links_ = Json();
  }
  return links_;
}

void Watch::tell(const Json& operation) {
  for (const std::string& line : narrator_.tell(operation, clock_.now())) terminal_.say(line);
  if (!terminal_.narration_is_tty()) return;
  const bool ended = has_ended(operation) && !is_unchanged(operation, options_.known);
  terminal_.block(ended ? std::vector<std::string>{}
                        : board(operation, links(), clock_.now(), terminal_.size()));
}

/// Until the next look is due, or something happens.
void Watch::listen() {
  const EventStream::News news = stream_.wait(kBetweenLooksOfListeners);
  for (const Json& event : news.events) {
    if (const std::string line = narrator_.tell_event(event); !line.empty()) terminal_.say(line);
  }
  if (!news.listened) clock_.wait_for(kBetweenLooks, {});
}

bool Watch::leave(MonoTime begun, MonoTime last_answer) {
  const bool too_silent = clock_.mono() - last_answer > options_.longest_silence;
  const bool too_long = options_.limit && clock_.mono() - begun >= *options_.limit;
  const bool wants = options_.interrupted && options_.interrupted();
  if (!too_silent && !too_long && !wants) return false;
  const std::string why = wants        ? "detached"
                          : too_silent ? "the daemon has been silent for too long"
                                       : "watched long enough";
  terminal_.say(why + ": operation " + id_ + " goes on. Come back with: bdrmesh op watch " + id_);
  return true;
}

std::optional<Json> Watch::run() {
  if (options_.known) (void)narrator_.tell(*options_.known, clock_.now());
  const MonoTime begun = clock_.mono();
  MonoTime last_answer = begun;
  while (true) {
    if (std::optional<Json> operation = look()) {
      last_answer = clock_.mono();
      tell(*operation);
      if (has_ended(*operation) && !is_unchanged(*operation, options_.known)) return operation;
    }
    if (leave(begun, last_answer)) return std::nullopt;
    listen();
  }
}

}  // namespace

std::optional<Json> watch_operation(ApiClient& api, const std::string& id, Terminal& terminal,
                                    const Clock& clock, const WatchOptions& options) {
  return Watch(api, id, terminal, clock, options).run();
}

}  // namespace bdrmesh
