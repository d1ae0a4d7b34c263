// `ddl classify`: judges a script offline, without daemon or cluster.
#pragma once

#include <string>

#include "app/cli/client/operations.h"

namespace bdrmesh {

struct ClassifyOptions {
  std::string script;
  std::string tidb_version;
  std::string schema;  ///< for names without one; may be empty
  std::vector<std::string>
      tables;  ///< filter rules of the group; empty: every table counts as replicated
  bool roles = false;
  bool ansi_quotes = false;  ///< "x" is a name, as under sql_mode ANSI_QUOTES
};

/// Prints what each statement is and how the mesh would run it; as JSON one object a line, one line
/// a statement. A refused statement makes the answer `refused`.
/// @throws Error invalid `DDL_SYNTAX`, `BAD_VERSION`, `BAD_TABLE_RULE`.
ExitCode classify_script(const ClassifyOptions& options, OutputForm form, Terminal& terminal);

}  // namespace bdrmesh
