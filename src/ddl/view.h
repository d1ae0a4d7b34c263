// How a classified statement is shown to pipelines: one JSON object, the same offline, in plans and
// in the API. Pure.
#pragma once

#include "base/json.h"
#include "ddl/statement.h"

namespace bdrmesh::ddl {

/// `statement`, `kind`, `tables`, `class`, `reorganises`, `idempotent`, `strategy`, `reason`, in
/// words of `to_string`. `tables` holds `schema.table`, and `schema.*` for a database that is
/// itself created, changed or dropped.
Json to_json(const Statement& statement);

}  // namespace bdrmesh::ddl
