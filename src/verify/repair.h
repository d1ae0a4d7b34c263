// A repair as a file that a person reads and edits before it is applied: for each row which member
// is taken as right, what the others have, and the SQL both ways. Pure; thread-safe.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "clients/table_reader.h"
#include "model/names.h"
#include "verify/row_search.h"

namespace bdrmesh::verify {

/// What one member has of a row.
struct RowVersion {
  std::string hash;  ///< empty: it has none
  std::optional<RowValues> values;
};

struct RepairRow {
  TableName table;
  std::vector<std::string> columns;  ///< the names that `values` belong to
  RowKey key;
  ClusterName right;  ///< the member that is taken as right
  RowVersion wanted;
  std::map<ClusterName, RowVersion> change;  ///< members that are to get `wanted`: what they have

  /// How many members lose the row.
  std::size_t deletes() const;
};

/// Who is right about a row: the named member; or, for `majority`, the first of those that agree,
/// when they are more than half of three or more. std::nullopt: nobody by that rule.
std::optional<ClusterName> right_member(const std::string& rule, const DifferingRow& row);

/// @param versions  of every member, read again just now
RepairRow draft(const TableRead& read, const RowKey& key, const ClusterName& right,
                const std::map<ClusterName, RowVersion>& versions);

/// With `sql` and `undo`, which nobody executes: they are there to be read.
Json to_json(const RepairRow& row, const TableRead& read);
/// @throws Error invalid `BAD_REPAIR` when the JSON is no row of a repair.
RepairRow repair_row_from(const Json& json);

}  // namespace bdrmesh::verify
