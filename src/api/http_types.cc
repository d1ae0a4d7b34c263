#include "api/http_types.h"

#include <optional>
#include <string_view>

namespace bdrmesh {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    char c = text[at];
    if (c == '%') {
      if (at + 2 >= text.size()) return std::nullopt;
      const int high = hex_value(text[at + 1]);
      const int low = hex_value(text[at + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      at += 2;
    }
    if (c == '\0') return std::nullopt;
    out.push_back(c);
  }
  return out;
}

std::string_view cut_until(std::string_view& text, char end) {
  const std::size_t at = text.find(end);
  const std::string_view part = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return part;
}

}  // namespace

bool split_target(std::string_view target, ApiRequest& request) {
  if (!target.starts_with('/')) return false;
  std::string_view query = target;
  std::string_view path = cut_until(query, '?');
  while (!path.empty()) {
    const std::optional<std::string> segment = percent_decoded(cut_until(path, '/'));
    if (!segment) return false;
    if (!segment->empty()) request.path.push_back(*segment);
  }
  while (!query.empty()) {
    std::string_view value = cut_until(query, '&');
    const std::optional<std::string> key = percent_decoded(cut_until(value, '='));
    const std::optional<std::string> decoded = percent_decoded(value);
    if (!key || !decoded) return false;
    if (!key->empty()) request.query[*key] = *decoded;
  }
  return true;
}

}  // namespace bdrmesh
