// The statements that would make a table's definition like that of one cluster. Suggestions for a
// person; nothing here runs them. Pure; thread-safe.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "verify/schema_compare.h"

namespace bdrmesh::verify {

/// @return by cluster, for those that differ from `reference`; a cluster for which no single
/// statement does it (partitioning, clustering, a primary key) is left out.
std::map<std::string, std::string> healing_statements(
    const SchemaDifference& difference, const TableName& table, const ClusterName& reference,
    const std::map<ClusterName, std::optional<std::string>>& definitions);

}  // namespace bdrmesh::verify
