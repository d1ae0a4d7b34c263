#include "mesh/judge/span_words.h"

namespace bdrmesh {

std::string in_words(Millis span) {
  const std::int64_t millis = span.count() < 0 ? -span.count() : span.count();
  const std::string sign = span.count() < 0 ? "-" : "";
  if (millis < 10'000)
    return sign + std::to_string(millis / 1000) + "." + std::to_string(millis % 1000 / 100) + " s";
  const std::int64_t seconds = millis / 1000;
  const auto two = [&](std::int64_t more, const char* unit, std::int64_t less,
                       const char* smaller) {
    std::string text = sign + std::to_string(more) + " " + unit;
    if (less > 0) text += " " + std::to_string(less) + " " + smaller;
    return text;
  };
  if (seconds < 120) return sign + std::to_string(seconds) + " s";
  if (seconds < 7200) return two(seconds / 60, "min", seconds % 60, "s");
  if (seconds < 172'800) return two(seconds / 3600, "h", seconds % 3600 / 60, "min");
  return two(seconds / 86'400, "d", seconds % 86'400 / 3600, "h");
}

}  // namespace bdrmesh
