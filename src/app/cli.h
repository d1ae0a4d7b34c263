// The command line of bdrmesh: arguments in, exit code out.
#pragma once

namespace bdrmesh {

/// Runs one command; prints failures on standard error as `refused (CODE): text` and `→ remedy`,
/// or as JSON when -o json asks for it. Never throws.
int run_command_line(int argc, char** argv);

}  // namespace bdrmesh
