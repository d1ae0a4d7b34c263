// Decides how the mesh runs a DDL script: which statement replicates, which needs a pause, which is
// refused. Judges by the text alone and guesses nothing safe; the server's 8263 is a second opinion
// only (design §5). Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ddl/rewrite.h"
#include "ddl/statement.h"
#include "model/table_filter.h"
#include "model/version.h"

namespace bdrmesh::ddl {

struct Context {
  std::string default_schema;  ///< for names without one; may be empty
  Version tidb{};              ///< the oldest of the group
  bool roles_set = false;      ///< one PRIMARY, all others SECONDARY
  bool ansi_quotes = false;
  TableFilter tables{};  ///< what the group's feeds carry
};

/// Splits and classifies. Statements that are no DDL and unknown ones come back refused, with the
/// reason.
/// @throws Error invalid `DDL_SYNTAX` with position and excerpt: open quotes, comments,
/// parentheses; an empty script.
/// @see tidb-sql §1.4-1.6, measured §1 A5-A7, A18-A20
std::vector<Statement> classify(std::string_view script, const Context& context);

}  // namespace bdrmesh::ddl
