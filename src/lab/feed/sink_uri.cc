#include "lab/feed/sink_uri.h"

#include <charconv>

#include "lab/feed/api_error.h"
#include "lab/feed/sink_options.h"
#include "lab/http/http_server.h"

namespace bdrmesh::lab {

namespace {

ApiError invalid_uri(const std::string& text) { return {400, "CDC:ErrSinkURIInvalid", text}; }

struct Parts {
  std::string scheme;
  std::string authority;
  std::string query;
};

Parts split(const std::string& text) {
  Parts parts;
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos || colon == 0) {
    throw invalid_uri("the sink scheme () is not supported");
  }
  parts.scheme = text.substr(0, colon);
  std::string rest = text.substr(colon + 1);
  if (const std::size_t mark = rest.find('?'); mark != std::string::npos) {
    parts.query = rest.substr(mark + 1);
    rest.resize(mark);
  }
  if (rest.rfind("//", 0) == 0) parts.authority = rest.substr(2, rest.find('/', 2) - 2);
  return parts;
}

std::map<std::string, std::string> parse_query(const std::string& query) {
  std::map<std::string, std::string> parameters;
  for (std::size_t from = 0; from < query.size();) {
    std::size_t end = query.find('&', from);
    if (end == std::string::npos) end = query.size();
    const std::string pair = query.substr(from, end - from);
    const std::size_t equals = pair.find('=');
    const std::string name = percent_decode(pair.substr(0, equals), true);
    const std::string value =
        equals == std::string::npos ? "" : percent_decode(pair.substr(equals + 1), true);
    if (!name.empty()) parameters[name] = value;
    from = end + 1;
  }
  return parameters;
}

void parse_host(const std::string& text, const std::string& authority, SinkUri& uri) {
  std::string port;
  if (!authority.empty() && authority.front() == '[') {
    const std::size_t end = authority.find(']');
    if (end == std::string::npos) {
      throw invalid_uri("sink uri invalid '%s': parse \"" + text + "\": missing ']' in host");
    }
    uri.host = authority.substr(1, end - 1);
    if (authority.size() > end + 1 && authority[end + 1] == ':') port = authority.substr(end + 2);
  } else {
    const std::size_t colon = authority.rfind(':');
    uri.host = authority.substr(0, colon);
    if (colon != std::string::npos) port = authority.substr(colon + 1);
  }
  uri.port = 4000;
  if (port.empty()) return;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), uri.port);
  if (error != std::errc{} || end != port.data() + port.size()) {
    throw invalid_uri("sink uri invalid '%s': parse \"" + text + "\": invalid port \":" + port +
                      "\" after host");
  }
}

/// A count must be positive and is cut at its maximum.
void require_count(const SinkUri& uri, const std::string& name) {
  const auto found = uri.parameters.find(name);
  if (found == uri.parameters.end()) return;
  long value = 0;
  const std::string& text = found->second;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw ApiError(
        400, "CDC:ErrMySQLInvalidConfig",
        "MySQL config invalid: strconv.ParseInt: parsing \"" + text + "\": invalid syntax");
  }
  if (value <= 0) {
    throw ApiError(
        400, "CDC:ErrMySQLInvalidConfig",
        "MySQL config invalid: invalid " + name + " " + text + ", which must be greater than 0");
  }
}

}  // namespace

bool SinkUri::is_mysql() const {
  return scheme == "mysql" || scheme == "mysql+ssl" || scheme == "tidb" || scheme == "tidb+ssl";
}

SinkUri parse_sink_uri(const std::string& text) {
  const Parts parts = split(text);
  SinkUri uri;
  uri.scheme = parts.scheme;
  uri.parameters = parse_query(parts.query);
  std::string authority = parts.authority;
  uri.user = "root";
  if (const std::size_t at = authority.rfind('@'); at != std::string::npos) {
    const std::string login = authority.substr(0, at);
    authority.erase(0, at + 1);
    const std::size_t colon = login.find(':');
    if (colon != 0 && !login.empty()) uri.user = percent_decode(login.substr(0, colon), false);
    if (colon != std::string::npos) {
      uri.password = Secret(percent_decode(login.substr(colon + 1), false));
    }
  }
  parse_host(text, authority, uri);
  return uri;
}

void require_usable(const SinkUri& uri) {
  if (!uri.is_mysql()) {
    throw invalid_uri("the sink scheme (" + uri.scheme + ") is not supported");
  }
  if (uri.host.empty()) throw invalid_uri("sink uri invalid 'no host in the sink uri'");
  require_count(uri, "max-multi-update-row-size");
  sink_options(uri, "", false, "");
}

std::string masked_sink_uri(const std::string& text) {
  const std::size_t start = text.find("//");
  if (start == std::string::npos) return text;
  const std::size_t end = text.find_first_of("/?", start + 2);
  const std::size_t at = text.rfind('@', end);
  const std::size_t colon = text.find(':', start + 2);
  if (at == std::string::npos || at < start || colon == std::string::npos || colon > at)
    return text;
  return text.substr(0, colon + 1) + "xxxxx" + text.substr(at);
}

}  // namespace bdrmesh::lab
