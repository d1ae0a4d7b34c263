// JSON in the order in which it was written, and Go's idea of which value fits which field. Pure.
#pragma once

#include <string>

#include "base/json.h"
#include "lab/feed/api_error.h"

namespace bdrmesh::lab {

using OrderedJson = nlohmann::ordered_json;

enum class GoType {
  boolean,
  int64,
  uint64,
  number,
  text,
  texts,
  uint64s,
  duration,
  object,
  anything
};

/// 400 CDC:ErrAPIInvalidParam "invalid api parameter: …", with the text/plain header of a failed
/// bind.
ApiError bind_error(const std::string& cause);

/// How Go names the type of a JSON value: `string`, `number`, `bool`, `array`, `object`.
std::string go_type_of(const OrderedJson& value);

/// @throws ApiError as of bind_error, when `value` does not fit `field`
/// (`ChangefeedConfig.start_ts`).
void require_type(const OrderedJson& value, GoType type, const std::string& field);

/// Compact text as Go's encoder writes it: `&`, `<` and `>` escaped.
std::string go_json(const OrderedJson& value);
/// The same with an indentation of four.
std::string go_json_indented(const OrderedJson& value);

}  // namespace bdrmesh::lab
