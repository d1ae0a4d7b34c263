// Decides how the mesh runs a DDL script: which statement replicates, which needs a pause, which is
// refused. Judges by the text alone and guesses nothing safe; the server's 8263 is a second opinion
// only (design §5). Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "ddl/kind.h"
#include "model/names.h"
#include "model/table_filter.h"
#include "model/version.h"

namespace bdrmesh::ddl {

struct Context {
  std::string default_schema;  ///< for names without one; may be empty
  Version tidb;                ///< the oldest of the group
  bool roles_set = false;      ///< one PRIMARY, all others SECONDARY
  bool ansi_quotes = false;
  TableFilter tables;  ///< what the group's feeds carry
};

/// Where a table is named in `Statement::text`.
struct NamePlace {
  std::size_t begin = 0;
  std::size_t end = 0;
  TableName name;
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
  std::vector<NamePlace> places;  ///< every table name, also referenced ones
};

/// Splits and classifies. Statements that are no DDL and unknown ones come back refused, with the
/// reason.
/// @throws Error invalid `DDL_SYNTAX` with position and excerpt: open quotes, comments,
/// parentheses; an empty script.
/// @see tidb-sql §1.4-1.6, measured §1 A5-A7, A18-A20
std::vector<Statement> classify(std::string_view script, const Context& context);

}  // namespace bdrmesh::ddl
