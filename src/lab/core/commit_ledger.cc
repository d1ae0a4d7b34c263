#include "lab/core/commit_ledger.h"

namespace bdrmesh::lab {

std::uint64_t CommitLedger::begin_commit() {
  const std::lock_guard lock(mutex_);
  const std::uint64_t ts = oracle_.next();
  in_flight_.insert(ts);
  return ts;
}

void CommitLedger::end_commit(std::uint64_t commit_ts) {
  const std::lock_guard lock(mutex_);
  in_flight_.erase(commit_ts);
}

std::uint64_t CommitLedger::resolved() {
  const std::lock_guard lock(mutex_);
  return in_flight_.empty() ? oracle_.next() : *in_flight_.begin() - 1;
}

}  // namespace bdrmesh::lab
