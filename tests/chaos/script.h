// What happens in a chaos run and when: acts of a person, mishaps of the manager's own process and
// faults of the clusters. Pure: the same seed gives the same script.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"

namespace bdrmesh::chaos {

enum class Actor {
  person,  ///< asks the daemon for something
  daemon,  ///< something happens to the daemon's process
  lab,     ///< a fault of the lab
};
std::string_view to_string(Actor actor);

struct Act {
  Millis at{0};  ///< after the beginning
  Actor actor = Actor::person;
  std::vector<std::string> words;
  Millis lasts{0};  ///< of daemons that are away and of faults that can be undone
};

struct ScriptOptions {
  std::uint64_t seed = 0;
  Millis duration{30'000};
  std::vector<std::string> clusters;
  std::size_t tidb_servers = 2;
  std::size_t ticdc_nodes = 2;
};

/// In order of time; whatever lasts is over when `duration` is.
std::vector<Act> make_script(const ScriptOptions& options);

std::string describe(const Act& act);

}  // namespace bdrmesh::chaos
