// Changes the text of a statement without changing what it does: a tag to find its job by, other
// tables to rehearse on. Pure; thread-safe.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "ddl/statement.h"
#include "model/names.h"

namespace bdrmesh::ddl {

/// Puts `/* bdrmesh:<operation>:<cluster> */ ` in front: TiDB keeps it in the text of the job
/// (measured §1 B, §4.1).
/// @throws Error invalid `BAD_DDL_TAG` when operation and cluster do not fit into the first 64
/// characters, or hold
///         anything but letters, digits, `-`, `_` and `.`.
std::string tagged(std::string_view statement, const OperationId& operation,
                   const ClusterName& cluster);

/// Lets the statement name other tables, as `copies` says; everything else stays byte for byte,
/// except that names without schema get theirs.
/// @throws Error invalid `CANNOT_REHEARSE` when the kind acts on more than tables (databases,
/// views, sequences, …), when a
///         table that it changes has no copy, or when an expression names a table.
std::string retarget(const Statement& statement, const std::map<TableName, TableName>& copies);

}  // namespace bdrmesh::ddl
