// The death of the daemon in a test: no Error, so that nothing but the test's own runner of crashes
// swallows it.
#pragma once

namespace bdrmesh::fakes {

struct SimulatedCrash {};

}  // namespace bdrmesh::fakes
