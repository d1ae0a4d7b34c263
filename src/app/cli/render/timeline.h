// What happened in an operation, in the order of time: for reports after an incident. Pure.
#pragma once

#include <string>

#include "base/json.h"

namespace bdrmesh {

/// One line per moment: RFC 3339 UTC, seconds since it was asked for, what happened. `operation` as
/// GET /operations/{id} answers it.
std::string timeline(const Json& operation);

}  // namespace bdrmesh
