// Where a secret is found. Resolved late, by app/.
#pragma once

#include <compare>
#include <string>

namespace bdrmesh {

/// `file:/path`, `env:NAME` or `exec:COMMAND`.
struct SecretSource {
  std::string text;
  auto operator<=>(const SecretSource&) const = default;
};

}  // namespace bdrmesh
