// A world of two clusters with the ports that flows want, wired as one process.
#pragma once

#include <gtest/gtest.h>

#include "fakes/fake_clock.h"
#include "fakes/fake_world.h"
#include "fakes/memory_link_book.h"
#include "flows/ports.h"
#include "unit/flows/snapshots.h"

namespace bdrmesh::flows {

struct FlowUnit : ::testing::Test {
  fakes::FakeClock clock;
  fakes::FakeWorld world{clock, {"east", "west"}};
  Desired desired = world.desired();
  TokenKeeper tokens{world, {"manager-1", 1}};
  ReadOnlyGate gate{world, tokens, clock};
  FeedBoard feeds{world, clock};
  fakes::MemoryLinkBook book;
  FlowPorts ports{desired, world, clock, tokens, gate, feeds, book};

  /// The group as a first apply leaves it.
  void bring_up() {
    world.build_mesh();
    const GroupSpec& group = desired.groups.front();
    for (const ClusterName& name : group.members) tokens.claim(name, {});
    for (const Link& link : group.links()) {
      book.put({group.name, link, 1, changefeed_id(group.name, link, 1), Tso(1), Tso(1),
                std::nullopt, false});
    }
  }
};

}  // namespace bdrmesh::flows
