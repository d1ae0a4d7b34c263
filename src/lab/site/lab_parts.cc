// Lab: killing, suspending and starting of parts. A region is all parts of a cluster.
#include "lab/site/lab.h"
#include "lab/site/lab_node.h"

namespace bdrmesh::lab::site {
namespace {

using Kind = Part::Kind;

/// Calls `act(index)` for the one that is meant, or for all `count`.
template <class Act>
void each(const Part& part, std::size_t count, const Act& act) {
  for (std::size_t i = 0; i < count; ++i) {
    if (!part.index || *part.index == i) act(i);
  }
}

bool means(const Part& part, Kind kind) { return part.kind == kind || part.kind == Kind::region; }

}  // namespace

void Lab::kill(const std::string& cluster, Part part) {
  Node& target = node(cluster);
  if (means(part, Kind::tidb_server)) {
    each(part, ClusterState::kServers, [&](std::size_t i) { target.cluster.front_end(i).kill(); });
  }
  if (means(part, Kind::ticdc)) {
    each(part, target.ticdc.size(), [&](std::size_t i) { target.ticdc.kill(i); });
  }
  if (means(part, Kind::pd)) target.cluster.pd().stop();
  if (means(part, Kind::mariadb)) target.cluster.engine().stop();
}

void Lab::suspend(const std::string& cluster, Part part) {
  Node& target = node(cluster);
  if (means(part, Kind::tidb_server)) {
    each(part, ClusterState::kServers,
         [&](std::size_t i) { target.cluster.front_end(i).suspend(); });
  }
  if (means(part, Kind::ticdc)) {
    each(part, target.ticdc.size(), [&](std::size_t i) { target.ticdc.suspend(i); });
  }
  if (means(part, Kind::pd)) target.cluster.pd().suspend(true);
  if (means(part, Kind::mariadb)) target.cluster.engine().suspend();
}

void Lab::resume(const std::string& cluster, Part part) {
  Node& target = node(cluster);
  if (means(part, Kind::mariadb)) target.cluster.engine().resume();
  if (means(part, Kind::pd)) target.cluster.pd().suspend(false);
  if (means(part, Kind::tidb_server)) {
    each(part, ClusterState::kServers,
         [&](std::size_t i) { target.cluster.front_end(i).resume(); });
  }
  if (means(part, Kind::ticdc)) {
    each(part, target.ticdc.size(), [&](std::size_t i) { target.ticdc.unsuspend(i); });
  }
}

void Lab::restart(const std::string& cluster, Part part) {
  Node& target = node(cluster);
  // What the others stand on comes first.
  if (means(part, Kind::mariadb)) target.cluster.engine().restart();
  if (means(part, Kind::pd)) {
    target.cluster.pd().stop();
    target.cluster.pd().start();
  }
  if (means(part, Kind::tidb_server)) {
    each(part, ClusterState::kServers, [&](std::size_t i) {
      target.cluster.front_end(i).kill();
      target.cluster.front_end(i).start();
    });
  }
  if (means(part, Kind::ticdc)) {
    each(part, target.ticdc.size(), [&](std::size_t i) { target.ticdc.revive(i); });
  }
}

}  // namespace bdrmesh::lab::site
