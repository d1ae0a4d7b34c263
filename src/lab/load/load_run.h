// A load: writers on every cluster for a while. start, stop and counts belong to one owner.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "lab/load/writer.h"

namespace bdrmesh::lab::load {

struct LoadOptions {
  int writers = 2;   ///< per cluster, 1..16
  double rate = 50;  ///< transactions per second and cluster; 0: as fast as they go
  bool ddl_safe = false;
  std::uint64_t seed = 0;
  int hot_keys = 0;           ///< orders of each writer that get most of its changes, 0..200
  int shared_hot_keys = 0;    ///< orders 1..n that every member changes: conflicts, 0..20
  double long_share = 0;      ///< of the transactions that stay open for a while, 0..1
  double ddl_per_minute = 0;  ///< by somebody else, on a table of its own, per cluster
};

class LoadRun {
 public:
  /// @param ddl_targets  the same clusters as seen by whoever may alter tables; needed when
  /// options.ddl_per_minute is above 0.
  /// @throws Error invalid `BAD_OPTION`
  LoadRun(const Clock& clock, std::vector<LoadTarget> targets, const LoadOptions& options,
          const std::filesystem::path& ledger, std::vector<LoadTarget> ddl_targets = {});
  ~LoadRun();

  void start();
  /// Waits until each writer has finished its transaction (at most a read timeout).
  void stop();

  struct ClusterCounts {
    std::string cluster;
    WriterCounts::Values values;
  };
  std::vector<ClusterCounts> counts() const;

 private:
  const Clock& clock_;
  std::vector<LoadTarget> targets_;
  std::vector<LoadTarget> ddl_targets_;
  LoadOptions options_;
  LedgerFile ledger_;
  std::vector<std::unique_ptr<WriterCounts>> counts_;
  std::vector<std::jthread> threads_;
};

/// One line per cluster: what was acknowledged, refused by code, unknown, and the longest silence.
std::string to_table(const std::vector<LoadRun::ClusterCounts>& counts);

}  // namespace bdrmesh::lab::load
