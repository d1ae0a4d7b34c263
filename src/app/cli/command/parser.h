// Arguments into an invocation: which command, which values. Says what was meant when a command, an
// option or one of a closed set of words is mistyped. Pure but for printing help.
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "app/cli/command/command.h"
#include "app/cli/command/invocation.h"

namespace bdrmesh {

/// Commands that begin with the same word; `word` is empty for those of one word.
struct CommandGroup {
  std::string word;
  std::string help;
  Commands commands;
};

/// What every command takes.
const std::vector<Parameter>& global_parameters();

struct Parsed {
  const Command* command = nullptr;
  Invocation::Values values;
};

/// `arguments`: without the name of the program. Points into `groups`.
/// @return std::nullopt when help or the version was asked for, and printed to `out`.
/// @throws Error invalid `USAGE`.
std::optional<Parsed> parse_arguments(const std::vector<CommandGroup>& groups,
                                      const std::vector<std::string>& arguments,
                                      const std::string& version, std::ostream& out);

}  // namespace bdrmesh
