// What a statement wants of the rows that its table has already: found out before anybody is
// paused, not by a job that rolls back in the middle of the pause. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "ddl/classify.h"

namespace bdrmesh::ddl {

/// Of unique indexes and primary keys that are added, and of columns that become narrower or NOT
/// NULL. `definitions` are those of the tables now (SHOW CREATE TABLE); a table that is not among
/// them has no rows yet. Empty for statements that are refused, or that want nothing of the rows.
/// @throws Error invalid `DDL_SYNTAX` when `statement.text` is broken.
RowNeeds row_needs(const Statement& statement, const std::map<TableName, std::string>& definitions,
                   const Context& context);

}  // namespace bdrmesh::ddl
