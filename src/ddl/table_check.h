// Settles what the text of a statement cannot: is the index unique, is it the last usable key, does
// the type stay. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "ddl/classify.h"

namespace bdrmesh::ddl {

/// The tables whose definitions `check_with_table` wants for this statement; empty when the text
/// decides.
std::vector<TableName> tables_to_check(const Statement& statement);

/// Judges `statement` again, with the definitions (SHOW CREATE TABLE) its tables have now, after
/// earlier statements of its script. The result no longer needs a check. Refused: a statement that
/// takes the last usable key of a table, in whatever way; a table that is missing or whose text is
/// not understood. Paused: dropping a unique index, MODIFY COLUMN to another type. @throws Error
/// invalid `DDL_SYNTAX` when `statement.text` is broken.
/// @see tidb-sql §1.4, ticdc-api §4.5
Statement check_with_table(const Statement& statement,
                           const std::map<TableName, std::string>& definitions,
                           const Context& context);

}  // namespace bdrmesh::ddl
