// Which tidb-servers of a cluster refuse writes right now, as each says by itself.
#pragma once

#include <string>
#include <vector>

#include "clients/tidb_cluster.h"

namespace bdrmesh {

struct ServerGate {
  ServerAddress server;
  bool closed = false;
  std::string error;  ///< why this server could not be asked; then it counts as open and as closed
                      ///< for nothing
};

struct GateView {
  std::vector<ServerGate> servers;

  /// Every server answered by itself that it is closed (measured §2 A20: a frozen one is not
  /// closed).
  bool closed_everywhere() const;
  bool open_everywhere() const;
  /// The servers that are not known to be closed, with the reason.
  std::string not_closed() const;
  /// The servers that are not known to be open.
  std::string not_open() const;
};

/// Asks every tidb-server by itself, one after another, each for `patience` at most. One server's
/// silence is part of the answer.
/// @throws Error as TidbCluster::servers.
GateView look_at_gate(TidbCluster& tidb, const Clock& clock, Millis patience, const Call& call);

}  // namespace bdrmesh
