// How a lab's TiCDC is set up. Values.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "lab/owner/owner.h"
#include "lab/ticdc/owner_election.h"

namespace bdrmesh::lab {

struct TicdcOptions {
  std::size_t nodes = 2;
  OwnerTimes owner;
  Millis sample_every{100};
  /// The measured windows of an owner change are this many times as long.
  double pace = 0.15;
  /// Instead of the family's measured windows at `pace`.
  std::optional<ElectionTimes> election;
  /// client-allowed-user: whom changing calls ask for (ticdc-api §1.2); empty: nobody.
  std::vector<std::string> client_users;
};

}  // namespace bdrmesh::lab
