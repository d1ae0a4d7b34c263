// Makes finished files and their names outlive a power cut. Internal to store/. Thread-safe.
#pragma once

#include <string>

namespace bdrmesh {

/// Blocks until the content of the file (or the entries of the folder) `path` is on the disk:
/// VACUUM INTO leaves it to the system's cache.
/// @throws Error precondition `STATE_UNUSABLE` naming it.
void put_on_disk(const std::string& path);

/// As `put_on_disk` for the folder that `file` stands in.
void put_folder_on_disk(const std::string& file);

}  // namespace bdrmesh
