// How long each member refused its applications, read from the ledger. Pure but for reading files.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.h"

namespace bdrmesh::lab::load {

/// A member refuses from the first refused attempt until it acknowledges a commit again, through
/// whichever tidb-server.
struct Refusals {
  std::string cluster;
  std::size_t attempts = 0;  ///< refused or unknown
  std::size_t times = 0;     ///< times that it began to refuse
  Millis longest{0};
  Millis total{0};
  WallTime longest_began{};

  bool operator==(const Refusals&) const = default;
};

/// By cluster. A refusal that the ledger does not see the end of lasts until its last line.
std::vector<Refusals> refusals_in(const std::filesystem::path& ledger);

std::string to_table(const std::vector<Refusals>& all);

}  // namespace bdrmesh::lab::load
