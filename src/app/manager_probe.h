// Whether a manager lives, asked at the addresses where it says that it answers. Blocks; no daemon,
// no state file.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"

namespace bdrmesh {

enum class ManagerLife {
  answers,  ///< it is there and looks after its gates itself
  perhaps,  ///< something listens and does not answer: hung, suspended, or cut off by the net
  absent,   ///< nobody listens there
  cannot_be_asked,  ///< it answers on its own machine only, or has not said where
};

/// Asks the manager at `url`. Blocks for `patience` at most.
ManagerLife probe_manager(const std::string& url, Millis patience);

/// What a token row says: `host address`, as `own_address` writes it. An address on another
/// machine's loopback cannot be asked from here.
ManagerLife probe_holder(const std::string& holder, Millis patience);

/// `host listen-address` of a manager on this machine.
std::string own_address(const std::string& listen);

/// The loudest of what several addresses say.
struct LifeSigns {
  ManagerLife life = ManagerLife::absent;
  std::string where;
};
LifeSigns signs_of_life(const std::string& url, const std::vector<std::string>& holders,
                        Millis patience);

}  // namespace bdrmesh
