// The ledger of a load: one JSON line for each transaction that an application tried, with what it
// was told. Only what was acknowledged may be missed later. LedgerFile is thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "lab/load/load_tables.h"

namespace bdrmesh::lab::load {

/// committed: acknowledged. refused: surely not in the database. unknown: sent, answer lost.
enum class Outcome { committed, refused, unknown };
std::string_view to_string(Outcome outcome);
/// @throws Error invalid `BAD_LEDGER`
Outcome outcome_from(std::string_view text);

struct LedgerEntry {
  WallTime at;
  std::string cluster;
  std::string server;
  Outcome outcome = Outcome::committed;
  std::uint64_t start_ts = 0;
  std::uint64_t commit_ts = 0;  ///< 0: acknowledged, but @@tidb_last_txn_info spoke of another one
  int code = 0;                 ///< of the refusal
  std::vector<RowWrite> rows;
};

class LedgerFile {
 public:
  /// Appends to `path`; the file is made when it is missing.
  /// @throws Error precondition `LEDGER_UNWRITABLE`
  explicit LedgerFile(const std::filesystem::path& path);
  /// Written through to the system when it returns.
  void append(const LedgerEntry& entry);

 private:
  std::mutex mutex_;  // guards out_
  std::ofstream out_;
};

/// Calls `each` for every entry in order.
/// @throws Error invalid `BAD_LEDGER` with the line; a torn last line is left out.
void read_ledger(const std::filesystem::path& path,
                 const std::function<void(const LedgerEntry&)>& each);

}  // namespace bdrmesh::lab::load
