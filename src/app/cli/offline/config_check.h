// `config check FILE`: offline.
#pragma once

#include <string>

#include "app/cli/client/operations.h"

namespace bdrmesh {

/// Prints every problem of the file with line and hint, or a summary of what it configures.
ExitCode check_config(const std::string& path, OutputForm form, Terminal& terminal);

}  // namespace bdrmesh
