// Who may ask. This version knows no users: it serves one machine's loopback and refuses to listen
// further. Tokens and client certificates come as other guards.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/http_types.h"

namespace bdrmesh {

class AccessGuard {
 public:
  virtual ~AccessGuard() = default;
  /// Whether it tells people apart: only then may a server listen beyond loopback.
  virtual bool authenticates() const = 0;
  /// A reply that refuses the request (401 with WWW-Authenticate, 403); std::nullopt: go on.
  /// Thread-safe; asked before anything else looks at the request.
  virtual std::optional<ApiReply> refuse(const ApiRequest& request) const = 0;
};

/// What a browser tells about where a request comes from.
struct RequestOrigin {
  std::string host;            ///< Host
  std::string origin;          ///< Origin
  std::string sec_fetch_site;  ///< Sec-Fetch-Site
};

/// Whether the request may come from a web page of somebody else: by its own origin, or by a name
/// of its own that points to this machine (DNS rebinding). @param loopback  the server listens on
/// loopback only, so that no other name is rightly used. Pure.
bool comes_from_a_page(const RequestOrigin& from, bool loopback);

/// `localhost`, an IPv4 or IPv6 address of loopback, each with or without a port. Pure.
bool is_local_host(std::string_view host);

}  // namespace bdrmesh
