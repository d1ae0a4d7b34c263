#include "app/cli/client/watch.h"

#include <algorithm>

#include "app/cli/render/narrator.h"
#include "app/cli/render/render_text.h"
#include "base/error.h"

namespace bdrmesh {
namespace {

constexpr Millis kBetweenLooks{100};

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

/// One look at the operation; std::nullopt while the daemon does not answer.
std::optional<Json> look(ApiClient& api, const std::string& id, Terminal& terminal, bool& silent) {
  try {
    Json operation = api.get("/operations/" + encoded(id));
    if (silent) terminal.say("the daemon answers again");
    silent = false;
    return operation;
  } catch (const Error& error) {
    // A restart of the daemon is no end of the operation: the journal brings it back.
    if (error.kind() != ErrorKind::transient) throw;
    if (!silent) terminal.say("the daemon does not answer; the operation goes on when it is back");
    silent = true;
    return std::nullopt;
  }
}

}  // namespace

std::optional<Json> watch_operation(ApiClient& api, const std::string& id, Terminal& terminal,
                                    const Clock& clock, const WatchOptions& options) {
  Narrator narrator;
  if (options.known) (void)narrator.tell(*options.known, clock.now());
  bool silent = false;
  const MonoTime begun = clock.mono();
  MonoTime last_answer = begun;
  while (true) {
    if (const std::optional<Json> operation = look(api, id, terminal, silent)) {
      last_answer = clock.mono();
      for (const std::string& line : narrator.tell(*operation, clock.now())) terminal.say(line);
      terminal.clock(Narrator::pause_clock(*operation, clock.now()));
      if (has_ended(*operation) && !is_unchanged(*operation, options.known)) {
        terminal.clock("");
        return operation;
      }
    }
    const bool too_silent = clock.mono() - last_answer > options.longest_silence;
    const bool too_long = options.limit && clock.mono() - begun >= *options.limit;
    const bool leave = options.interrupted && options.interrupted();
    if (too_silent || too_long || leave) {
      terminal.say(std::string(leave ? "detached" : "watched long enough") + ": operation " + id +
                   " goes on. Come back with: bdrmesh op watch " + id);
      return std::nullopt;
    }
    clock.wait_for(kBetweenLooks, {});
  }
}

}  // namespace bdrmesh
