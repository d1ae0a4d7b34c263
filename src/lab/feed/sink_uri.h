// Sink URIs of the MySQL class: `mysql://user:password@host:port/?worker-count=4` (ticdc-api §7.1).
// Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/secret.h"

namespace bdrmesh::lab {

struct SinkUri {
  std::string scheme;
  std::string user;  ///< `root` when left out
  Secret password;
  std::string host;
  std::uint16_t port = 0;  ///< 4000 when left out
  std::map<std::string, std::string> parameters;

  bool is_mysql() const;
};

/// Takes a URI apart; nothing of it is checked beyond its syntax.
/// @throws ApiError 400 CDC:ErrSinkURIInvalid.
SinkUri parse_sink_uri(const std::string& text);

/// Checks scheme and parameters of a sink that rows shall go to.
/// @throws ApiError 400 CDC:ErrSinkURIInvalid or CDC:ErrMySQLInvalidConfig.
void require_usable(const SinkUri& uri);

/// The text with its password as `xxxxx`, the form in which the API shows it (ticdc-api §7.2).
std::string masked_sink_uri(const std::string& text);

}  // namespace bdrmesh::lab
