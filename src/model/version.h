// Server versions of TiDB and TiCDC.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace bdrmesh {

struct Version {
  int major = 0;
  int minor = 0;
  int patch = 0;
  auto operator<=>(const Version&) const = default;
};

/// Finds the first `[v]X.Y.Z` in `text`: `v8.5.1`, `8.0.11-TiDB-v8.5.1` (the part after `TiDB-`), `v9.0.0-beta.2.pre-784`.
std::optional<Version> parse_version(std::string_view text);
std::string to_string(const Version& version);

}  // namespace bdrmesh
