// `bdrmesh serve`: configuration, daemon, HTTP server, until a signal comes.
#pragma once

#include <string>

#include "app/cli/command/exit_code.h"

namespace bdrmesh {

struct ServeOptions {
  std::string config;
  std::string port_file;  ///< where the port is written once it is listened on; empty: nowhere
};

/// Blocks until SIGINT or SIGTERM. Call before any thread is started: it routes these signals.
/// @throws Error invalid `BAD_CONFIG`; precondition `CANNOT_LISTEN`, `STATE_HELD`,
/// `SECRET_UNREADABLE`.
ExitCode serve(const ServeOptions& options);

}  // namespace bdrmesh
