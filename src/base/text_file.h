// Whole files as text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bdrmesh {

/// What is in the file. Blocks on the disk only. @return std::nullopt when it cannot be read; a
/// folder can be opened and not read.
std::optional<std::string> read_text_file(const std::string& path);

/// Makes a file with this content that its owner alone may read; never over one that is there.
/// Blocks on the disk only. @return false with `errno` when it cannot be made or written whole.
bool write_new_private_file(const std::string& path, std::string_view content);

}  // namespace bdrmesh
