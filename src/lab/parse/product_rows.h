// How the product reads and repairs rows for verification: texts made for each table, so that no
// list can hold them; recognised by their tag and held to a form. Pure.
#pragma once

#include "lab/parse/statement.h"

namespace bdrmesh::lab {

/// A SELECT over one table with the tag of verification in front, that calls only functions which
/// every version pushes down to the store (tidb-sql §7.3); it may lock what it reads.
bool is_row_reading(const Statement& statement);

/// An INSERT, UPDATE or DELETE of one table with the tag of repair in front, of literals only.
bool is_row_repair(const Statement& statement);

}  // namespace bdrmesh::lab
