// What this daemon says of itself: whether it may still act, and where it only reads. Pure.
#pragma once

#include <string>

#include "app/daemon/backend.h"
#include "base/json.h"
#include "gate/token_keeper.h"

namespace bdrmesh {

struct ManagerInputs {
  ManagerIdentity we;
  int pid = 0;
  std::string version;
  std::string halted;  ///< why it stopped working on operations; empty: it has not
  Json clusters;       ///< their views
};

/// {"id","epoch","pid","version","state":"working|halted","why","read_only_on":[cluster]}
Json manager_view(const ManagerInputs& inputs);

/// Puts a halted daemon before everything else: nothing that it shows will be done.
void judge_manager(const Json& manager, Overall& overall);

}  // namespace bdrmesh
