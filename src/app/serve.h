// `bdrmesh serve`: configuration, daemon, HTTP server, until a signal comes.
#pragma once

#include <string>

#include "app/cli/command/exit_code.h"

namespace bdrmesh {

struct ServeOptions {
  std::string config;
  std::string port_file;   ///< where the port is written once it is listened on; empty: nowhere
  bool take_over = false;  ///< first take the clusters over, see app/take_over.h
  bool manager_is_dead = false;  ///< of take_over
  std::string confirm{};         ///< of take_over: the name, instead of asking for it
};

/// Blocks until SIGINT or SIGTERM. Call before any thread is started: it routes these signals.
/// @throws Error invalid `BAD_CONFIG`; precondition `CANNOT_LISTEN`, `STATE_HELD`,
/// `SECRET_UNREADABLE`; what take_over_clusters throws.
ExitCode serve(const ServeOptions& options);

}  // namespace bdrmesh
