// A state file looked at and copied from outside, whether or not a daemon holds it. Changes nothing
// in it, but for compacting, which needs the file for itself. Blocks on the disk only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/state_store.h"

namespace bdrmesh {

struct StateFileReport {
  std::string path;
  std::uint64_t bytes = 0;
  std::uint64_t epoch = 0;  ///< of the newest start of a daemon on it
  std::string holder;       ///< of that start: host, pid
  std::string opened;       ///< when, RFC 3339
  std::int64_t operations = 0;
  std::vector<std::string> unfinished;  ///< ids of operations that a daemon would go on with
  std::int64_t events = 0;
  std::vector<std::string> pending_migrations;  ///< the next daemon would apply them
  std::vector<std::string> damage;              ///< what SQLite's own check found; empty: nothing
};

/// Reads the whole file once.
/// @throws Error precondition `STATE_ABSENT`, `STATE_UNUSABLE`, `STATE_NEWER`, `STATE_CORRUPT`
/// when it is no state file at all.
StateFileReport check_state_file(const std::string& path);

/// Afterwards `copy` is a whole, checked state file as of one moment, readable by its owner only.
/// @throws Error as `check_state_file`; precondition `COPY_EXISTS`, `STATE_DAMAGED` when the file
/// itself is damaged: then no copy is left.
StateFileReport back_up_state_file(const std::string& path, const std::string& copy);

struct CompactReport {
  std::string path;
  std::uint64_t bytes_before = 0;
  std::uint64_t bytes_after = 0;
  DroppedDetails dropped;
};

/// Drops what happened in operations that ended before `before` (see StateStore::compact) from a
/// file that no daemon holds, after it was checked; migrates it first when it is older.
/// @throws Error as `check_state_file`; precondition `STATE_HELD` naming the daemon,
/// `STATE_DAMAGED`.
CompactReport compact_state_file(const std::string& path, WallTime before, WallTime now);

}  // namespace bdrmesh
