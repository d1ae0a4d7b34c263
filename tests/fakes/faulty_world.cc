#include "fakes/faulty_world.h"

#include <algorithm>

#include "base/error.h"
#include "fakes/faulty_backup.h"
#include "fakes/faulty_pair.h"
#include "fakes/faulty_ports.h"

namespace bdrmesh::fakes {

struct FaultyWorld::Ports {
  FaultyTidb tidb;
  FaultyTicdc ticdc;
  FaultyPd pd;
  FaultyBackup backup;
  FaultyUsers users;
  FaultyReadPoint read_point;
};

FaultyWorld::FaultyWorld(World& inner, const Clock& clock, const std::vector<std::string>& clusters)
    : inner_(inner), clock_(clock) {
  for (const std::string& name : clusters) {
    const ClusterName cluster(name);
    ports_[name] = std::unique_ptr<Ports>(new Ports{
        FaultyTidb(*this, name, inner.tidb(cluster)),
        FaultyTicdc(*this, name, inner.ticdc(cluster)), FaultyPd(*this, name, inner.pd(cluster)),
        FaultyBackup(*this, name, inner.backup(cluster)),
        FaultyUsers(*this, name, inner.users(cluster)),
        FaultyReadPoint(*this, name, inner.read_point(cluster))});
  }
}

FaultyWorld::~FaultyWorld() = default;

FaultyWorld::Ports& FaultyWorld::ports(const ClusterName& cluster) const {
  const auto found = ports_.find(cluster.value());
  if (found == ports_.end())
    throw Error(ErrorKind::invalid, "UNKNOWN_CLUSTER", "no cluster " + cluster.value());
  return *found->second;
}

TidbCluster& FaultyWorld::tidb(const ClusterName& cluster) { return ports(cluster).tidb; }
TicdcClient& FaultyWorld::ticdc(const ClusterName& cluster) { return ports(cluster).ticdc; }
PdClient& FaultyWorld::pd(const ClusterName& cluster) { return ports(cluster).pd; }
BackupClient& FaultyWorld::backup(const ClusterName& cluster) { return ports(cluster).backup; }
UserKeeper& FaultyWorld::users(const ClusterName& cluster) { return ports(cluster).users; }
ReadPoint& FaultyWorld::read_point(const ClusterName& cluster) { return ports(cluster).read_point; }

void FaultyWorld::arm(const Fault& fault) {
  const std::lock_guard lock(mutex_);
  armed_.push_back({fault, 0});
}

void FaultyWorld::disarm() {
  const std::lock_guard lock(mutex_);
  armed_.clear();
}

int FaultyWorld::struck() const {
  const std::lock_guard lock(mutex_);
  return struck_;
}

std::vector<PortCall> FaultyWorld::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

Fault FaultyWorld::due(const PortCall& made) {
  const std::lock_guard lock(mutex_);
  calls_.push_back(made);
  Fault found;
  bool any = false;
  for (Armed& armed : armed_) {
    const Fault& fault = armed.fault;
    if ((!fault.method.empty() && fault.method != made.method) ||
        (!fault.cluster.empty() && fault.cluster != made.cluster))
      continue;
    ++armed.seen;
    const bool strikes =
        armed.seen >= fault.nth && (fault.from_then_on || armed.seen < fault.nth + fault.times);
    if (!strikes || any || clock_.mono() >= fault.until) continue;
    found = fault;
    any = true;
    ++struck_;
  }
  return found;
}

void FaultyWorld::arrive(const std::string& cluster) {
  std::vector<std::function<void()>> arriving;
  {
    const std::lock_guard lock(mutex_);
    for (auto one = under_way_.begin(); one != under_way_.end();) {
      if (one->cluster != cluster || --one->calls_left > 0) {
        ++one;
        continue;
      }
      arriving.push_back(std::move(one->act));
      one = under_way_.erase(one);
    }
  }
  for (const auto& act : arriving) {
    try {
      act();
    } catch (const Error&) {  // refused by the server; nobody listens any more
    }
  }
}

void FaultyWorld::pass(const PortCall& made, const Call& call, const std::function<void()>& act,
                       std::function<void()> late) {
  static constexpr Millis kConnectionBreaks{600000};
  const Fault fault = due(made);
  const std::string what = made.method + " of " + made.cluster;
  if (fault.before) fault.before();
  const ErrorKind lost = made.changes ? ErrorKind::ambiguous : ErrorKind::transient;
  const MonoTime patience = std::min(call.deadline, clock_.mono() + kConnectionBreaks);
  switch (fault.effect) {
    case Effect::transient:
      throw Error(ErrorKind::transient, "FAKE_UNREACHABLE", what + " failed on command");
    case Effect::refuse:
      throw Error(ErrorKind::precondition, "FAKE_REFUSED", what + " refused on command",
                  "give no such command");
    case Effect::crash_before:
      throw SimulatedCrash{};
    case Effect::stall:
      if (!clock_.wait_until(patience, call.stop))
        throw Error(ErrorKind::cancelled, "CANCELLED", what + " was stopped");
      throw Error(lost, "FAKE_TIMEOUT", what + " timed out on command");
    case Effect::arrive_late: {
      const std::lock_guard lock(mutex_);
      if (late) under_way_.push_back({made.cluster, fault.late_by, std::move(late)});
      throw Error(lost, "FAKE_TIMEOUT", what + " timed out on command and is under way");
    }
    case Effect::nothing:
    case Effect::lose_answer:
    case Effect::crash_after:
      act();
  }
  arrive(made.cluster);
  if (fault.after) fault.after();
  if (fault.effect == Effect::crash_after) throw SimulatedCrash{};
  if (fault.effect == Effect::lose_answer)
    throw Error(lost, "FAKE_ANSWER_LOST", what + ": the answer was lost on command");
}

}  // namespace bdrmesh::fakes
