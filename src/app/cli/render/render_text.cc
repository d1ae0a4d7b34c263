#include "app/cli/render/render_text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

#include "app/cli/render/render.h"
#include "base/clock.h"
#include "model/tso.h"

namespace bdrmesh {

std::string value_text(const Json& value) {
  if (value.is_null()) return "-";
  if (value.is_string())
    return value.get<std::string>().empty() ? "-" : printable(value.get<std::string>());
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string evidence_value(const Json& value) {
  std::string out;
  if (value.is_object()) {
    for (const auto& [name, part] : value.items())
      out += (out.empty() ? "" : ", ") + name + " " + evidence_value(part);
    return out.empty() ? "-" : out;
  }
  if (value.is_array()) {
    for (const Json& part : value) out += (out.empty() ? "" : ", ") + evidence_value(part);
    return out.empty() ? "none" : out;
  }
  out = value_text(value);
  // TSOs are texts of 18 digits from 2010 to 2080; nothing else that the API sends looks like that.
  const bool tso =
      out.size() == 18 && std::ranges::all_of(out, [](char c) { return c >= '0' && c <= '9'; });
  if (tso) out += " (" + to_rfc3339(Tso(std::stoull(out)).time()) + ")";
  return out;
}

std::string waits(const std::string& what) {
  return what.starts_with("to ") ? "waits " + what : "waits for " + what;
}

const Json& part_of(const Json& object, const char* key) {
  static const Json kNone;
  if (!object.is_object()) return kNone;
  const auto found = object.find(key);
  return found == object.end() ? kNone : *found;
}

std::string text_of(const Json& object, const char* key) {
  return value_text(part_of(object, key));
}

const Json& list_of(const Json& object, const char* key) {
  static const Json kEmpty = Json::array();
  const Json& list = part_of(object, key);
  return list.is_array() ? list : kEmpty;
}

bool is_true(const Json& object, const char* key) {
  const Json& value = part_of(object, key);
  return value.is_boolean() && value.get<bool>();
}

std::string span_text(const Json& milliseconds) {
  if (!milliseconds.is_number()) return "-";
  const auto ms = milliseconds.get<std::int64_t>();
  const std::int64_t seconds = ms / 1000;
  if (ms < 1000) return std::to_string(ms) + " ms";
  if (seconds >= 3600)
    return std::to_string(seconds / 3600) + " h " + std::to_string(seconds / 60 % 60) + " min";
  if (seconds >= 60)
    return std::to_string(seconds / 60) + " min " + std::to_string(seconds % 60) + " s";
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f s", static_cast<double>(ms) / 1000.0);
  return text.data();
}

}  // namespace bdrmesh
