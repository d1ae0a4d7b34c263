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
};

class LoadRun {
 public:
  LoadRun(const Clock& clock, std::vector<LoadTarget> targets, const LoadOptions& options,
          const std::filesystem::path& ledger);
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
  LoadOptions options_;
  LedgerFile ledger_;
  std::vector<std::unique_ptr<WriterCounts>> counts_;
  std::vector<std::jthread> threads_;
};

/// One line per cluster: what was acknowledged, refused by code, unknown, and the longest silence.
std::string to_table(const std::vector<LoadRun::ClusterCounts>& counts);

}  // namespace bdrmesh::lab::load
