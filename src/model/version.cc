#include "model/version.h"

#include <array>
#include <charconv>

namespace bdrmesh {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::optional<Version> version_at(std::string_view text) {
  std::array<int, 3> numbers{};
  const char* cursor = text.data();
  const char* const end = text.data() + text.size();
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (i > 0) {
      if (cursor == end || *cursor != '.') return std::nullopt;
      ++cursor;
    }
    const auto [stopped, code] = std::from_chars(cursor, end, numbers[i]);
    if (code != std::errc{} || numbers[i] < 0) return std::nullopt;
    cursor = stopped;
  }
  return Version{numbers[0], numbers[1], numbers[2]};
}

}  // namespace

std::optional<Version> parse_version(std::string_view text) {
  const std::size_t tidb = text.find("TiDB-");
  std::size_t i = tidb == std::string_view::npos ? 0 : tidb + 5;
  while (i < text.size()) {
    if (!is_digit(text[i])) {
      ++i;
      continue;
    }
    if (const auto found = version_at(text.substr(i))) return found;
    while (i < text.size() && is_digit(text[i])) ++i;
  }
  return std::nullopt;
}

std::string to_string(const Version& version) {
  return "v" + std::to_string(version.major) + "." + std::to_string(version.minor) + "." +
         std::to_string(version.patch);
}

}  // namespace bdrmesh
