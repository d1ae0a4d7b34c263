#include "app/cli/render/narrator.h"

#include <cstdio>
#include <ctime>

#include "app/cli/render/render.h"
#include "app/cli/render/render_text.h"

namespace bdrmesh {
namespace {

/// A wait shorter than this is not worth a line.
constexpr Millis kWorthTelling{2000};

bool has_begun(const Json& stage) {
  for (const Json& step : list_of(stage, "steps")) {
    if (text_of(step, "state") != "pending") return true;
  }
  return false;
}

std::string first_waiting(const Json& operation) {
  for (const Json& stage : list_of(operation, "stages")) {
    for (const Json& step : list_of(stage, "steps")) {
      if (text_of(step, "state") != "started") continue;
      const std::string what = text_of(step, "waiting_for");
      if (what != "-") return text_of(step, "name") + " " + waits(what);
    }
  }
  return {};
}

}  // namespace

WallTime from_rfc3339(const std::string& text) {
  std::tm parts{};
  int millis = 0;
  const int read =
      std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ", &parts.tm_year, &parts.tm_mon,
                  &parts.tm_mday, &parts.tm_hour, &parts.tm_min, &parts.tm_sec, &millis);
  if (read < 6) return WallTime{};
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  return from_millis(static_cast<std::int64_t>(timegm(&parts)) * 1000 + millis);
}

std::optional<Millis> between(const Json& begin, const Json& end, WallTime now) {
  if (!begin.is_string()) return std::nullopt;
  const WallTime from = from_rfc3339(begin.get<std::string>());
  const WallTime until = end.is_string() ? from_rfc3339(end.get<std::string>()) : now;
  return until > from ? Millis{to_millis(until) - to_millis(from)} : Millis{0};
}

std::vector<std::string> Narrator::tell(const Json& operation, WallTime now) {
  std::vector<std::string> lines;
  tell_queue(operation, now, lines);
  if (tells_ == Tells::stages_and_warnings) tell_stages(operation, lines);
  tell_line(operation, lines);
  tell_events(operation, lines);
  if (tells_ != Tells::warnings) tell_waiting(operation, now, lines);
  if (!undo_told_ && text_of(operation, "state") == "compensating") {
    undo_told_ = true;
    const Json& error = part_of(operation, "error");
    const std::string why =
        error.is_object() ? ": (" + text_of(error, "code") + ") " + text_of(error, "text") : "";
    lines.push_back("undoing what was done" + why);
  }
  return lines;
}

/// Every operation is queued for a moment; only a wait is worth a line.
void Narrator::tell_queue(const Json& operation, WallTime now, std::vector<std::string>& lines) {
  if (queue_told_ || text_of(operation, "state") != "queued") return;
  const auto age = between(part_of(operation, "created"), Json(), now);
  if (!age || *age < kWorthTelling) return;
  queue_told_ = true;
  const std::string waiting = text_of(operation, "waiting_for");
  lines.push_back("in the queue: waits for " +
                  (waiting == "-" ? "another operation on the same clusters" : waiting));
}

void Narrator::tell_stages(const Json& operation, std::vector<std::string>& lines) {
  const Json& stages = list_of(operation, "stages");
  while (stages_told_ < stages.size() && has_begun(stages[stages_told_])) {
    const Json& stage = stages[stages_told_];
    ++stages_told_;
    const std::size_t steps = list_of(stage, "steps").size();
    lines.push_back("[" + std::to_string(stages_told_) + "/" + std::to_string(stages.size()) +
                    "] " + text_of(stage, "name") + " (" + std::to_string(steps) +
                    (steps == 1 ? " step)" : " steps)"));
  }
}

void Narrator::tell_line(const Json& operation, std::vector<std::string>& lines) {
  const Json& line = part_of(operation, "line");
  if (line_told_ || !is_true(line, "crossed")) return;
  line_told_ = true;
  const std::string evidence = text_of(line, "evidence");
  lines.push_back("── point of no return crossed: " +
                  (evidence == "-" ? text_of(line, "crossed_when") : evidence));
}

std::string Narrator::tell_event(const Json& event) {
  const std::string severity = text_of(event, "severity");
  const bool quiet = severity == "info" || severity == "-";
  if (quiet && tells_ != Tells::everything) return {};
  if (!events_told_.insert(text_of(event, "number") + text_of(event, "at") + text_of(event, "text"))
           .second)
    return {};
  const std::string subject = text_of(event, "subject");
  const std::string text = (subject == "-" ? "" : subject + ": ") + text_of(event, "text");
  if (tells_ != Tells::everything) return severity + ": " + text;
  return text_of(event, "at") + " " + (quiet ? "" : severity + ": ") + text;
}

void Narrator::tell_events(const Json& operation, std::vector<std::string>& lines) {
  for (const Json& event : list_of(operation, "events")) {
    if (std::string line = tell_event(event); !line.empty()) lines.push_back(std::move(line));
  }
}

void Narrator::tell_waiting(const Json& operation, WallTime now, std::vector<std::string>& lines) {
  const std::string waiting = first_waiting(operation);
  if (waiting.empty()) {
    waiting_since_ = WallTime{};
    return;
  }
  if (waiting_since_ == WallTime{}) waiting_since_ = now;
  if (now - waiting_since_ < kWorthTelling || waiting == waiting_) return;
  waiting_ = waiting;
  waiting_since_ =
      now;  // what is waited for may change with every look: one line in a while is enough
  lines.push_back("  " + waiting);
}

std::string Narrator::pause_clock(const Json& operation, WallTime now) {
  const Json& pause = part_of(operation, "pause");
  const std::optional<Millis> spent = between(part_of(pause, "started"), Json(), now);
  if (!spent || !part_of(pause, "ended").is_null()) return {};
  std::string text = "writes paused for " + span_text(spent->count());
  if (part_of(pause, "limit_ms").is_number())
    text += " of " + span_text(part_of(pause, "limit_ms"));
  return text;
}

}  // namespace bdrmesh
