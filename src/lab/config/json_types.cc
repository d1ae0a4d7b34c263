#include "lab/config/json_types.h"

#include <algorithm>

#include "lab/config/go_duration.h"

namespace bdrmesh::lab {

namespace {

std::string_view name_of(GoType type) {
  switch (type) {
    case GoType::boolean:
      return "bool";
    case GoType::int64:
      return "int";
    case GoType::uint64:
      return "uint64";
    case GoType::number:
      return "float64";
    case GoType::text:
      return "string";
    case GoType::texts:
      return "[]string";
    case GoType::uint64s:
      return "[]uint64";
    case GoType::duration:
      return "v2.JSONDuration";
    case GoType::object:
    case GoType::anything:
      break;
  }
  return "object";
}

bool fits(const OrderedJson& value, GoType type) {
  const auto all = [&](auto test) {
    return value.is_array() && std::all_of(value.begin(), value.end(), test);
  };
  switch (type) {
    case GoType::boolean:
      return value.is_boolean();
    case GoType::int64:
      return value.is_number_integer();
    case GoType::uint64:
      return value.is_number_unsigned();
    case GoType::number:
      return value.is_number();
    case GoType::text:
      return value.is_string();
    case GoType::texts:
      return all([](const OrderedJson& item) { return item.is_string(); });
    case GoType::uint64s:
      return all([](const OrderedJson& item) { return item.is_number_unsigned(); });
    case GoType::duration:
      return value.is_number() ||
             (value.is_string() && parse_go_duration(value.get<std::string>()).has_value());
    case GoType::object:
      return value.is_object();
    case GoType::anything:
      return true;
  }
  return false;
}

std::string escaped(const std::string& json) {
  std::string out;
  out.reserve(json.size());
  for (const char c : json) {
    switch (c) {
      case '&':
        out += "\\u0026";
        break;
      case '<':
        out += "\\u003c";
        break;
      case '>':
        out += "\\u003e";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace

ApiError bind_error(const std::string& cause) {
  ApiError error = invalid_param("invalid api parameter: " + cause);
  error.plain_text_header = true;
  return error;
}

std::string go_type_of(const OrderedJson& value) {
  if (value.is_string()) return "string";
  if (value.is_boolean()) return "bool";
  if (value.is_array()) return "array";
  if (value.is_object()) return "object";
  return "number";
}

void require_type(const OrderedJson& value, GoType type, const std::string& field) {
  if (fits(value, type)) return;
  std::string shown = go_type_of(value);
  // Go names the number when it is one that the field cannot hold.
  if (value.is_number() && (type == GoType::uint64 || type == GoType::int64)) {
    std::string number = value.dump();
    if (const auto plus = number.find('+'); plus != std::string::npos) number.erase(plus, 1);
    shown += " " + number;
  }
  throw bind_error("json: cannot unmarshal " + shown + " into Go struct field " + field +
                   " of type " + std::string(name_of(type)));
}

std::string go_json(const OrderedJson& value) { return escaped(value.dump()); }

std::string go_json_indented(const OrderedJson& value) { return escaped(value.dump(4)); }

}  // namespace bdrmesh::lab
