// Random identifiers of the form that Go's uuid package prints. Thread-safe.
#pragma once

#include <string>

namespace bdrmesh::lab {

/// A version 4 UUID from the system's random source.
std::string random_uuid();

}  // namespace bdrmesh::lab
