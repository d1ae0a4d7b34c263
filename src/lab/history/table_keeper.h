// Puts the rows of a table aside before a DDL loses them. Blocks; thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "lab/core/cluster_state.h"
#include "lab/history/past_layout.h"
#include "lab/history/past_timeline.h"

namespace bdrmesh::lab {

class TableKeeper {
 public:
  explicit TableKeeper(const ClusterState& cluster) : cluster_(cluster) {}

  /// A fresh name for a table in kPastSchema.
  std::string fresh_name(char kind) { return kind + std::to_string(++count_); }

  /// What SHOW CREATE TABLE of the engine says. @throws SqlError 1146
  static std::string definition_of(SqlSession& session, const ObjectName& table);
  /// Whether foreign keys tie it to other tables, so that it cannot be renamed away.
  static bool has_ties(SqlSession& session, const ObjectName& table);

  /// An empty table with a key needs no copy: what comes until the DDL is in the binlog.
  /// @return std::nullopt for any other.
  static std::optional<KeptRows> nothing_to_keep(SqlSession& session, const ObjectName& table,
                                                 const std::string& definition);
  /// Renames the table to `aside` and puts an empty one in its place. Waits for whoever uses it,
  /// as the DDL would. @throws SqlError
  static void swap_aside(SqlSession& session, const ObjectName& table, const std::string& aside);
  /// Takes that back, with what was written meanwhile.
  static void swap_back(SqlSession& session, const ObjectName& table, const std::string& aside);
  /// Copies the rows; nobody is held up. @throws SqlError
  KeptRows copy_aside(SqlSession& session, const ObjectName& table, const std::string& definition);

 private:
  const ClusterState& cluster_;
  std::atomic<std::uint64_t> count_{0};
};

}  // namespace bdrmesh::lab
