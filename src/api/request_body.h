// Bodies of requests, read strictly: what a person mistyped must not be overlooked when databases
// are to be changed. Pure.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace bdrmesh {

/// Parses the body of a request.
/// @throws Error invalid `BAD_JSON`: no JSON, no object, a number that is not whole or does not fit
/// 64 bits, a text with a NUL; `JSON_TOO_DEEP`: nested deeper than 32; `DUPLICATE_MEMBER`.
Json parse_request_body(std::string_view text);

/// The members of an object that may only have known ones.
class Members {
 public:
  /// @throws Error invalid `UNEXPECTED_MEMBER`, listing the known ones.
  Members(const Json& object, std::initializer_list<std::string_view> known);

  // Null counts as absent. All throw Error invalid `BAD_MEMBER`, naming the member, for another
  // type or range.
  std::string text(const char* name, std::size_t longest, bool required) const;
  bool flag(const char* name) const;
  std::optional<std::int64_t> number(const char* name, std::int64_t least, std::int64_t most) const;
  Json object(const char* name) const;
  bool has(const char* name) const { return find(name) != nullptr; }

 private:
  const Json* find(const char* name) const;

  const Json& object_;
};

}  // namespace bdrmesh
