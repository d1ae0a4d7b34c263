// The exit codes of the command line: a closed set (docs/cli.md). Pure.
#pragma once

#include "base/error.h"
#include "base/json.h"

namespace bdrmesh {

enum class ExitCode {
  done = 0,
  internal_error = 1,
  usage = 2,
  refused = 3,            ///< nothing changed
  reverted = 4,           ///< failed and fully reverted
  needs_attention = 5,    ///< failed, a person must act
  still_running = 6,      ///< timed out or detached
  differences = 7,        ///< verification found some
  incomplete = 8,         ///< verification could not prove everything
  degraded_or_drift = 9,  ///< the mesh is not healthy, or not as configured
};

/// How a command ends that failed before an operation was started.
ExitCode exit_code_of(const Error& error);

/// How a command ends whose operation is `operation` (shape: api/backend.h). An operation that was
/// undone from its first stage, which only looks, counts as refused.
ExitCode exit_code_of_operation(const Json& operation);

/// An operation's result says that what it had done was taken back everywhere.
bool was_taken_back(const Json& result);

/// `healthy` is done; everything else is degraded.
ExitCode exit_code_of_verdict(const Json& with_verdict);

}  // namespace bdrmesh
