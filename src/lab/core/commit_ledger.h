// Which commits are on their way: gives the position up to which the binlog is complete.
// Thread-safe.
#pragma once

#include <cstdint>
#include <mutex>
#include <set>

#include "lab/core/tso_oracle.h"

namespace bdrmesh::lab {

class CommitLedger {
 public:
  explicit CommitLedger(TsoOracle& oracle) : oracle_(oracle) {}

  /// Allocates a commit timestamp and holds resolved() below it until end_commit().
  std::uint64_t begin_commit();
  /// The engine has answered (committed or not).
  void end_commit(std::uint64_t commit_ts);
  /// A position R: whatever committed with commit_ts <= R is in the binlog when this returns,
  /// and nothing will commit at or below R any more.
  std::uint64_t resolved();

 private:
  TsoOracle& oracle_;
  std::mutex mutex_;  // guards in_flight_, and makes allocating and registering one act
  std::set<std::uint64_t> in_flight_;
};

/// One commit on its way; leaves the ledger however its scope ends.
class CommitInFlight {
 public:
  explicit CommitInFlight(CommitLedger& ledger) : ledger_(ledger), ts_(ledger.begin_commit()) {}
  ~CommitInFlight() { ledger_.end_commit(ts_); }
  CommitInFlight(const CommitInFlight&) = delete;
  CommitInFlight& operator=(const CommitInFlight&) = delete;

  std::uint64_t ts() const { return ts_; }

 private:
  CommitLedger& ledger_;
  std::uint64_t ts_;
};

}  // namespace bdrmesh::lab
