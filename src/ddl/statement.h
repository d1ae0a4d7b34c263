// One classified DDL statement. A value; thread-safe as values are.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "ddl/kind.h"
#include "model/names.h"
#include "model/row_need.h"

namespace bdrmesh::ddl {

/// Where a table is named in `Statement::text`.
struct NamePlace {
  std::size_t begin = 0;
  std::size_t end = 0;
  TableName name;
};

/// What a statement wants of the rows that are there.
struct RowNeeds {
  std::vector<RowNeed> needs;
  /// What the rows may break as well, but cannot be asked for in one question; for people.
  std::vector<std::string> unsearched;
};

struct Statement {
  std::string text;  ///< without comments around it and without the `;`
  Kind kind = Kind::unknown;
  std::vector<Kind> clauses;  ///< of an ALTER TABLE, one for each job or sub-job
  std::vector<TableName>
      tables;  ///< whose definition or existence changes, with the default schema applied
  std::vector<std::string> schemas;  ///< databases that are themselves created, changed or dropped
  DdlClass class_ = DdlClass::unknown;
  bool reorganises = false;        ///< may run for a time in proportion to the rows
  bool idempotent = false;         ///< repeating it neither fails nor changes anything
  bool needs_table_check = false;  ///< the verdict holds only if `check_with_table` agrees
  Strategy strategy = Strategy::refused;
  std::string reason;             ///< why this strategy, in words for the operator
  RowNeeds row_needs;             ///< filled by `row_needs`, which knows the definitions
  std::vector<NamePlace> places;  ///< every table name, also referenced ones
};

}  // namespace bdrmesh::ddl
