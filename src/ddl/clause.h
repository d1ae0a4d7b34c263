// Verdicts on the clauses of ALTER TABLE, one by one as TiDB judges its sub-jobs. Internal to ddl/.
// Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ddl/column.h"
#include "ddl/cursor.h"
#include "ddl/kind.h"
#include "ddl/table_definition.h"
#include "model/version.h"

namespace bdrmesh::ddl {

struct Clause {
  Kind kind = Kind::unknown;
  DdlClass class_ = DdlClass::unknown;
  bool idempotent = false;
  bool needs_table_check = false;
  bool refused = false;
  std::string reason;
  std::string target;            ///< the index, column or constraint that it drops or changes
  std::vector<IndexPart> parts;  ///< of the unique index or primary key that it adds
  std::optional<ColumnDefinition> column;  ///< what MODIFY or CHANGE COLUMN makes of `target`
};

/// What is true of every clause of this kind.
Clause clause_of(Kind kind);
Clause refused(Kind kind, std::string reason);
/// A clause that does not replicate in the form it has here.
Clause paused(Kind kind, std::string reason);
/// Says where reading stopped.
Clause unknown(const Cursor& cursor);
/// Paused, also when it is written as DROP INDEX `PRIMARY`; the table check refuses it when no
/// other usable key is left.
Clause drop_primary_key();

/// Positions of tokens where further table names stand.
struct TableMentions {
  std::vector<std::size_t> renamed_to;
  std::vector<std::size_t> exchanged_with;
};

/// Reads what stands behind ADD PARTITION.
Clause read_add_partition(Cursor& cursor);
/// Reads partition work other than ADD and DROP PARTITION. @return std::nullopt and does not move
/// for anything else.
std::optional<Clause> read_partitioning(Cursor& cursor, TableMentions& mentions);

/// Reads what stands behind the name in ALTER TABLE. Unknown words end in a clause of kind unknown.
std::vector<Clause> read_alter_table(Cursor& cursor, Version tidb, TableMentions& mentions);

}  // namespace bdrmesh::ddl
