// What comparing the rows of one table has found so far, small enough to be kept while it goes on,
// and its JSON. Values; thread-safe as values are.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/json.h"
#include "clients/table_reader.h"
#include "model/names.h"

namespace bdrmesh::verify {

/// A range whose digests are not the same on all members.
struct DifferingRange {
  KeyRange range;
  std::map<ClusterName, RangeDigest> digests;
};

/// How far the comparison of one table has come. Its size does not grow with the table's.
struct PassState {
  bool complete = false;
  std::optional<CutKey> frontier;  ///< everything up to here has been compared
  std::uint64_t chunks = 0;
  std::uint64_t chunk_rows = 0;               ///< the size that the last chunks had
  std::map<ClusterName, std::uint64_t> rows;  ///< read on each member
  std::uint64_t opaque = 0;                   ///< rows that no digest could take
  std::vector<DifferingRange> differing;

  std::uint64_t most_rows() const;
  /// Notes a range that differs. When there are too many, neighbours become one.
  void differs(DifferingRange found);
};

bool all_equal(const std::map<ClusterName, RangeDigest>& digests);

Json to_json(const KeyRange& range);
KeyRange range_from(const Json& json);
Json to_json(const RangeDigest& digest);
RangeDigest digest_from(const Json& json);
Json to_json(const PassState& state);
PassState pass_state_from(const Json& json);

/// `(7, 'x') < key <= (9, 'y')`, for people.
std::string describe(const TableRead& read, const KeyRange& range);

}  // namespace bdrmesh::verify
