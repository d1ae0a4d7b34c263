#include "app/cli/render/timeline.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

#include "app/cli/render/narrator.h"
#include "app/cli/render/render.h"
#include "app/cli/render/render_text.h"

namespace bdrmesh {
namespace {

struct Moment {
  std::string at;  ///< RFC 3339; empty when the time is not known
  int rank = 0;    ///< among those of one time
  std::string text;
};

/// When a stage began and ended; null for what is not known.
struct Span {
  Json begin;
  Json end;
};

Span span_of(const Json& stage) {
  Span span;
  bool open = false;
  for (const Json& step : list_of(stage, "steps")) {
    const Json& started = part_of(step, "started");
    const Json& ended = part_of(step, "ended");
    if (started.is_string() && (span.begin.is_null() || started < span.begin)) span.begin = started;
    if (started.is_string() && !ended.is_string()) open = true;
    if (ended.is_string() && (span.end.is_null() || span.end < ended)) span.end = ended;
  }
  if (open) span.end = Json();
  return span;
}

/// Steps that are done are told by their stage.
void add_steps(const Json& stage, std::vector<Moment>& moments) {
  for (const Json& step : list_of(stage, "steps")) {
    const std::string state = text_of(step, "state");
    if (state != "failed" && state != "compensated" && state != "skipped") continue;
    const Json& when =
        part_of(step, "ended").is_string() ? part_of(step, "ended") : part_of(step, "started");
    std::string text = "step " + text_of(step, "id") + " " + text_of(step, "name") + " " +
                       (state == "compensated" ? "undone" : state);
    if (const std::string note = text_of(step, "note"); note != "-") text += ": " + note;
    moments.push_back({when.is_string() ? when.get<std::string>() : "", 2, std::move(text)});
  }
}

void add_stages(const Json& operation, std::vector<Moment>& moments) {
  const Json& stages = list_of(operation, "stages");
  for (std::size_t at = 0; at < stages.size(); ++at) {
    const Json& stage = stages[at];
    const Span span = span_of(stage);
    if (!span.begin.is_string()) continue;
    const std::size_t steps = list_of(stage, "steps").size();
    std::string text = "[" + std::to_string(at + 1) + "/" + std::to_string(stages.size()) + "] " +
                       text_of(stage, "name") + ": " + std::to_string(steps) +
                       (steps == 1 ? " step" : " steps");
    if (const auto took = between(span.begin, span.end, WallTime{}); took && span.end.is_string())
      text += ", " + span_text(took->count());
    if (is_true(stage, "behind_line")) text += " (behind the line)";
    moments.push_back({span.begin.get<std::string>(), 1, std::move(text)});
    add_steps(stage, moments);
  }
}

void add_pause(const Json& operation, std::vector<Moment>& moments) {
  const Json& pause = part_of(operation, "pause");
  if (!part_of(pause, "started").is_string()) return;
  std::string begun = "── writes paused";
  if (part_of(pause, "limit_ms").is_number())
    begun += " (limit " + span_text(part_of(pause, "limit_ms")) + ")";
  moments.push_back({text_of(pause, "started"), 0, std::move(begun)});
  if (!part_of(pause, "ended").is_string()) return;
  const Json stages = list_of(operation, "stages");
  const bool stays = std::ranges::any_of(
      stages, [](const Json& stage) { return text_of(stage, "name") == "gate stays closed"; });
  moments.push_back({text_of(pause, "ended"), 3,
                     (stays ? "── drained, and the gate stays closed, after "
                            : "── writes possible again after ") +
                         span_text(part_of(pause, "measured_ms"))});
}

/// That a stage begins, and how it ended, is told with what they took.
bool is_told_otherwise(const Json& operation, const Json& event) {
  const std::string text = text_of(event, "text");
  if (text == text_of(operation, "state") && part_of(operation, "ended").is_string()) return true;
  return std::ranges::any_of(list_of(operation, "stages"), [&](const Json& stage) {
    return text == "stage '" + text_of(stage, "name") + "' begins" &&
           span_of(stage).begin.is_string();
  });
}

void add_events(const Json& operation, std::vector<Moment>& moments) {
  for (const Json& event : list_of(operation, "events")) {
    if (!event.is_object() || is_told_otherwise(operation, event)) continue;
    const std::string severity = text_of(event, "severity");
    const std::string subject = text_of(event, "subject");
    moments.push_back({text_of(event, "at"), 2,
                       (severity == "info" || severity == "-" ? "" : severity + ": ") +
                           (subject == "-" ? "" : subject + ": ") + text_of(event, "text")});
  }
}

std::string offset(const Json& created, const std::string& at) {
  const auto since = between(created, Json(at), WallTime{});
  if (!since || at.empty()) return {};
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "+%.3f s", static_cast<double>(since->count()) / 1000.0);
  return text.data();
}

}  // namespace

std::string timeline(const Json& operation) {
  std::vector<Moment> moments;
  const std::string by = text_of(operation, "requested_by");
  if (part_of(operation, "created").is_string()) {
    moments.push_back(
        {text_of(operation, "created"), -1, "asked for" + (by == "-" ? "" : " by " + by)});
  }
  add_stages(operation, moments);
  add_pause(operation, moments);
  add_events(operation, moments);
  if (part_of(operation, "ended").is_string())
    moments.push_back({text_of(operation, "ended"), 9, text_of(operation, "state")});
  std::ranges::stable_sort(moments, [](const Moment& a, const Moment& b) {
    return a.at != b.at ? a.at < b.at : a.rank < b.rank;
  });
  TextTable table({"AT", "AFTER", "WHAT"});
  for (const Moment& moment : moments) {
    table.row({moment.at.empty() ? "-" : moment.at,
               offset(part_of(operation, "created"), moment.at), moment.text});
  }
  return table.empty() ? "" : table.text();
}

}  // namespace bdrmesh
