#include "base/json.h"

namespace bdrmesh {

Json parse_json(std::string_view text, std::string_view what) {
  Json value = Json::parse(text, nullptr, false);
  if (value.is_discarded()) {
    throw Error(ErrorKind::invalid, "BAD_JSON", std::string(what) + " is no JSON");
  }
  return value;
}

}  // namespace bdrmesh
