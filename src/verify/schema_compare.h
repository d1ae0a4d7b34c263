// Compares the definitions that the clusters have of one table, and tells what must be equal from
// what may differ. Reads texts of SHOW CREATE TABLE, taken by sessions with the same time zone and
// sql_mode. Pure; thread-safe.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/names.h"

namespace bdrmesh::verify {

enum class Severity {
  legitimate,  ///< belongs to each cluster: ID bases, placement, TTL_ENABLE, splitting
  warning,     ///< replication survives it, but somebody should look
  differs,     ///< rows cannot be relied on to replicate or to be equal
};

std::string_view to_string(Severity severity);

struct SchemaDifference {
  Severity severity = Severity::differs;
  std::string what;  ///< `column x`, `index y`, `option COLLATE`, `table`, …
  std::map<ClusterName, std::string> fragments;  ///< what each cluster has; empty text: it has none
  std::string why;                               ///< in words, for the operator
};

/// Compares by parts: columns by name and order, indexes and constraints as sets, clustering,
/// options, partitioning. std::nullopt stands for "the table is not there". Empty when all agree,
/// also when none has it. A text that is not understood is compared as a whole. @see tidb-sql §4.3,
/// measured §1 A21
std::vector<SchemaDifference> compare_definitions(
    const std::map<ClusterName, std::optional<std::string>>& by_cluster, const TableName& table);

}  // namespace bdrmesh::verify
