// All faults there are, by name. Pure: knows words, touches nothing.
#pragma once

#include "base/json.h"
#include "lab/fault/fault.h"

namespace bdrmesh::lab::fault {

/// In the order in which they are listed.
std::vector<const Fault*> all_faults();

/// @throws Error invalid `BAD_FAULT` when there is no such fault.
const Fault& find_fault(std::string_view name);

/// Throws as order() would for words that cannot be understood; does nothing else. `heal` and
/// `list` are understood too.
void check_words(const Words& words, const Names& names);

/// What may be typed after `words`: names of faults, then what their usage says.
std::vector<std::string> completions(const Words& words, const Names& names);

/// Objects with `name`, `usage`, `effect` and `loses_rows`.
Json catalogue_json();
std::string catalogue_text();

}  // namespace bdrmesh::lab::fault
