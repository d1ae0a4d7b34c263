// Go's durations as TiCDC's API takes and prints them: `1h30m`, `10m0s`. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace bdrmesh::lab {

/// @return std::nullopt when `text` is no duration.
std::optional<std::chrono::nanoseconds> parse_go_duration(std::string_view text);

/// As Go prints whole seconds and more: `30s`, `10m0s`, `24h0m0s`; below a second in `ms`.
std::string to_go_text(std::chrono::nanoseconds duration);

}  // namespace bdrmesh::lab
