// How the lab's status looks on a terminal. Pure.
#pragma once

#include <string>

#include "base/json.h"

namespace bdrmesh::lab::app {

/// @param status  the answer to the control command `status`
std::string status_table(const Json& status);

}  // namespace bdrmesh::lab::app
