// What status says of clusters that are worked on: expected troubles are not called troubles. Pure
// but for reading the state.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "base/json.h"
#include "store/state_store.h"

namespace bdrmesh::views {

/// Cluster -> {operation, reason, until}.
using Maintenances = std::map<std::string, Json>;

/// The clusters in maintenance now, as the unfinished operations say; one whose time is over is
/// none, whatever became of its operation.
Maintenances maintenances(const StateStore& store, WallTime now);

/// The same, asked of the state at most every 300 ms: every view of a link wants to know it.
/// Thread-safe.
class MaintenanceBook {
 public:
  MaintenanceBook(const StateStore& store, const Clock& clock) : store_(store), clock_(clock) {}
  Maintenances now() const;

 private:
  const StateStore& store_;
  const Clock& clock_;
  mutable std::mutex mutex_;  ///< guards everything below
  mutable bool known_ = false;
  mutable MonoTime read_;
  mutable Maintenances all_;
};

/// Adds `maintenance`, null where there is none.
void add_maintenance_of_cluster(Json& cluster, const Maintenances& all);
/// The same; a verdict that work on either end explains becomes `maintenance`, with what it would
/// be otherwise.
void add_maintenance_of_link(Json& link, const Maintenances& all);

}  // namespace bdrmesh::views
