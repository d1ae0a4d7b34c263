// The configuration file: TOML (design §3) read once, validated whole, all its errors reported
// together with line and hint. Touches no cluster and resolves no secret. Values; thread-safe as
// values are.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/desired.h"

namespace bdrmesh {

struct ConfigProblem {
  int line = 0;      ///< 1-based; 0 when the whole file is meant
  std::string what;  ///< names the thing; never shows the value of a password
  std::string hint;  ///< what to do
};

struct ConfigResult {
  Desired desired;  ///< to be used only when there are no problems
  std::vector<ConfigProblem> problems;
  std::vector<ConfigProblem> warnings;
  bool ok() const { return problems.empty(); }
};

/// Reads and checks the text of a configuration; never throws for what stands in it.
ConfigResult read_config(std::string_view text);

/// Reads a configuration file.
/// @throws Error invalid `CONFIG_UNREADABLE` naming the file.
ConfigResult read_config_file(const std::string& path);

/// `file:line: what (hint)`.
std::string describe(const ConfigProblem& problem, const std::string& path);

/// What `result`, read from `path`, wants.
/// @throws Error invalid `BAD_CONFIG` with every problem on a line of its own.
Desired accepted(ConfigResult result, const std::string& path);

/// The configuration, ready to be used; warnings are passed over.
/// @throws Error invalid `BAD_CONFIG`, `CONFIG_UNREADABLE`.
Desired load_config(const std::string& path);

}  // namespace bdrmesh
