// Did any application commit between a fence and the opening of the gate? Read from the ledger's
// commit timestamps, cluster by cluster. Pure but for reading files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace bdrmesh::lab::load {

/// A write pause on one cluster, as TSOs of that cluster, both ends excluded.
struct PauseWindow {
  std::string cluster;
  std::uint64_t fence = 0;
  std::uint64_t open = 0;

  bool operator==(const PauseWindow&) const = default;
};

/// `CLUSTER:FENCE:OPEN` with TSOs.
/// @throws Error invalid `BAD_WINDOW`
PauseWindow parse_window(const std::string& text);

/// The windows of an operation: its facts `fence` and `opening` of each cluster, in a document as
/// the product shows it (`op show ID -o json`).
/// @throws Error invalid `BAD_WINDOW` when a cluster has only one of both, or none has any.
std::vector<PauseWindow> windows_of_operation(const std::filesystem::path& document);

struct WindowFindings {
  PauseWindow window;
  std::size_t inside = 0;  ///< acknowledged with fence < commit_ts < open: must be 0
  std::size_t before = 0;  ///< and, so that an empty ledger proves nothing, on both sides
  std::size_t after = 0;
  std::size_t unplaced = 0;  ///< acknowledged without a known commit_ts
  std::vector<std::string> examples;

  bool clean() const { return inside == 0 && unplaced == 0; }
};

std::vector<WindowFindings> check_windows(const std::filesystem::path& ledger,
                                          const std::vector<PauseWindow>& windows);

std::string to_table(const std::vector<WindowFindings>& findings);

}  // namespace bdrmesh::lab::load
