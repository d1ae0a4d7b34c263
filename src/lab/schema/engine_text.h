// A TiDB statement in the words of the engine: what only TiDB knows is left out or replaced, the
// rest stays byte for byte. Pure.
#pragma once

#include <string>

#include "lab/parse/statement.h"

namespace bdrmesh::lab {

/// Of DDL and account statements. What TiDB reads inside comments that the engine passes over is
/// brought out of them. An ALTER TABLE may be left without any clause, which the engine accepts.
std::string for_engine(const Statement& statement);

}  // namespace bdrmesh::lab
