// The daemon's backend over clusters in memory: real state, runner, observer and routes, on a clock
// of the test's choice.
#pragma once

#include <string>
#include <vector>

#include "api/router.h"
#include "app/daemon/backend.h"
#include "app/daemon/store_certificates.h"
#include "app/daemon/store_coverage.h"
#include "app/daemon/store_events.h"
#include "app/daemon/store_link_book.h"
#include "fakes/fake_world.h"
#include "fakes/faulty_world.h"
#include "flows/step_registry.h"
#include "mesh/heartbeat.h"

namespace bdrmesh::testing_api {

class DaemonBench {
 public:
  /// @param begun  the group is as a first `group apply` leaves it; `east` holds PRIMARY.
  explicit DaemonBench(const Clock& clock, bool begun = true);
  ~DaemonBench();
  DaemonBench(const DaemonBench&) = delete;
  DaemonBench& operator=(const DaemonBench&) = delete;

  /// Observer, watch and runner begin to work.
  void start();
  /// One look at every cluster, so that views know something. Blocks until it is there.
  void look_once();

  const Clock& clock;
  std::vector<std::string> names{"east", "west"};
  fakes::FakeWorld inner;
  fakes::FaultyWorld world;
  Desired desired;
  std::unique_ptr<StateStore> store = StateStore::in_memory();
  TokenKeeper tokens;
  ReadOnlyGate gate;
  FeedBoard feeds;
  StoreLinkBook book;
  StoreCertificates certificates;
  StoreCoverage coverage;
  flows::FlowPorts ports;
  StepRegistry registry;
  Runner runner;
  Observer observer;
  Heartbeats heartbeats;
  StoreEvents events;
  MeshWatch watch;
  DaemonBackend backend;
  Router router;
};

}  // namespace bdrmesh::testing_api
