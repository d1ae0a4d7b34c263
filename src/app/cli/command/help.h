// The texts of --help, within 80 columns. Pure.
#pragma once

#include <string>
#include <vector>

#include "app/cli/command/parser.h"

namespace bdrmesh {

/// `bdrmesh group plan GROUP [options]`
std::string usage_line(const Command& command);
std::string help_of(const Command& command);
/// All commands, or those that begin with `words`.
std::string overview(const std::vector<CommandGroup>& groups, const std::string& words);

}  // namespace bdrmesh
