#include "lab/cdc/api_router.h"

#include <optional>

namespace bdrmesh::lab {

namespace {

std::vector<std::string> parts_of(const std::string& path) {
  std::vector<std::string> parts;
  for (std::size_t from = 1; from <= path.size();) {
    const std::size_t end = std::min(path.find('/', from), path.size());
    parts.push_back(path.substr(from, end - from));
    from = end + 1;
  }
  return parts;
}

std::optional<std::map<std::string, std::string>> fit(const std::vector<std::string>& pattern,
                                                      const std::vector<std::string>& path) {
  if (pattern.size() != path.size()) return std::nullopt;
  std::map<std::string, std::string> named;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (pattern[i].rfind(':', 0) == 0) {
      if (path[i].empty()) return std::nullopt;
      named[pattern[i].substr(1)] = path[i];
    } else if (pattern[i] != path[i]) {
      return std::nullopt;
    }
  }
  return named;
}

}  // namespace

void ApiRouter::add(const std::string& method, const std::string& pattern, Handler handler,
                    Access access) {
  routes_.push_back({method, parts_of(pattern), std::move(handler), access});
}

ApiRouter::Match ApiRouter::find(const std::string& method, const std::string& path) const {
  const std::vector<std::string> parts = parts_of(path);
  for (const Route& route : routes_) {
    if (route.method != method) continue;
    if (auto named = fit(route.parts, parts)) {
      return {&route.handler, route.access, std::move(*named), ""};
    }
  }
  Match none;
  if (path.size() > 1 && path.back() == '/') {
    const std::string shorter = path.substr(0, path.size() - 1);
    if (shorter.back() != '/' && find(method, shorter).handler != nullptr) none.redirect = shorter;
  }
  return none;
}

}  // namespace bdrmesh::lab
