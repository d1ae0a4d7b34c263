// The written forms of addresses in the configuration and on the command line. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bdrmesh {

struct HostPort {
  std::string host;  ///< without the brackets of IPv6
  std::uint16_t port = 0;
};

/// `name:port`, `10.0.0.1:port` or `[::1]:port`. Port 0 is accepted here.
std::optional<HostPort> parse_host_port(std::string_view text);

/// What is wrong with an `http://host:port` or `https://host:port` without path, query or
/// credentials; empty when nothing is. Never repeats the text, which may hold a password.
std::string fault_of_base_url(std::string_view text);

/// Whether only this machine can reach it.
bool is_loopback(std::string_view host);

}  // namespace bdrmesh
