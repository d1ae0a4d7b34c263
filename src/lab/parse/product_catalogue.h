// What the product may say to a tidb-server: the lab's own list, so that nothing reaches a real
// cluster that nobody has thought about (lab-probe §3.5, risk 2). Whose sessions are held to it is
// decided elsewhere. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lab/parse/statement.h"

namespace bdrmesh::lab {

/// The allowed statements. `?` stands for any literal, `` `?` `` for any quoted name, `@@global.?`
/// for any variable; everything else is meant literally, but for case and white space.
const std::vector<std::string>& product_statements();
/// What the client library says by itself when it connects.
const std::vector<std::string>& driver_statements();

/// True for a statement of either list, and for DDL that is the product's by its origin: with its
/// tag comment in front, or on its own schema of rehearsal copies only.
bool is_in_product_catalogue(const Statement& statement);

/// True when `statement` has the form of `allowed`, an entry of a list above.
bool has_form(const Statement& statement, std::string_view allowed);

/// The statement with its literals, quoted names and variables replaced, for messages.
std::string normalised_form(const Statement& statement);

}  // namespace bdrmesh::lab
