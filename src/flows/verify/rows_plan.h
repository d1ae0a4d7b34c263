// The plan that compares the rows of a group's members: at a cut that a short pause makes, at a
// pair of positions that TiCDC left, or live. Pure.
#pragma once

#include "engine/plan.h"
#include "flows/snapshot.h"

namespace bdrmesh::flows {

enum class RowsMode {
  live,       ///< no pause: what differs is read again after the links have passed the reading
  snapshot,   ///< a TSO of every member while nobody writes and all links are drained
  syncpoint,  ///< primary and secondary: the positions at which TiCDC says that they are equal
};

struct VerifyRowsOptions {
  RowsMode mode = RowsMode::live;
  Millis max_pause{10000};
  bool kill = false;                       ///< transactions in the way of the pause
  Millis hold_history{6LL * 3600 * 1000};  ///< GC life time while a snapshot is compared
  std::size_t readers = 2;                 ///< sessions per member and table
  std::size_t tables_at_once = 4;
  std::uint64_t rows_per_second = 0;  ///< per table; 0: no limit
  std::uint64_t max_load = 100;       ///< percent of the time in which a reader asks
  Millis patience{60000};             ///< for links to pass a reading, and rows to settle
  std::string skip_means{};           ///< of a table's comparison; empty: it cannot be skipped
  bool whole_group = false;           ///< all its tables: equal rows close gaps in the positions
  std::string run{};                  ///< tells the facts of several comparisons of a plan apart
};

/// Stages that compare the rows of `tables`, at the facts `snapshot` of the members or live. They
/// leave the facts of `options.run`.
void compare_rows_stages(PlanBuilder& plan, const GroupSnapshot& snapshot,
                         const std::vector<TableName>& tables, const VerifyRowsOptions& options);
/// The stage that puts together what they proved.
void report_rows_stage(PlanBuilder& plan, const GroupSnapshot& snapshot,
                       const std::vector<TableName>& tables, const VerifyRowsOptions& options);

/// @throws Error invalid `NO_TABLES`; precondition `NOT_MANAGED`, `LINK_MISSING`,
/// `SYNCPOINT_OF_A_MESH`, `SNAPSHOT_OF_A_PAIR`, `NO_SYNCPOINTS`.
Plan plan_verify_rows(const GroupSnapshot& snapshot, const std::vector<TableName>& tables,
                      const VerifyRowsOptions& options);

/// Compares the definitions of `tables` and of `objects`, which are views and sequences, without a
/// pause.
Plan plan_verify_schema(const GroupSnapshot& snapshot, const std::vector<TableName>& tables,
                        const std::vector<TableName>& objects);

}  // namespace bdrmesh::flows
