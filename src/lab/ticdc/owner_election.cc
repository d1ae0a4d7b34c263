#include "lab/ticdc/owner_election.h"

#include <algorithm>

namespace bdrmesh::lab {

namespace {

Millis scaled(Millis duration, double pace) {
  return Millis{static_cast<Millis::rep>(static_cast<double>(duration.count()) * pace)};
}

}  // namespace

ElectionTimes ElectionTimes::measured(TicdcFamily family) {
  ElectionTimes times;
  if (family == TicdcFamily::classic) return times;
  times.not_ready = Millis{0};
  times.takeover = Millis{9800};
  times.alone = Millis{5800};
  times.vacant = Millis{30};
  times.fresh = Millis{0};
  times.initialising = Millis{5000};
  return times;
}

ElectionTimes ElectionTimes::at_pace(double pace) const {
  ElectionTimes times;
  times.not_ready = scaled(not_ready, pace);
  times.takeover = scaled(takeover, pace);
  times.alone = scaled(alone, pace);
  times.vacant = scaled(vacant, pace);
  times.fresh = scaled(fresh, pace);
  times.initialising = scaled(initialising, pace);
  times.restart_after_crash = scaled(restart_after_crash, pace);
  return times;
}

void OwnerElection::begin() {
  for (Process& process : nodes_) process = {true, false, MonoTime::min(), {}};
  enter(0, MonoTime::min(), false);
}

void OwnerElection::started(std::size_t node, MonoTime now) {
  nodes_.at(node) = {true, false, now, {}};
}

void OwnerElection::died(std::size_t node, MonoTime now) {
  const bool was_hung = nodes_.at(node).hung;
  nodes_[node].running = false;
  nodes_[node].hung = false;
  nodes_[node].since = now;
  if (named_ != node || named_is_gone_) return;
  named_is_gone_ = true;
  gone_since_ = was_hung ? nodes_[node].hung_since : now;
}

void OwnerElection::hung(std::size_t node, MonoTime now) {
  if (!nodes_.at(node).running || nodes_[node].hung) return;
  nodes_[node].hung = true;
  nodes_[node].hung_since = now;
}

void OwnerElection::woke(std::size_t node) { nodes_.at(node).hung = false; }

void OwnerElection::resign(MonoTime now) {
  if (owner()) vacant_until_ = now + times_.vacant;
}

std::optional<std::size_t> OwnerElection::owner() const {
  if (!named_ || named_is_gone_ || vacant_until_) return std::nullopt;
  return named_;
}

bool OwnerElection::is_member(std::size_t node, MonoTime now) const {
  const Process& process = nodes_.at(node);
  if (process.hung) return now < process.hung_since + times_.takeover;
  return process.running || (process.since != MonoTime{} && now < process.since + times_.takeover);
}

/// When `node` could be in office instead of the one that etcd names.
std::optional<MonoTime> OwnerElection::takes_over_at(std::size_t node) const {
  if (!is_well(node)) return std::nullopt;
  const bool hangs = named_ && !named_is_gone_ && nodes_[*named_].hung;
  if (!named_is_gone_ && !hangs) return std::nullopt;
  const MonoTime gone = named_is_gone_ ? gone_since_ : nodes_[*named_].hung_since;
  if (nodes_[node].since < gone) return gone + times_.takeover;
  // Its process is younger: the lease of the dead one must end, and it must itself be ready.
  return std::max(gone + times_.alone, nodes_[node].since + 2 * times_.not_ready);
}

/// Who follows a resigning owner: another node that lives, else itself.
std::optional<std::size_t> OwnerElection::successor() const {
  for (std::size_t step = 1; step <= nodes_.size(); ++step) {
    const std::size_t node = (*named_ + step) % nodes_.size();
    if (is_well(node)) return node;
  }
  return std::nullopt;
}

std::optional<std::size_t> OwnerElection::advance(MonoTime now) {
  if (vacant_until_) {
    if (now < *vacant_until_) return std::nullopt;
    const auto next = successor();
    if (next) enter(*next, now, false);
    return next;
  }
  std::optional<std::size_t> best;
  for (std::size_t node = 0; node < nodes_.size(); ++node) {
    const auto at = takes_over_at(node);
    if (!at || now < *at) continue;
    if (!best || *at < *takes_over_at(*best)) best = node;
  }
  if (best) enter(*best, now, true);
  return best;
}

void OwnerElection::enter(std::size_t node, MonoTime now, bool after_death) {
  named_ = node;
  named_is_gone_ = false;
  vacant_until_.reset();
  entered_ = now;
  entered_after_death_ = after_death;
}

OwnerElection::Route OwnerElection::route(std::size_t node, MonoTime now) const {
  const Process& self = nodes_.at(node);
  if (self.since != MonoTime::min() && now < self.since + times_.not_ready) {
    return {Way::not_ready, node};
  }
  if (vacant_until_ || !named_) return {Way::vacant, node};
  const std::size_t named = *named_;
  // A new process at a dead owner's address waits for the old one's lease to end.
  if (named_is_gone_ && times_.not_ready.count() > 0 && nodes_[named].running) {
    return {Way::hang, named};
  }
  if (named_is_gone_) return {Way::dead, named};
  if (nodes_[named].hung) return {Way::hang, named};
  if (named != node) return {Way::forward, named};
  if (entered_ == MonoTime::min()) return {Way::serve, node};
  if (now < entered_ + times_.fresh) return {Way::fresh, node};
  if (entered_after_death_ && now < entered_ + times_.initialising)
    return {Way::initialising, node};
  return {Way::serve, node};
}

}  // namespace bdrmesh::lab
