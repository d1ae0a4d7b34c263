// Completion of the command line for shells: scripts that ask the program itself what may follow.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace bdrmesh::lab::app {

/// The script for bash, zsh or fish. @throws Error invalid `BAD_OPTION` for another shell.
std::string completion_script(const std::string& shell);

/// What may be typed next, one per line of output. `words` are those typed so far without the
/// program, the last one unfinished (perhaps empty). Never fails: without a lab less is known.
std::vector<std::string> complete(const std::filesystem::path& directory,
                                  const std::vector<std::string>& words);

}  // namespace bdrmesh::lab::app
