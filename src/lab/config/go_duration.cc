#include "lab/config/go_duration.h"

#include <array>
#include <charconv>
#include <utility>

namespace bdrmesh::lab {

namespace {

constexpr std::array<std::pair<std::string_view, double>, 6> kUnits = {
    {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}}};

std::optional<double> unit_at(std::string_view text, std::size_t& used) {
  std::size_t length = 0;
  while (length < text.size() && text[length] >= 'a' && text[length] <= 'z') ++length;
  for (const auto& [name, nanos] : kUnits) {
    if (text.substr(0, length) == name) {
      used = length;
      return nanos;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::chrono::nanoseconds> parse_go_duration(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  if (negative) text.remove_prefix(1);
  if (text == "0") return std::chrono::nanoseconds{0};
  if (text.empty()) return std::nullopt;
  double total = 0;
  while (!text.empty()) {
    double value = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    if (error != std::errc{} || value < 0) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    std::size_t used = 0;
    const auto unit = unit_at(text, used);
    if (!unit) return std::nullopt;
    total += value * *unit;
    text.remove_prefix(used);
  }
  constexpr double kLongest = 9.2e18;
  if (total > kLongest) return std::nullopt;
  return std::chrono::nanoseconds{static_cast<std::int64_t>(negative ? -total : total)};
}

std::string to_go_text(std::chrono::nanoseconds duration) {
  using std::chrono::duration_cast;
  const auto seconds = duration_cast<std::chrono::seconds>(duration).count();
  if (seconds == 0) {
    return std::to_string(duration_cast<std::chrono::milliseconds>(duration).count()) + "ms";
  }
  std::string out = std::to_string(seconds % 60) + "s";
  if (seconds >= 60) out = std::to_string(seconds / 60 % 60) + "m" + out;
  if (seconds >= 3600) out = std::to_string(seconds / 3600) + "h" + out;
  return out;
}

}  // namespace bdrmesh::lab
