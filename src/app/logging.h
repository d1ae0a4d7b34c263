// The daemon's log: one line per entry on standard error, RFC 3339 UTC. Callers mask secrets.
// Thread-safe.
#pragma once

#include <string>

namespace bdrmesh {

void log_info(const std::string& text);
void log_warning(const std::string& text);
void log_error(const std::string& text);

}  // namespace bdrmesh
