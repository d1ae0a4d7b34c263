#include "api/http_types.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "base/error.h"

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
    out.push_back(c);
  }
  if (!is_plain_text(out)) return std::nullopt;
  return out;
}

std::string_view cut_until(std::string_view& text, char end) {
  const std::size_t at = text.find(end);
  const std::string_view part = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return part;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string decoded(std::string_view text, const char* code, const std::string& what) {
  std::optional<std::string> value = percent_decoded(text);
  if (value) return std::move(*value);
  throw Error(ErrorKind::invalid, code,
              what + " has a broken percent code, a control character or bytes that are no UTF-8",
              "write names as UTF-8, percent-encoded");
}

void split_query(std::string_view query, ApiRequest& request) {
  while (!query.empty()) {
    std::string_view value = cut_until(query, '&');
    const std::string key = decoded(cut_until(value, '='), "BAD_QUERY", "the query");
    if (!request.query.emplace(key, decoded(value, "BAD_QUERY", "the query")).second) {
      throw Error(ErrorKind::invalid, "BAD_QUERY", "'" + key + "' comes twice in the query",
                  "give each key once");
    }
  }
}

/// The length of the well-formed sequence that starts here; 0: none does.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t at) {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
  };
  const unsigned first = byte(0);
  if (first < 0x80U) return 1;
  const std::size_t length = first >= 0xF0U ? 4 : first >= 0xE0U ? 3 : 2;
  if (first < 0xC2U || first > 0xF4U) return 0;
  for (std::size_t at = 1; at < length; ++at)
    if ((byte(at) & 0xC0U) != 0x80U) return 0;
  const bool overlong = (first == 0xE0U && byte(1) < 0xA0U) || (first == 0xF0U && byte(1) < 0x90U);
  const bool beyond = (first == 0xEDU && byte(1) > 0x9FU) || (first == 0xF4U && byte(1) > 0x8FU);
  return overlong || beyond ? 0 : length;
}

}  // namespace

bool is_plain_text(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const auto first = static_cast<unsigned char>(text.front());
    if (length == 0 || first < 0x20U || first == 0x7FU) return false;
    text.remove_prefix(length);
  }
  return true;
}

void split_target(std::string_view target, ApiRequest& request) {
  if (!target.starts_with('/')) {
    throw Error(ErrorKind::invalid, "MALFORMED_PATH", "the request target is no path",
                "ask for /api/v1/status");
  }
  std::string_view query = target;
  std::string_view path = cut_until(query, '?');
  path.remove_prefix(1);
  while (!path.empty())
    request.path.push_back(decoded(cut_until(path, '/'), "MALFORMED_PATH", "the path"));
  split_query(query, request);
}

bool is_accepted(std::string_view accept, std::string_view media) {
  if (trimmed(accept).empty()) return true;
  const std::string family = std::string(media.substr(0, media.find('/'))) + "/*";
  while (!accept.empty()) {
    std::string_view range = cut_until(accept, ',');
    std::string name(trimmed(cut_until(range, ';')));
    std::ranges::transform(name, name.begin(), [](unsigned char c) {
      return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    });
    if (name == media || name == family || name == "*/*") return true;
  }
  return false;
}

}  // namespace bdrmesh
