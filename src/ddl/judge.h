// Applies the rules of the mesh to a parsed statement. Internal to ddl/. Pure.
#pragma once

#include <string_view>

#include "ddl/classify.h"
#include "ddl/parsed.h"

namespace bdrmesh::ddl {

/// @param parsed  must not be empty of clauses; refused clauses, the filter and the schemas decide
/// last.
Statement judge(std::string_view script, const StatementTokens& tokens, const Parsed& parsed,
                const Context& context);

}  // namespace bdrmesh::ddl
