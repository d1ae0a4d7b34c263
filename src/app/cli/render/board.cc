#include "app/cli/render/board.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>

#include "app/cli/render/narrator.h"
#include "app/cli/render/render.h"
#include "app/cli/render/render_text.h"

namespace bdrmesh {
namespace {

constexpr std::size_t kLargeLines = 5;
constexpr std::size_t kMostStepsOfAStage = 6;

enum class StageState { ahead, running, done, failed, undone };

StageState state_of(const Json& stage) {
  std::map<std::string, std::size_t> count;
  const Json& steps = list_of(stage, "steps");
  bool working = false;  // it may look around before it is journaled as started
  for (const Json& step : steps) {
    ++count[text_of(step, "state")];
    working = working || text_of(step, "waiting_for") != "-";
  }
  if (count["failed"] > 0) return StageState::failed;
  if (count["compensated"] > 0) return StageState::undone;
  if (count["pending"] == steps.size()) return working ? StageState::running : StageState::ahead;
  if (count["done"] + count["skipped"] == steps.size()) return StageState::done;
  return StageState::running;
}

std::string mark_of(StageState state) {
  switch (state) {
    case StageState::ahead:
      return "  ·";
    case StageState::running:
      return "  ▶";
    case StageState::done:
      return "  ✓";
    case StageState::failed:
      return "  ✗";
    case StageState::undone:
      return "  ↶";
  }
  return {};
}

std::string word_of(StageState state) {
  switch (state) {
    case StageState::ahead:
      return "";
    case StageState::running:
      return "running";
    case StageState::done:
      return "done";
    case StageState::failed:
      return "failed";
    case StageState::undone:
      return "undone";
  }
  return {};
}

/// From the first step that began to the last that ended.
std::string time_of(const Json& stage, WallTime now) {
  Json begin;
  Json end;
  bool open = false;
  for (const Json& step : list_of(stage, "steps")) {
    const Json& started = part_of(step, "started");
    const Json& ended = part_of(step, "ended");
    if (!started.is_string()) continue;
    // RFC 3339 texts of one form are ordered like their times.
    if (begin.is_null() || started < begin) begin = started;
    if (ended.is_null()) open = true;
    if (ended.is_string() && (end.is_null() || end < ended)) end = ended;
  }
  const auto took = between(begin, open ? Json() : end, now);
  return took ? span_text(took->count()) : "";
}

std::string lag_of(const std::string& name, const Json& links) {
  for (const Json& link : list_of(links, "links")) {
    const std::string from = text_of(link, "from");
    const std::string to = text_of(link, "to");
    // Steps on links are called after the link, as its changefeed is.
    std::string ending = ":";
    ((ending += from) += "-to-") += to;
    if (name.ends_with(ending)) return "lag " + span_text(part_of(link, "lag_ms"));
  }
  return {};
}

std::string padded(const std::string& text, std::size_t width) {
  return text.size() >= width ? text : text + std::string(width - text.size(), ' ');
}

void step_lines(const Json& stage, const Json& links, WallTime now, std::size_t columns,
                std::vector<std::string>& lines) {
  std::size_t shown = 0;
  std::size_t left_out = 0;
  for (const Json& step : list_of(stage, "steps")) {
    const std::string state = text_of(step, "state");
    const std::string waiting = text_of(step, "waiting_for");
    if (state != "started" && state != "failed" && waiting == "-") continue;
    if (++shown > kMostStepsOfAStage) {
      ++left_out;
      continue;
    }
    const Json& since = part_of(step, "waiting_since").is_string() ? part_of(step, "waiting_since")
                                                                   : part_of(step, "started");
    const auto spent = between(since, Json(), now);
    std::string line = "      " + text_of(step, "name") + "  ";
    if (state == "failed") {
      line += "failed  " + text_of(step, "note");
    } else {
      line += spent ? span_text(spent->count()) : "";
      if (const std::string lag = lag_of(text_of(step, "name"), links); !lag.empty())
        line += "  " + lag;
      if (waiting != "-" && line.size() + waits(waiting).size() + 3 < columns) {
        line += "  " + waits(waiting);
      } else if (waiting != "-") {
        lines.push_back(std::move(line));
        line = "        " + waits(waiting);
      }
    }
    lines.push_back(std::move(line));
  }
  if (left_out > 0) lines.push_back("      and " + std::to_string(left_out) + " more");
}

struct Part {
  std::vector<std::string> lines;
  bool may_go = false;  ///< when the terminal is too low
};

std::vector<Part> stage_parts(const Json& operation, const Json& links, WallTime now,
                              std::size_t columns) {
  std::vector<Part> parts;
  const Json& stages = list_of(operation, "stages");
  bool drawn = false;
  for (std::size_t at = 0; at < stages.size(); ++at) {
    const Json& stage = stages[at];
    if (!drawn && is_true(stage, "behind_line")) {
      drawn = true;
      const Json& line = part_of(operation, "line");
      parts.push_back(
          {{is_true(line, "crossed")
                ? "  ── point of no return: crossed; from here on there is only forward ──"
                : "  ── point of no return: not crossed; until here everything can be undone ──"},
           false});
    }
    const StageState state = state_of(stage);
    const std::size_t steps = list_of(stage, "steps").size();
    std::string line = mark_of(state) + " " + std::to_string(at + 1) + "/" +
                       std::to_string(stages.size()) + " " + padded(text_of(stage, "name"), 18) +
                       "  " + padded(std::to_string(steps) + (steps == 1 ? " step" : " steps"), 9);
    if (state != StageState::ahead)
      line += "  " + padded(word_of(state), 7) + "  " + time_of(stage, now);
    Part part{{std::move(line)}, state == StageState::done || state == StageState::ahead};
    if (!part.may_go) step_lines(stage, links, now, columns, part.lines);
    parts.push_back(std::move(part));
  }
  return parts;
}

std::vector<std::string> clock_lines(const Json& operation, WallTime now, bool large) {
  const std::string clock = Narrator::pause_clock(operation, now);
  if (clock.empty()) return {};
  std::vector<std::string> lines{""};
  if (large) {
    const auto spent = between(part_of(part_of(operation, "pause"), "started"), Json(), now);
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f", static_cast<double>(spent->count()) / 1000.0);
    for (const std::string& line : large_text(text.data())) lines.push_back("    " + line);
  }
  lines.push_back("    " + clock + ": applications cannot write");
  return lines;
}

/// Takes away what is done first, from the beginning, then what is ahead, from the end.
void shorten(std::vector<Part>& parts, std::size_t rows) {
  const auto height = [&parts] {
    std::size_t sum = 0;
    for (const Part& part : parts) sum += part.lines.size();
    return sum;
  };
  std::size_t left_out = 0;
  const auto too_high = [&] { return height() + (left_out > 0 ? 1 : 0) > rows; };
  for (std::size_t at = 0; at < parts.size() && too_high();) {
    const bool done = parts[at].may_go && parts[at].lines.front().find("✓") != std::string::npos;
    if (!done) {
      ++at;
      continue;
    }
    parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(at));
    ++left_out;
  }
  for (std::size_t at = parts.size(); at-- > 0 && too_high();) {
    if (!parts[at].may_go) continue;
    parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(at));
    ++left_out;
  }
  if (left_out > 0)
    parts.insert(parts.begin(),
                 Part{{"    (" + std::to_string(left_out) + " stages are not shown)"}, false});
}

}  // namespace

std::vector<std::string> large_text(const std::string& digits) {
  static const std::map<char, std::array<const char*, kLargeLines>> kShapes{
      {'0', {"█████", "█   █", "█   █", "█   █", "█████"}},
      {'1', {"  █  ", " ██  ", "  █  ", "  █  ", " ███ "}},
      {'2', {"█████", "    █", "█████", "█    ", "█████"}},
      {'3', {"█████", "    █", "  ███", "    █", "█████"}},
      {'4', {"█   █", "█   █", "█████", "    █", "    █"}},
      {'5', {"█████", "█    ", "█████", "    █", "█████"}},
      {'6', {"█████", "█    ", "█████", "█   █", "█████"}},
      {'7', {"█████", "    █", "   █ ", "  █  ", "  █  "}},
      {'8', {"█████", "█   █", "█████", "█   █", "█████"}},
      {'9', {"█████", "█   █", "█████", "    █", "█████"}},
      {'.', {"  ", "  ", "  ", "  ", "█ "}}};
  std::vector<std::string> lines(kLargeLines);
  for (const char digit : digits) {
    const auto shape = kShapes.find(digit);
    if (shape == kShapes.end()) continue;
    for (std::size_t at = 0; at < kLargeLines; ++at)
      lines[at] += std::string(shape->second.at(at)) + "  ";
  }
  return lines;
}

std::vector<std::string> board(const Json& operation, const Json& links, WallTime now,
                               TerminalSize room) {
  constexpr std::size_t kRowsForLargeClock = 20;
  const std::vector<std::string> clock =
      clock_lines(operation, now, room.rows >= kRowsForLargeClock);
  std::string head = text_of(operation, "kind") + "  " + text_of(operation, "state");
  if (const auto age = between(part_of(operation, "created"), part_of(operation, "ended"), now))
    head += "  for " + span_text(age->count());
  head += "  " + text_of(operation, "title");
  std::vector<std::string> lines{"", head};
  const std::size_t taken = lines.size() + clock.size() + 2;
  std::vector<Part> parts = stage_parts(operation, links, now, room.columns);
  shorten(parts, room.rows > taken ? room.rows - taken : 1);
  for (const Part& part : parts) lines.insert(lines.end(), part.lines.begin(), part.lines.end());
  lines.insert(lines.end(), clock.begin(), clock.end());
  lines.emplace_back("  Ctrl-C leaves it running");
  return lines;
}

}  // namespace bdrmesh
