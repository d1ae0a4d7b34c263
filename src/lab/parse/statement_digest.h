// The text of a statement's digest, as TiDB normalises it: `update `t` set `b` = ? where `a` = ?`
// (recorded: tests/data/tidb/real-9.0dev-tidb-trx-running.txt). Pure.
#pragma once

#include <string>

#include "lab/parse/statement.h"

namespace bdrmesh::lab {

/// Lower case, literals as `?` (several in a row as `...`), names in back-quotes, one blank between
/// tokens. Which words are keywords is known for common statements only.
std::string digest_text(const Statement& statement);

}  // namespace bdrmesh::lab
