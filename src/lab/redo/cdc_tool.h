// The command line tool `cdc`, as far as disaster recovery needs it: `cdc version`, `cdc redo meta`
// and `cdc redo apply` with the options, output and exit codes of the real one (ticdc-api §6.2;
// measured.md §2 §6.2, §3 19). One thread.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "base/clock.h"
#include "lab/core/profile.h"

namespace bdrmesh::lab {

/// Runs `cdc <args>`. Blocks until the log is applied.
/// Warning, as with the real tool: what stands below --tmp-dir is removed.
/// @return the exit code.
int run_cdc_tool(const std::vector<std::string>& args, std::ostream& out, std::ostream& err,
                 const Profile& profile, const Clock& clock);

/// The same for the profile named by the environment's BDRMESH_LAB_PROFILE, else the default one.
int run_cdc_tool(const std::vector<std::string>& args, std::ostream& out, std::ostream& err);

}  // namespace bdrmesh::lab
