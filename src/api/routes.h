// The table of routes: what each reads from a request and asks the backend. For the router and
// nobody else.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/backend.h"
#include "api/http_types.h"

namespace bdrmesh {

enum class BodyRule { none, optional, required };

struct Route {
  using Names = std::vector<std::string>;
  /// The answer, or with `feed` a stream.
  struct Result {
    Answer answer;
    EventFeed feed{};
  };
  std::string_view method;
  std::vector<std::string_view> path;  ///< below /api/v1; "{...}" takes one name
  std::vector<std::string_view> query;
  BodyRule body = BodyRule::none;
  bool asks_clusters = false;
  Result (*call)(Backend&, const ApiRequest&, const Names&);
};

const std::vector<Route>& routes();

}  // namespace bdrmesh
