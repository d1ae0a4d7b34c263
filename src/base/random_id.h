// Random identifiers: nonces of markers, ids of operations and tokens.
#pragma once

#include <cstddef>
#include <string>

namespace bdrmesh {

/// `length` lower-case characters of [a-z0-9] from the system's random source. Thread-safe.
std::string random_id(std::size_t length);

}  // namespace bdrmesh
