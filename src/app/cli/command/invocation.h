// One call of a command: the values that were given, and what every command does with them: ask the
// daemon, start an operation, print. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/client/operations.h"
#include "app/cli/command/command.h"

namespace bdrmesh {

/// A mistake in the arguments: ends with exit code 2.
Error usage_error(const std::string& text, const std::string& remedy);

class Invocation {
 public:
  using Values = std::map<std::string, std::vector<std::string>>;

  /// `values`: by Parameter::key(), with the global options. `terminal` and `clock` must outlive
  /// it.
  Invocation(const Command& command, Values values, Terminal& terminal, const Clock& clock);

  /// What was given, else the fallback, else empty. `name` as in Parameter::key().
  std::string text(const std::string& name) const;
  std::vector<std::string> texts(const std::string& name) const;
  bool has(const std::string& name) const;  ///< given on the command line; for flags their value
  std::int64_t number(const std::string& name) const;
  /// @return std::nullopt when it was not given and has no fallback.
  std::optional<Millis> span(const std::string& name) const;

  const Command& command() const { return command_; }
  Terminal& terminal() const { return terminal_; }
  const Clock& clock() const { return clock_; }
  /// -o; otherwise a table on a terminal and JSON elsewhere.
  OutputForm form() const;
  /// --config or BDRMESH_CONFIG; empty when neither is given.
  std::string config() const;
  /// The same. @throws Error invalid `USAGE` when neither is given.
  std::string required_config() const;
  /// --server, manager.listen of --config, BDRMESH_SERVER, manager.listen of BDRMESH_CONFIG, the
  /// default: the first of them that is there. @throws Error invalid `USAGE`.
  std::string server_url() const;

  /// Runs `body` with a client of the daemon; Ctrl-C only raises a flag meanwhile.
  ExitCode with_api(const std::function<ExitCode(const CommandContext&)>& body) const;
  /// Prints `GET path`, as JSON or rendered.
  ExitCode print(const std::string& path, std::string (*render)(const Json&)) const;
  /// Submits an operation and does with it what the options of `starting` say. Blocks.
  ExitCode start(const std::string& kind, const Json& args) const;
  /// What the options of `starting` or `following` say.
  StartOptions start_options() const;

 private:
  const Command& command_;
  Values values_;
  Terminal& terminal_;
  const Clock& clock_;
};

/// Where the manager of a configuration would answer; empty when it lets the system choose the
/// port.
/// @throws Error invalid `BAD_CONFIG`, `CONFIG_UNREADABLE`.
std::string manager_url(const std::string& config);

}  // namespace bdrmesh
