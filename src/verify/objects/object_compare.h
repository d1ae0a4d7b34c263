// Compares the views and sequences that the clusters have under one name, and tells what must be
// equal from what may differ. Reads texts of SHOW CREATE TABLE, which answers for both. Pure;
// thread-safe. @see tidb-sql §1.7, §4.3
#pragma once

#include "verify/schema_compare.h"

namespace bdrmesh::verify {

/// Who allocates numbers from the sequences of a group.
enum class SequenceUse {
  everywhere,    ///< multi-active: numbers must be disjoint, as neither DDL nor state replicates
  on_one_member  ///< primary and secondary: the other goes on with them after a switchover
};

/// std::nullopt stands for "it is not there". A sequence always brings a legitimate entry for its
/// current value, which no cluster tells without moving it. A text that is neither a view nor a
/// sequence on all clusters is compared as a whole.
std::vector<SchemaDifference> compare_objects(
    const std::map<ClusterName, std::optional<std::string>>& by_cluster, SequenceUse use);

/// One statement per cluster that makes it like `reference`, by the cluster's name; none where one
/// statement cannot do it, and none that would have two clusters hand out the same numbers.
std::map<std::string, std::string> healing_of_object(
    const SchemaDifference& difference, const TableName& name, const ClusterName& reference,
    const std::map<ClusterName, std::optional<std::string>>& definitions, SequenceUse use);

}  // namespace bdrmesh::verify
