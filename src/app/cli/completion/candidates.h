// What may stand where the cursor is: commands, options, words of a closed set, and names from the
// configuration file or the daemon. Deciding is pure; names are asked for through an interface.
#pragma once

#include <string>
#include <vector>

#include "app/cli/command/parser.h"

namespace bdrmesh {

/// Where names come from; a source that does not answer has none.
class NameSource {
 public:
  virtual ~NameSource() = default;
  virtual std::vector<std::string> names(Names kind) = 0;
};

struct Completion {
  std::vector<std::string> words;
  bool files = false;  ///< the shell completes names of files
};

/// `typed`: the words after `bdrmesh`, the last one being the one under the cursor (it may be
/// empty). Never throws for what is typed.
Completion complete(const std::vector<CommandGroup>& groups, const std::vector<std::string>& typed,
                    NameSource& source);

/// The script that makes a shell ask; `shell`: bash, zsh or fish.
/// @throws Error invalid `USAGE` for another one.
std::string completion_script(const std::string& shell);

}  // namespace bdrmesh
