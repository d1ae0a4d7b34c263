// One application thread on one cluster: transaction after transaction, alternating between the
// tidb-servers, each outcome written to the ledger. A WriterCounts is read by others at any time.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "lab/load/ledger.h"
#include "lab/load/load_target.h"
#include "lab/load/sql_link.h"
#include "lab/load/txn_source.h"

namespace bdrmesh::lab::load {

/// What the writers of one cluster met. Thread-safe.
class WriterCounts {
 public:
  struct Values {
    std::uint64_t committed = 0;
    std::uint64_t unplaced = 0;  ///< committed, but without commit-ts
    std::uint64_t unknown = 0;
    std::uint64_t connections_lost = 0;
    std::map<int, std::uint64_t> refused;  ///< by error code
    Millis longest_silence{0};             ///< between two acknowledged commits
  };

  void committed(MonoTime now, bool placed);
  void refused(int code);
  void unknown();
  void connection_lost();
  Values values() const;

 private:
  mutable std::mutex mutex_;  // guards values_ and last_commit_
  Values values_;
  MonoTime last_commit_{};
};

struct WriterOptions {
  int number = 0;
  Millis pause{0};        ///< between two transactions of this writer
  bool ddl_safe = false;  ///< leaves the column `note` alone
  std::uint64_t seed = 0;
  WallTime run_start;
  HotKeys hot;
  double long_share = 0;  ///< of transactions that stay open between their last write and COMMIT
};

class Writer {
 public:
  Writer(const Clock& clock, const LoadTarget& target, const WriterOptions& options,
         LedgerFile& ledger, WriterCounts& counts);

  /// Blocks until `stop` is requested; the transaction under way is finished first.
  void run(const std::stop_token& stop);

 private:
  struct Attempt {
    Outcome outcome = Outcome::refused;
    std::uint64_t start_ts = 0;
    std::uint64_t commit_ts = 0;
    int code = 0;
    bool link_is_dead = false;
  };

  void write_until_settled(const std::vector<RowWrite>& rows, const std::stop_token& stop);
  Attempt attempt(std::size_t server, const std::vector<RowWrite>& rows,
                  const std::stop_token& stop);
  void perhaps_linger(const std::stop_token& stop);
  Attempt commit(SqlLink& link, Attempt so_far);
  SqlLink& link_to(std::size_t server);
  void read_columns(SqlLink& link);
  void note_down(std::size_t server, const Attempt& tried, const std::vector<RowWrite>& rows);
  std::vector<RowWrite> as_written(const std::vector<RowWrite>& rows) const;

  const Clock& clock_;
  const LoadTarget& target_;
  WriterOptions options_;
  LedgerFile& ledger_;
  WriterCounts& counts_;
  TxnSource source_;
  Columns columns_;
  std::vector<std::unique_ptr<SqlLink>> links_;
  std::size_t turn_ = 0;
  std::mt19937_64 random_;
};

}  // namespace bdrmesh::lab::load
