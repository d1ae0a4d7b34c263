// A pair of primary and secondary as text for people. Pure.
#pragma once

#include <string>

#include "base/json.h"

namespace bdrmesh {

std::string render_pair(const Json& pair);
/// Only how the secondary is read.
std::string render_pair_reads(const Json& pair);

}  // namespace bdrmesh
