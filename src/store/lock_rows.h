// Locks and the queue for them: who holds what, who waits, who is next. Internal to store/; every
// function runs inside the caller's transaction.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "store/records.h"
#include "store/sqlite.h"

namespace bdrmesh::rows {

/// Gives `operation` all of `names`. @throws Error conflict `LOCKED` when one is held, or waited
/// for by somebody in the queue.
void take_locks(sqlite::Connection& connection, const OperationRecord& operation,
                const std::vector<std::string>& names);

/// As `take_locks`, but puts the operation at the end of the queue where that one refuses.
void take_or_await_locks(sqlite::Connection& connection, const OperationRecord& operation,
                         const std::vector<std::string>& names);

/// Takes `operation`'s locks and its place in the queue away, and gives what became free to those
/// who waited longest.
void release_locks(sqlite::Connection& connection, const std::string& operation, WallTime now);

/// What stands between a queued operation and its locks.
std::vector<LockWait> waits_of(sqlite::Connection& connection, const std::string& operation);

}  // namespace bdrmesh::rows
