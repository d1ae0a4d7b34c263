// The schemas that a group's rules take on one cluster, as far as they exist, and the marker
// schema.
#pragma once

#include <set>
#include <string>

#include "doctor/check.h"
#include "model/table_filter.h"

namespace bdrmesh::doctor {

/// Blocks. @throws Error as TidbCluster::tables; invalid `BAD_TABLE_RULE`.
inline std::set<std::string> group_schemas(const CheckContext& ctx, const ClusterName& cluster) {
  const TableFilter filter(ctx.group.tables);
  std::set<std::string> schemas{kMarkerSchema};
  for (const TableName& table : ctx.world.tidb(cluster).tables(ctx.call)) {
    if (filter.matches(table)) schemas.insert(table.schema);
  }
  return schemas;
}

/// `'user'@'%'`, as GRANT takes it.
inline std::string quoted_user(const std::string& user) { return "'" + user + "'@'%'"; }

}  // namespace bdrmesh::doctor
