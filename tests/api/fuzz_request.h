// Makes requests out of docs/openapi.yaml: as described, and broken in one way or another. The same
// seed makes the same requests, as far as the names that it learned are the same.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "api/openapi.h"

namespace bdrmesh::testing_api {

/// What must come of a request.
enum class Fate {
  taken,    ///< as described: must not be refused as unreadable
  refused,  ///< broken where it can be seen: must fail
  open,     ///< anything that is described
};

struct MadeRequest {
  std::string bytes;
  const DescribedOperation* operation = nullptr;  ///< nullptr: no path that is described
  std::string method;
  std::string what;  ///< how it was broken, for the message
  Fate fate = Fate::taken;
  bool whole = true;  ///< a complete HTTP message: it must be answered
};

class RequestMaker {
 public:
  RequestMaker(const OpenApi& description, std::uint64_t seed)
      : description_(description), random_(seed) {}

  MadeRequest make();
  /// An id that later requests may name.
  void learn(const std::string& id);

 private:
  struct Draft;

  std::size_t below(std::size_t end) { return random_() % end; }
  bool chance(std::size_t one_in) { return below(one_in) == 0; }
  const std::string& any_of(const std::vector<std::string>& list) {
    return list[below(list.size())];
  }
  std::string name_for(const std::string& parameter);
  std::string junk(std::size_t longest);
  Json value_for(const Json& schema);
  Json operation_request();
  void fill_path(Draft& draft);
  void fill_query(Draft& draft);
  void fill_body(Draft& draft);
  void break_query(Draft& draft);
  void break_body(Draft& draft);
  void break_header(Draft& draft);
  void break_method_or_path(Draft& draft);
  void break_bytes(MadeRequest& made);
  MadeRequest render(const Draft& draft);

  const OpenApi& description_;
  std::mt19937_64 random_;
  std::vector<std::string> learned_{"opnone", "plnone"};
};

}  // namespace bdrmesh::testing_api
