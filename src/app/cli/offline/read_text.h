// Files that a command is given.
#pragma once

#include <string>

namespace bdrmesh {

/// Reads a file, or standard input for `-`. Blocks.
/// @throws Error invalid `FILE_UNREADABLE`.
std::string read_text(const std::string& path);

}  // namespace bdrmesh
