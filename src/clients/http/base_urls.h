// The base URLs of one service, any of which may be asked. Pure.
#pragma once

#include <string>
#include <vector>

namespace bdrmesh {

/// `base` without slashes at its end, joined with `path` (which begins with one).
inline std::string join_url(std::string base, const std::string& path) {
  while (!base.empty() && base.back() == '/') base.pop_back();
  return base + path;
}

}  // namespace bdrmesh
