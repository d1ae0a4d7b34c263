#include "mesh/heartbeat.h"

#include <algorithm>

#include "base/random_id.h"

namespace bdrmesh {
namespace {

/// The feed of the link that carries rows now, if one does.
std::optional<FeedSummary> running_feed(const FeedSheet& sheet, const GroupName& group,
                                        const Link& link) {
  std::optional<FeedSummary> found;
  int highest = 0;
  for (const auto& [id, feed] : sheet.feeds) {
    const int number = incarnation_of(id, group, link);
    if (number <= highest) continue;
    highest = number;
    found = feed;
  }
  if (!found || found->state != "normal") return std::nullopt;
  return found;
}

}  // namespace

Heartbeats::Heartbeats(const Desired& desired, World& world, LinkBook& book, const Clock& clock,
                       Options options, Latest latest)
    : desired_(desired),
      world_(world),
      book_(book),
      clock_(clock),
      options_(std::move(options)),
      latest_(std::move(latest)) {}

std::string Heartbeats::why_silent(const ClusterSeen& seen) const {
  if (!seen.token) return "no token row: the cluster is not managed yet";
  if (seen.token->manager != options_.manager || seen.token->epoch > options_.epoch)
    return "another manager holds the cluster";
  // A server that does not answer is no closed gate.
  if (const std::string gate = seen.gate_state(); gate == "closed" || gate == "closing")
    return "its gate is " + gate;
  if (!seen.feeds) return "its TiCDC does not answer";
  for (const GroupSpec& group : desired_.groups) {
    for (const Link& link : full_mesh(group.members)) {
      if (link.from == seen.name && running_feed(*seen.feeds, group.name, link)) return {};
    }
  }
  return "no changefeed of ours runs from here";
}

void Heartbeats::beat(const ClusterSeen& seen, const Call& call) {
  std::string silent = why_silent(seen);
  {
    const std::scoped_lock lock(mutex_);
    if (const auto due = due_.find(seen.name); due != due_.end() && clock_.mono() < due->second)
      return;
    due_[seen.name] = clock_.mono() + options_.every;
  }
  if (silent.empty()) {
    try {
      const std::string nonce = random_id(20);
      const WallTime at = clock_.now();
      const WrittenMarker written =
          world_.tidb(seen.name).write_marker(kHeartbeatRun, seen.name, nonce, call);
      Beat beat{nonce, written.commit_ts, at, {}};
      for (const auto& [id, feed] : seen.feeds->feeds) {
        if (feed.state == "normal" && feed.checkpoint.is_set()) beat.feeds.insert(id);
      }
      const std::scoped_lock lock(mutex_);
      beats_[seen.name] = std::move(beat);
    } catch (const Error& e) {
      if (e.kind() == ErrorKind::cancelled) throw;
      silent = e.code() + ": " + e.message();
    }
  }
  const std::scoped_lock lock(mutex_);
  silent_[seen.name] = silent;
}

std::vector<Heartbeats::Awaited> Heartbeats::awaited_at(const ClusterName& target) const {
  std::vector<Awaited> all;
  for (const GroupSpec& group : desired_.groups) {
    for (const Link& link : full_mesh(group.members)) {
      if (link.to != target) continue;
      const auto origin = latest_(link.from);
      if (!origin || !origin->feeds) continue;
      const auto feed = running_feed(*origin->feeds, group.name, link);
      const std::scoped_lock lock(mutex_);
      const auto beat = beats_.find(link.from);
      if (!feed || beat == beats_.end() || feed->checkpoint <= beat->second.commit) continue;
      if (!beat->second.feeds.contains(feed->id)) continue;
      const auto proof = proofs_.find({group.name, link});
      if (proof != proofs_.end() && proof->second.arrived == beat->second.nonce) continue;
      all.push_back({group.name, link, feed->id, beat->second});
    }
  }
  return all;
}

void Heartbeats::arrived(const Awaited& one) {
  bool book = false;
  {
    const std::scoped_lock lock(mutex_);
    Proof& proof = proofs_[{one.group, one.link}];
    proof.at = one.beat.at;
    proof.lost_since.reset();
    proof.arrived = one.beat.nonce;
    book = !proof.booked || one.beat.at - *proof.booked >= options_.book_every;
    if (book) proof.booked = one.beat.at;
  }
  if (book) book_.proven(one.group, one.link, one.feed, one.beat.commit, one.beat.at);
}

void Heartbeats::not_there(const Awaited& one) {
  const WallTime now = clock_.now();
  const std::scoped_lock lock(mutex_);
  Proof& proof = proofs_[{one.group, one.link}];
  if (!proof.lost_since) proof.lost_since = now;
}

void Heartbeats::look_for_others(const ClusterName& target, const Call& call) {
  for (const Awaited& one : awaited_at(target)) {
    try {
      const auto nonce = world_.tidb(target).marker_nonce(kHeartbeatRun, one.link.from, call);
      if (nonce == one.beat.nonce) {
        arrived(one);
      } else {
        not_there(one);
      }
    } catch (const Error& e) {
      if (e.kind() == ErrorKind::cancelled) throw;
      return;  // the target does not answer: that is told of the cluster, and proves nothing here
    }
  }
}

void Heartbeats::turn(const ClusterSeen& seen, const Call& call) {
  if (options_.every <= Millis{0}) return;
  look_for_others(seen.name, call);
  beat(seen, call);
}

BeatSeen Heartbeats::seen_of(const GroupName& group, const Link& link) const {
  const std::scoped_lock lock(mutex_);
  const auto found = proofs_.find({group, link});
  if (found == proofs_.end()) return {};
  return {found->second.at, found->second.lost_since};
}

std::string Heartbeats::silent_because(const ClusterName& cluster) const {
  const std::scoped_lock lock(mutex_);
  const auto found = silent_.find(cluster);
  return found == silent_.end() ? "" : found->second;
}

}  // namespace bdrmesh
