#include "verify/objects/sequence_text.h"

#include <algorithm>
#include <numeric>
#include <sstream>
#include <vector>

namespace bdrmesh::verify {
namespace {

constexpr std::string_view kHead = "CREATE SEQUENCE `";

/// Behind the closing back-quote; a doubled one is part of the name.
std::size_t end_of_name(const std::string& text) {
  std::size_t at = kHead.size();
  for (; at < text.size(); ++at) {
    if (text[at] != '`') continue;
    if (at + 1 == text.size() || text[at + 1] != '`') return at + 1;
    ++at;
  }
  return std::string::npos;
}

/// Numbers of one sequence: every `step` from one of `from`, within the bounds.
struct Numbers {
  std::int64_t low;
  std::int64_t high;
  std::uint64_t step;
  std::vector<std::int64_t> from;
};

std::uint64_t distance(std::int64_t value) {
  return value < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(value)
                   : static_cast<std::uint64_t>(value);
}

Numbers numbers_of(const SequenceText& text) {
  const bool down = text.step < 0;
  const bool again = text.cycle == "cycle";
  Numbers out{down || again ? text.least : text.start,
              down && !again ? text.start : text.most,
              std::max<std::uint64_t>(distance(text.step), 1),
              {text.start}};
  // After its last number a cycle begins at the bound, not at the start.
  if (again) out.from.push_back(down ? text.most : text.least);
  return out;
}

std::uint64_t rest(std::int64_t value, std::uint64_t by) {
  const std::uint64_t part = distance(value) % by;
  return value < 0 && part != 0 ? by - part : part;
}

}  // namespace

std::string SequenceText::numbers() const {
  return "start with " + std::to_string(start) + " minvalue " + std::to_string(least) +
         " maxvalue " + std::to_string(most) + " increment by " + std::to_string(step);
}

std::optional<SequenceText> sequence_from(const std::string& create_statement) {
  if (!create_statement.starts_with(kHead)) return std::nullopt;
  const std::size_t name = end_of_name(create_statement);
  const std::size_t engine = create_statement.find(" ENGINE=", name);
  if (name == std::string::npos) return std::nullopt;
  std::istringstream words(
      create_statement.substr(name, engine == std::string::npos ? engine : engine - name));
  SequenceText out;
  std::string word;
  std::string with;
  while (words >> word) {
    if (word == "start" && words >> with >> out.start) continue;
    if (word == "minvalue" && words >> out.least) continue;
    if (word == "maxvalue" && words >> out.most) continue;
    if (word == "increment" && words >> with >> out.step) continue;
    if (word == "cache" && words >> with) {
      out.cache = "cache " + with;
    } else if (word == "nocache") {
      out.cache = word;
    } else if (word == "cycle" || word == "nocycle") {
      out.cycle = word;
    } else {
      return std::nullopt;
    }
  }
  const std::size_t comment = create_statement.find(" COMMENT=", name);
  if (comment != std::string::npos) out.comment = create_statement.substr(comment + 9);
  return out.cycle.empty() ? std::nullopt : std::optional(out);
}

bool share_numbers(const SequenceText& a, const SequenceText& b) {
  const Numbers mine = numbers_of(a);
  const Numbers other = numbers_of(b);
  if (mine.high < other.low || other.high < mine.low) return false;
  const std::uint64_t common = std::gcd(mine.step, other.step);
  return std::ranges::any_of(mine.from, [&](std::int64_t one) {
    return std::ranges::any_of(
        other.from, [&](std::int64_t two) { return rest(one, common) == rest(two, common); });
  });
}

}  // namespace bdrmesh::verify
