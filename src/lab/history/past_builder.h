// Makes a table as it was at a TSO in the hidden schema: a copy of where its rows stand now, from
// which the binlog is taken back. Blocks; one call builds one table, any number may run at once.
#pragma once

#include <cstdint>
#include <string>

#include "lab/changes/position_sampler.h"
#include "lab/core/cluster_state.h"
#include "lab/history/past_layout.h"
#include "lab/history/past_timeline.h"

namespace bdrmesh::lab {

/// A session that leaves no trace in the binlog and may write what definitions forbid.
SqlSession open_past_session(const ClusterState& cluster);

/// Copies rows between tables of the engine in one statement. Whoever writes meanwhile is not held
/// up; the copy holds what had been committed at some moment during the call.
void copy_rows(SqlSession& session, const std::string& from, const std::string& to,
               const PastLayout& layout);
/// As copy_rows(), row by row, for tables whose rows have no key.
/// @return the exact place in the binlog that the copy stands for.
BinlogPosition copy_rows_exactly(const ClusterState& cluster, SqlSession& session,
                                 const std::string& from, const std::string& to,
                                 const PastLayout& layout);

class PastBuilder {
 public:
  PastBuilder(const ClusterState& cluster, const PositionSampler& sampler)
      : cluster_(cluster), sampler_(sampler) {}

  /// @param definition  the engine's, of that time.
  /// @param hidden  name of the new table in kPastSchema; nothing is left of it on failure.
  /// @throws SqlError, also when the table is gone or changes under us; Error transient.
  void build(const PastOrigin& origin, const std::string& definition, std::uint64_t ts,
             const std::string& hidden) const;

 private:
  struct Copy {
    BinlogPosition stands_for;  ///< exactly, when rows have no key
    BinlogPosition end;         ///< later changes are not in it
  };
  Copy fill(SqlSession& session, const PastOrigin& origin, const std::string& target,
            const PastLayout& layout) const;
  void take_back(SqlSession& session, const PastOrigin& origin, std::uint64_t ts,
                 const std::string& target, const PastLayout& layout, const Copy& copy) const;

  const ClusterState& cluster_;
  const PositionSampler& sampler_;
};

}  // namespace bdrmesh::lab
