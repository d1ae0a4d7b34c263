// What those who help need to see, in one folder or archive: answers of the daemon, the
// configuration without secrets, versions. What cannot be had is named in it: a bundle is wanted
// most when things are broken.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/client/operations.h"
#include "base/secret.h"
#include "model/desired.h"

namespace bdrmesh {

struct BundleInputs {
  std::optional<Desired> desired;  ///< to be shown without its secrets, which are looked for
  std::string config_problem;      ///< why there is none; empty: none was named
  std::string version;             ///< of this program
};

/// By path. Blocks for the answers of the daemon; a failure becomes a line in `problems.txt`.
std::map<std::string, std::string> collect_bundle(const CommandContext& context,
                                                  const BundleInputs& inputs);

/// Writes `files` to `to`: an archive when it ends in .tar.gz or .tgz, else a new folder. Only the
/// owner may read it.
/// @throws Error precondition `BUNDLE_EXISTS`, `BUNDLE_UNWRITABLE`.
void write_bundle(const std::map<std::string, std::string>& files, const std::string& to,
                  WallTime now);

}  // namespace bdrmesh
