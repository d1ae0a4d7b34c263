// Asks whoever sits at the terminal to type names once more before what they name is dropped.
#pragma once

#include <istream>
#include <string>
#include <vector>

#include "app/cli/render/terminal.h"
#include "base/json.h"

namespace bdrmesh {

/// @param evidence  of the refusal: {"names":[...]}; one line of `in` is read for each.
/// @throws Error precondition `NAME_NOT_TYPED` at the first line that is not that name.
std::vector<std::string> typed_names(const Json& evidence, Terminal& terminal, std::istream& in);

}  // namespace bdrmesh
