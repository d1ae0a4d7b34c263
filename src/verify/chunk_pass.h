// One pass over a table: cuts it into ranges by the keys of one member, has all members digest
// them, compares. Goes on where an earlier pass stopped. Blocks; one thread.
#pragma once

#include <functional>
#include <vector>

#include "verify/chunk_crew.h"
#include "verify/row_ranges.h"

namespace bdrmesh::verify {

struct PassOptions {
  std::size_t readers_per_member = 2;
  std::uint64_t first_chunk = 1000;     ///< rows
  std::uint64_t largest_chunk = 10000;  ///< rows; also what is read twice for one row that differs
  Millis chunk_takes{200};              ///< ranges grow and shrink towards this
  Millis query_limit{20000};
  Millis whole_table_limit{3600 * 1000};  ///< for tables that cannot be cut
  std::size_t window = 8;                 ///< ranges that the fastest member may be ahead
  std::uint64_t rows_per_second = 0;      ///< 0: as fast as the servers answer
  /// Percent of the time in which a reader asks. A server that gets slower makes its ranges take
  /// longer, and so the rests between them.
  std::uint64_t max_load = 100;
};

/// How long after its beginning a pass may go on, having read `rows` and waited `asked` for answers
/// in all. Pure.
Millis due_after(const PassOptions& options, std::uint64_t rows, Millis asked);

/// The size of the next range, after one of `rows` rows took `took` on the slowest member. Pure.
std::uint64_t next_chunk_rows(const PassOptions& options, std::uint64_t rows, Millis took);

class ChunkPass {
 public:
  /// `members.front()` is the one whose keys cut the table. Everything must outlive the pass.
  ChunkPass(const TableRead& read, const std::vector<ClusterName>& members, const MakeReader& make,
            const PassOptions& options, const Clock& clock)
      : read_(read), members_(members), make_(make), options_(options), clock_(clock) {}

  /// Runs until `state` is complete. `progress` is told after every range, in key order.
  /// @throws Error as the readers; cancelled. `state` then says how far it came.
  void run(PassState& state, const std::function<void(const PassState&)>& progress,
           const Call& call);

 private:
  void order_ahead(ChunkCrew& crew, const Call& call);
  void compare(PassState& state, DigestedChunk chunk) const;
  void throttle(const PassState& state, const Call& call) const;

  const TableRead& read_;
  const std::vector<ClusterName>& members_;
  const MakeReader& make_;
  const PassOptions& options_;
  const Clock& clock_;

  std::unique_ptr<TableReader> cutter_;
  std::optional<CutKey> cut_until_;
  bool all_cut_ = false;
  std::uint64_t chunk_rows_ = 0;
  MonoTime began_;
  std::uint64_t rows_before_ = 0;
  Millis asked_{0};
};

}  // namespace bdrmesh::verify
