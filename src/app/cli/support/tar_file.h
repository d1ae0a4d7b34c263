// Files packed into one: POSIX ustar and gzip (RFC 1952). Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace bdrmesh {

/// By path below `folder`, all readable by their owner only.
/// @param seconds  modification time of all of them, since 1970.
std::string tar_of(const std::string& folder, const std::map<std::string, std::string>& files,
                   std::int64_t seconds);
std::string gzipped(const std::string& data);

}  // namespace bdrmesh
