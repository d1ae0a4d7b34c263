// What MariaDB would accept and TiDB refuses: the lab refuses it too, so that nobody gets used to
// it. Pure. Recorded from a real server: tests/data/tidb/sql-dialect.tsv.
#pragma once

#include <optional>
#include <string>

#include "lab/parse/statement.h"

namespace bdrmesh::lab {

struct DialectRefusal {
  int code = 1064;
  std::string state = "42000";
  std::string message;
};

/// @param foreign_comment  the text holds /*M! */.
/// @param schema  the session's, for messages.
std::optional<DialectRefusal> refuse_by_dialect(const Statement& statement, bool foreign_comment,
                                                const std::string& schema);

}  // namespace bdrmesh::lab
