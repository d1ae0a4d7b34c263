// What `bdrmesh serve` runs: the object graph behind the HTTP API. daemon.cc builds it; the CLI
// sees only this.
#pragma once

#include <memory>
#include <string>

#include "api/backend.h"
#include "model/desired.h"
#include "store/state_store.h"

namespace bdrmesh {

class Daemon {
 public:
  virtual ~Daemon() = default;
  /// The views and operations that the HTTP server offers; lives as long as the daemon. Usable
  /// before `start`.
  virtual Backend& backend() = 0;
  /// `host address` where this daemon can be asked whether it lives; noted on the clusters. Before
  /// `start`.
  virtual void answers_at(const std::string& address) = 0;
  /// Takes over unfinished operations and begins to observe. Does not block.
  virtual void start() = 0;
  /// Ends the questions that requests put to the clusters now; later ones fail at once.
  virtual void stop_asking() = 0;
  /// Stops after the calls in progress and joins all threads; every operation can be resumed by the
  /// next process.
  virtual void stop() = 0;
};

/// Opens the state, resolves secrets and wires everything; connects to nothing yet.
/// `on_event` is told of every event of an operation once it is stored; see
/// StateStore::EventListener.
/// @throws Error precondition `STATE_HELD`, `STATE_NEWER`, `SECRET_UNREADABLE`.
std::unique_ptr<Daemon> make_daemon(const Desired& desired, StateStore::EventListener on_event);

}  // namespace bdrmesh
