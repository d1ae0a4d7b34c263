// The address under which a feed writes into its target: mysql://user:password@host:port/?params
// (ticdc-api §7.1). Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace bdrmesh {

/// Percent-encodes everything but letters, digits and `-._~`.
std::string percent_encoded(std::string_view text);

Secret make_sink_uri(const std::string& address, const std::string& user, const Secret& password,
                     const std::map<std::string, std::string>& params);

}  // namespace bdrmesh
