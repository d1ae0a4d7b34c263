// JSON as everybody here uses it: the one include of nlohmann's header outside of adapters, and readers that fail with our Error.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/error.h"

namespace bdrmesh {

using Json = nlohmann::json;

/// @throws Error invalid `BAD_JSON`, naming `what`, when `text` is no JSON.
Json parse_json(std::string_view text, std::string_view what);

/// Reads a required member.
/// @throws Error invalid `BAD_JSON` when it is missing or of another type.
template <class T>
T get_required(const Json& object, const char* key) {
  try {
    return object.at(key).get<T>();
  } catch (const Json::exception& e) {
    throw Error(ErrorKind::invalid, "BAD_JSON", std::string("member '") + key + "': " + e.what());
  }
}

/// Reads an optional member; null counts as absent.
/// @throws Error invalid `BAD_JSON` when it has another type.
template <class T>
T get_or(const Json& object, const char* key, T fallback) {
  if (!object.is_object()) return fallback;
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return fallback;
  try {
    return found->get<T>();
  } catch (const Json::exception& e) {
    throw Error(ErrorKind::invalid, "BAD_JSON", std::string("member '") + key + "': " + e.what());
  }
}

}  // namespace bdrmesh
