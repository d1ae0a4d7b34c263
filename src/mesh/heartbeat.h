// Heartbeats: a marker row on every member now and then, and whether it arrived at the others. An
// idle link whose sink is dead looks healthy for ever otherwise (design §2 rule 6, measured §3 9).
// Written only on clusters that this manager holds and whose gate is not closed. Thread-safe; a
// cluster's own calls come from one thread.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "clients/world.h"
#include "mesh/cluster_seen.h"
#include "mesh/judge/link_verdict.h"
#include "mesh/link_book.h"
#include "model/desired.h"

namespace bdrmesh {

/// The run under which heartbeats stand in the marker table: one row per origin, written over.
inline constexpr const char* kHeartbeatRun = "heartbeat";

class Heartbeats {
 public:
  struct Options {
    Millis every{15000};
    /// Proofs are written to the book at most so often per link; between, they are kept in memory.
    Millis book_every{60000};
    std::string manager;  ///< who we are on the token rows
    std::uint64_t epoch = 0;
  };
  using Latest = std::function<std::shared_ptr<const ClusterSeen>(const ClusterName&)>;

  /// `latest`: the newest look at a cluster, nullptr for none. Everything outlives this.
  Heartbeats(const Desired& desired, World& world, LinkBook& book, const Clock& clock,
             Options options, Latest latest);

  /// Writes the cluster's marker if it is due and may be written, and looks for the markers of
  /// others that should be there by now. What fails is tried at the next turn. Blocks until
  /// `call.deadline` at most. @throws Error cancelled.
  void turn(const ClusterSeen& seen, const Call& call);

  BeatSeen seen_of(const GroupName& group, const Link& link) const;
  /// Why no heartbeat goes out from this cluster now; empty: it does.
  std::string silent_because(const ClusterName& cluster) const;

 private:
  struct Beat {
    std::string nonce;
    Tso commit;
    WallTime at;
    std::set<ChangefeedId> feeds;  // those that ran when it was written: later ones begin after it
  };
  struct Awaited {
    GroupName group;
    Link link;
    ChangefeedId feed;
    Beat beat;
  };
  struct Proof {
    std::optional<WallTime> at;  // when the newest one that arrived was written
    std::optional<WallTime> lost_since;
    std::optional<WallTime> booked;
    std::string arrived;  // its nonce
  };

  std::string why_silent(const ClusterSeen& seen) const;
  void beat(const ClusterSeen& seen, const Call& call);
  void look_for_others(const ClusterName& target, const Call& call);
  std::vector<Awaited> awaited_at(const ClusterName& target) const;
  void arrived(const Awaited& one);
  void not_there(const Awaited& one);

  const Desired& desired_;
  World& world_;
  LinkBook& book_;
  const Clock& clock_;
  Options options_;
  Latest latest_;
  mutable std::mutex mutex_;  // guards what follows
  std::map<ClusterName, Beat> beats_;
  std::map<ClusterName, MonoTime> due_;
  std::map<ClusterName, std::string> silent_;
  std::map<std::pair<GroupName, Link>, Proof> proofs_;
};

}  // namespace bdrmesh
