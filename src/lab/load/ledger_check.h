// Compares a ledger with what every cluster holds: nothing acknowledged may be missing, nothing
// refused may be there. Plain SQL; may be used on real clusters.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "lab/load/ledger.h"
#include "lab/load/load_target.h"

namespace bdrmesh::lab::load {

/// Values of a row, or std::nullopt for "no such row".
using RowState = std::optional<std::map<std::string, std::string>>;

/// What each row may look like now: as acknowledged last, or as any transaction with unknown
/// outcome since then would have left it.
class Expectations {
 public:
  using Key = std::pair<std::string, std::int64_t>;  ///< table, id

  void add(const LedgerEntry& entry);
  /// The columns that are compared are those of the expected row that `seen` has too.
  bool allows(const Key& key, const RowState& seen, const std::set<std::string>& present) const;
  const std::map<Key, std::vector<RowState>>& rows() const { return allowed_; }
  /// The state acknowledged last.
  const RowState& acknowledged(const Key& key) const { return allowed_.at(key).front(); }

 private:
  std::map<Key, std::vector<RowState>> allowed_;
};

Expectations read_expectations(const std::filesystem::path& ledger);

struct ClusterFindings {
  std::string cluster;
  std::size_t checked = 0;
  std::size_t missing = 0;    ///< acknowledged, not there
  std::size_t differing = 0;  ///< there with other values
  std::size_t surplus = 0;    ///< deleted or refused, and there
  std::size_t repeated = 0;   ///< there more than once, where no key forbids it
  std::vector<std::string> examples;
  std::string failure;  ///< why the cluster could not be read

  bool clean() const { return missing + differing + surplus + repeated == 0 && failure.empty(); }
};

/// Looks at every cluster until it agrees or `patience` is over (feeds may still bring rows).
/// Blocks up to `patience` and one more look.
std::vector<ClusterFindings> check_ledger(const Clock& clock,
                                          const std::vector<LoadTarget>& targets,
                                          const Expectations& expected, Millis patience);

std::string to_table(const std::vector<ClusterFindings>& findings);

}  // namespace bdrmesh::lab::load
