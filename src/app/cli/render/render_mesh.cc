// What is wrong with links and groups, in words.
#include <algorithm>
#include <vector>

#include "app/cli/render/render.h"
#include "app/cli/render/render_text.h"

namespace bdrmesh {

std::string render_findings(const Json& findings) {
  std::string out;
  for (const Json& one : findings) {
    out += text_of(one, "severity") + "  " + text_of(one, "code") + "  " + text_of(one, "object") +
           "\n    " + text_of(one, "text") + "\n";
    if (text_of(one, "remedy") != "-") out += "    → " + text_of(one, "remedy") + "\n";
  }
  return out;
}

std::string render_explanation(const Json& link) {
  std::string out = "link " + text_of(link, "from") + " → " + text_of(link, "to") + " of group " +
                    text_of(link, "group") + " is " + text_of(link, "verdict");
  if (text_of(link, "verdict") != "moving" && text_of(link, "since") != "-")
    out += " since " + text_of(link, "since");
  out += "\n";
  for (const Json& cause : list_of(link, "explanation")) {
    const bool certain = is_true(cause, "certain");
    out += "\n" + std::string(certain ? "" : "perhaps ") + text_of(cause, "area") + ": " +
           text_of(cause, "text") + "\n";
    if (text_of(cause, "remedy") != "-") out += "  → " + text_of(cause, "remedy") + "\n";
  }
  const Json& gc = part_of(link, "gc");
  if (text_of(link, "verdict") != "moving" && gc.is_object() && text_of(gc, "dies_at") != "-") {
    out += "\nhistory: if nothing moves, it may be gone at " + text_of(gc, "dies_at") + "\n";
  }
  return out;
}

namespace {

/// A line of at most `width` signs, each the greatest of its part, in relation to the greatest of
/// all.
std::string drawn(const std::vector<std::int64_t>& values, std::size_t width) {
  static const std::vector<std::string> kSigns{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  if (values.empty()) return "";
  const std::int64_t most = std::max<std::int64_t>(*std::ranges::max_element(values), 1);
  const std::size_t signs = std::min(width, values.size());
  std::string line;
  for (std::size_t i = 0; i < signs; ++i) {
    const auto begin = values.begin() + static_cast<std::ptrdiff_t>(i * values.size() / signs);
    const auto end = values.begin() + static_cast<std::ptrdiff_t>((i + 1) * values.size() / signs);
    const std::int64_t top = *std::max_element(begin, end);
    const auto step = static_cast<std::size_t>(top * 7 / most);
    line += kSigns[std::min<std::size_t>(step, 7)];
  }
  return line;
}

std::string seconds_of(std::int64_t millis) {
  return std::to_string(millis / 1000) + "." + std::to_string(millis % 1000 / 100) + " s";
}

}  // namespace

std::string render_link_history(const Json& history) {
  static constexpr std::size_t kWidth = 72;
  static constexpr std::size_t kRows = 24;
  const Json points = list_of(history, "points");
  std::string out = "link " + text_of(history, "from") + " → " + text_of(history, "to") +
                    " of group " + text_of(history, "group") + " since " +
                    text_of(history, "since") + "\n";
  if (points.empty()) return out + "nobody watched it in that time\n";
  std::vector<std::int64_t> most;
  for (const Json& one : points) most.push_back(get_or<std::int64_t>(one, "most_ms", 0));
  out += drawn(most, kWidth) + "  at most " + seconds_of(*std::ranges::max_element(most)) + "\n\n";
  TextTable table({"AT", "MOST", "MEAN", "STANDING"});
  const std::size_t first = points.size() > kRows ? points.size() - kRows : 0;
  for (std::size_t i = first; i < points.size(); ++i) {
    const Json& one = points[i];
    const auto samples = std::max<std::int64_t>(get_or<std::int64_t>(one, "samples", 1), 1);
    table.row({text_of(one, "at"), seconds_of(get_or<std::int64_t>(one, "most_ms", 0)),
               seconds_of(get_or<std::int64_t>(one, "mean_ms", 0)),
               std::to_string(get_or<std::int64_t>(one, "standing", 0) * 100 / samples) + " %"});
  }
  out += table.text();
  if (first > 0) out += "… and " + std::to_string(first) + " earlier ones: -o json\n";
  return out;
}

}  // namespace bdrmesh
