// Where the empty data directory of MariaDB is kept between labs: making it takes longer than all
// the rest of `up`. Thread-safe, also among processes.
#pragma once

#include <filesystem>

namespace bdrmesh::lab::site {

/// A template made with the installed MariaDB; made now when there is none yet. Kept in
/// $BDRMESH_LAB_TEMPLATES, else beside this program (in a build tree); where that cannot be
/// written, in `scratch`. Blocks: half a second to make it.
/// @throws Error precondition, see ensure_template().
std::filesystem::path template_for_this_machine(const std::filesystem::path& scratch);

}  // namespace bdrmesh::lab::site
