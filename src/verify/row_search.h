// Narrows ranges that differ down to rows, and says who disagrees about each. Several ranges are
// under way on all members at once. Blocks; one thread orders and collects.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "base/json.h"
#include "verify/chunk_crew.h"
#include "verify/row_ranges.h"

namespace bdrmesh::verify {

/// A row that is not the same on all members: the hash that each has, empty text where it is not
/// there. Rows without a key are named by their hash; `counts` says how often each member has them.
struct DifferingRow {
  RowKey key;
  std::map<ClusterName, std::string> hashes;
  std::map<ClusterName, std::uint64_t> counts;
  bool operator==(const DifferingRow&) const = default;
};

Json to_json(const DifferingRow& row);
DifferingRow differing_row_from(const Json& json);

/// Members that agree, when they are more than half of three or more; empty otherwise. A majority
/// is stated, never taken as right. Pure.
std::vector<ClusterName> majority(const DifferingRow& row);

/// Pairs the members' rows by key. Pure.
std::vector<DifferingRow> differing_rows(const std::map<ClusterName, std::vector<RowHash>>& rows);

struct SearchOptions {
  /// Ranges of at most so many rows are listed at once: as much to hash as one more digest, and no
  /// further question.
  std::uint64_t leaf_rows = 10000;
  std::uint64_t parts = 32;      ///< larger ones are cut into so many at most
  std::size_t most_rows = 1000;  ///< found rows, then searching ends
  std::size_t readers_per_member = 2;
  Millis query_limit{20000};
  Millis whole_table_limit{3600 * 1000};
};

struct SearchResult {
  std::vector<DifferingRow> rows;
  std::vector<KeyRange> not_searched;  ///< known to differ, but there were rows enough
};

class RowSearch {
 public:
  /// What is referred to must outlive the search.
  RowSearch(const TableRead& read, const std::vector<ClusterName>& members, const MakeReader& make,
            const Clock& clock, SearchOptions options = {});

  /// What differs in `ranges` now. A range that agrees by now adds nothing; the rows that its
  /// digests counted only say how it is read.
  SearchResult search(const std::vector<DifferingRange>& ranges, const Call& call);
  /// The same rows again: those that still differ, by their present hashes.
  std::vector<DifferingRow> again(const std::vector<DifferingRow>& rows, const Call& call);
  TableReader& reader(const ClusterName& member) { return *readers_.at(member); }

 private:
  /// A range to be narrowed, whose digests were these.
  struct Task {
    KeyRange range;
    std::map<ClusterName, RangeDigest> digests;
  };
  /// What was ordered of the crew, in that order.
  struct Ordered {
    bool rows = false;
    std::uint64_t most = 0;
  };

  void order(ChunkCrew& crew, const Task& task, std::deque<Ordered>& ordered, const Call& call);
  void list(ChunkCrew& crew, const KeyRange& range, std::uint64_t rows,
            std::deque<Ordered>& ordered) const;
  std::vector<KeyRange> parts_of(const Task& task, const Call& call);
  void add(const DigestedChunk& listed, std::uint64_t most, SearchResult& result) const;
  void search_by_hash(SearchResult& result, const Call& call);
  /// Digests by the first `digits` of the rows' hashes, of rows whose hash begins with `prefix`:
  /// those that are not the same on all members.
  std::map<std::string, std::map<ClusterName, RangeDigest>> differing_hashes(
      const std::string& prefix, std::size_t digits, const Call& call);

  const TableRead& read_;
  const std::vector<ClusterName>& members_;
  const MakeReader& make_;
  const Clock& clock_;
  SearchOptions options_;
  std::map<ClusterName, std::unique_ptr<TableReader>> readers_;
};

}  // namespace bdrmesh::verify
