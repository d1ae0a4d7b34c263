// Makes up the transactions of one writer: orders with items, changed and deleted later, in a range
// of keys that nobody else uses. One thread at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <random>
#include <string>
#include <vector>

#include "base/clock.h"
#include "lab/load/load_tables.h"

namespace bdrmesh::lab::load {

/// Where a writer's keys lie: no two writers of any cluster or run meet.
struct KeyRange {
  std::int64_t first = 0;

  /// @param source_id  of the cluster, 1..8
  /// @param writer     0..15
  static KeyRange of(int source_id, WallTime run_start, int writer);
};

/// Which rows are changed more often than others.
struct HotKeys {
  int own = 0;     ///< orders of this writer that get most of its changes
  int shared = 0;  ///< orders 1..n that every member changes: conflicts by intention
};

class TxnSource {
 public:
  TxnSource(std::string origin, KeyRange keys, std::uint64_t seed, HotKeys hot = {});

  /// The rows of the next transaction; remembered only when `settled` says so.
  std::vector<RowWrite> next(WallTime now);
  /// The transaction's rows are in the database: they may be changed from now on.
  void committed(const std::vector<RowWrite>& rows);
  /// Nobody knows about the transaction: its rows are never touched again.
  void lost(const std::vector<RowWrite>& rows);

 private:
  struct Order {
    RowWrite order;
    std::vector<RowWrite> items;
  };

  std::vector<RowWrite> new_order(WallTime now);
  std::vector<RowWrite> changed_order();
  std::vector<RowWrite> deleted_order();
  std::vector<RowWrite> shared_order(WallTime now);
  const Order& any_order();
  std::string amount();
  std::string words();
  int below(int limit);

  std::string origin_;
  std::int64_t next_id_;
  std::mt19937_64 random_;
  HotKeys hot_;
  std::deque<Order> orders_;  ///< hot_.own old ones and the youngest
};

}  // namespace bdrmesh::lab::load
