#include "app/cli/render/terminal.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "app/cli/render/text_table.h"

namespace bdrmesh {
namespace {

constexpr std::string_view kGreen = "\x1b[32m";
constexpr std::string_view kYellow = "\x1b[33m";
constexpr std::string_view kRed = "\x1b[31m";
constexpr std::string_view kPlain = "\x1b[0m";

constexpr std::array kGood{"healthy", "moving", "succeeded", "done", "holds", "ok"};
constexpr std::array kCareful{"degraded", "slow",    "unknown",      "warning",     "not_yet",
                              "closing",  "queued",  "compensating", "compensated", "skipped",
                              "running",  "started", "warning:"};
constexpr std::array kBad{"down",  "stuck",   "failed", "missing", "closed", "blocked", "refused",
                          "alarm", "stopped", "error",  "GATE",    "alarm:", "DAMAGED:"};

std::string_view colour_of(std::string_view word) {
  const auto is = [word](const char* each) { return word == each; };
  if (std::ranges::any_of(kGood, is)) return kGreen;
  if (std::ranges::any_of(kCareful, is)) return kYellow;
  if (std::ranges::any_of(kBad, is)) return kRed;
  return {};
}

/// A line falls into cells at two spaces or more; the first word of a line is a cell too.
std::string painted_line(const std::string& line) {
  std::string out;
  std::size_t at = 0;
  bool first = true;
  while (at < line.size()) {
    const std::size_t begin = std::min(line.find_first_not_of(' ', at), line.size());
    out.append(line, at, begin - at);
    std::size_t end = std::min(line.find("  ", begin), line.size());
    if (first) end = std::min(end, std::min(line.find(' ', begin), line.size()));
    const std::string_view cell(line.data() + begin, end - begin);
    const std::string_view colour = colour_of(cell);
    if (colour.empty()) {
      out += cell;
    } else {
      ((out += colour) += cell) += kPlain;
    }
    first = false;
    at = end;
  }
  return out;
}

}  // namespace

std::string painted(const std::string& text) {
  std::string out;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    out += painted_line(text.substr(begin, end - begin));
    if (end < text.size()) out += '\n';
    begin = end + 1;
  }
  return out;
}

void Terminal::data(const std::string& text) {
  wipe();
  data_ << text << std::flush;
}

void Terminal::data_for_people(const std::string& text) {
  data(colour_data_ ? painted(text) : text);
}

void Terminal::say(const std::string& line) {
  wipe();
  narration_ << (colour_narration_ ? painted(line) : line) << "\n" << std::flush;
}

void Terminal::block(std::vector<std::string> lines) {
  if (!tty_) return;
  const TerminalSize room = size();
  // The last row stays free for the cursor; a line that wraps could not be taken away again.
  if (lines.size() + 1 > room.rows) lines.resize(room.rows > 1 ? room.rows - 1 : 0);
  for (std::string& line : lines) line = clipped(line, room.columns > 1 ? room.columns - 1 : 1);
  if (lines == shown_) return;
  wipe();
  std::string text;
  for (const std::string& line : lines) text += (colour_narration_ ? painted(line) : line) + "\n";
  narration_ << text << std::flush;
  shown_ = std::move(lines);
}

void Terminal::wipe() {
  if (!shown_.empty()) narration_ << "\x1b[" << shown_.size() << "A\r\x1b[J" << std::flush;
  shown_.clear();
}

}  // namespace bdrmesh
