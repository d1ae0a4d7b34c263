// How the product writes BACKUP and RESTORE: tables by name, as many as there are, so that no list
// can hold them. Pure.
#pragma once

#include "lab/parse/statement.h"

namespace bdrmesh::lab {

/// `BACKUP TABLE … TO '…' [RATE_LIMIT = n MB/SECOND] SNAPSHOT = n`, `RESTORE TABLE … FROM '…'
/// [RATE_LIMIT = …]`; never of the marker schema.
bool is_product_backup(const Statement& statement);

}  // namespace bdrmesh::lab
