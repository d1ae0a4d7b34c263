#include "api/daemon_bench.h"

#include <thread>

namespace bdrmesh::testing_api {
namespace {

Desired with_primary(Desired desired) {
  desired.groups.front().ddl_primary = ClusterName("east");
  return desired;
}

}  // namespace

DaemonBench::DaemonBench(const Clock& hands, bool begun)
    : clock(hands),
      inner(clock, names),
      world(inner, clock, names),
      desired(with_primary(inner.desired())),
      tokens(world, {"manager-1", 1}),
      gate(world, tokens, clock),
      feeds(world, clock),
      book(*store),
      certificates(*store),
      coverage(*store),
      ports{desired, world, clock, tokens, gate, feeds, book, nullptr, &certificates, &coverage},
      registry(flows::make_step_registry(ports)),
      runner(*store, registry, clock),
      observer(desired, world, feeds, clock),
      heartbeats(desired, world, book, clock, {},
                 [this](const ClusterName& name) { return observer.latest(name); }),
      events(*store),
      watch({desired, observer, heartbeats, book, clock, events}),
      backend({desired, clock, *store, runner, observer, watch, ports}),
      router(backend) {
  if (!begun) return;
  inner.build_mesh();
  for (const ClusterSpec& cluster : desired.clusters) tokens.claim(cluster.name, {});
  const GroupSpec& group = desired.groups.front();
  for (const Link& link : group.links()) {
    const Tso start = inner.ticdc(link.from).list({}).front().checkpoint;
    book.put({group.name, link, 1, changefeed_id(group.name, link, 1), start, start, std::nullopt,
              false});
  }
  inner.set_roles("east");
}

DaemonBench::~DaemonBench() {
  backend.stop_asking();
  runner.stop();
  watch.stop();
  observer.stop();
}

void DaemonBench::start() {
  observer.start();
  watch.start();
  runner.start();
}

void DaemonBench::look_once() {
  observer.start();
  for (const std::string& name : names) {
    while (observer.latest(ClusterName(name)) == nullptr) std::this_thread::yield();
  }
}

}  // namespace bdrmesh::testing_api
