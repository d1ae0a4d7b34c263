// What must hold when a chaos run is over: everything is healed, every operation ends, and the
// clusters are as the operations say.
#pragma once

#include <string>
#include <vector>

#include "chaos/arena.h"
#include "chaos/person.h"

namespace bdrmesh::chaos {

struct Verdict {
  std::vector<std::string> failures;
  int operations = 0;
  int succeeded = 0;
  int undone = 0;
  int resumed = 0;  ///< by a person, after it was blocked
};

/// Heals, waits and looks. Blocks for minutes at most.
Verdict judge(Arena& arena, const Person& person);

}  // namespace bdrmesh::chaos
