// Judges all links and groups by what the observer saw last, once a second, and tells what changed.
// The views ask it for the same judgement. Thread-safe.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "mesh/chronicle.h"
#include "mesh/heartbeat.h"
#include "mesh/judge/feed_errors.h"
#include "mesh/judge/findings.h"
#include "mesh/judge/gc_budget.h"
#include "mesh/lag_book.h"
#include "mesh/link_book.h"
#include "mesh/membership.h"
#include "mesh/observer.h"

namespace bdrmesh {

/// All that is known of one link now.
struct LinkSeen {
  std::optional<FeedSummary> feed;  ///< the one in use: the highest incarnation on the list
  std::optional<Movement> movement;
  LinkVerdict verdict;
  std::optional<GcBudget> gc;
  std::optional<ErrorMeaning> error;
  BeatSeen beat;
  std::string silent;  ///< why no heartbeat goes out; empty: it does
};

class MeshWatch {
 public:
  struct Options {
    Millis tick{1000};
    Millis findings_every{1000};
  };
  /// Everything outlives this.
  struct Parts {
    const Desired& desired;
    const Observer& observer;
    const Heartbeats& heartbeats;
    const LinkBook& book;
    const Clock& clock;
    EventSink& events;
    LagBook* lags = nullptr;  ///< nullptr: nobody keeps how far behind links were
    /// What somebody else found wrong with a group; absent: nothing.
    std::function<std::vector<MeshFinding>(const GroupName&)> more{};
  };

  explicit MeshWatch(Parts parts, Options options);
  explicit MeshWatch(Parts parts) : MeshWatch(parts, Options{}) {}
  ~MeshWatch();
  MeshWatch(const MeshWatch&) = delete;
  MeshWatch& operator=(const MeshWatch&) = delete;

  void start();
  void stop();  ///< joins

  LinkSeen link(const GroupName& group, const Link& link) const;
  /// What was found wrong with the group last; empty before the first look.
  std::vector<MeshFinding> findings(const GroupName& group) const;

  /// Those that have left the group, as far as the newest looks tell.
  std::vector<EndedMembership> ended(const GroupSpec& group) const;

  /// The group of those that are members now; a pair with its primary of now first.
  GroupSpec now(const GroupSpec& group) const;

  /// An end of the link is in maintenance: what stands then is no news.
  bool is_quiet(const Link& link) const;

  /// One round, as the thread does it each tick. For tests too.
  void tell_changes();

 private:
  void tell_links(WallTime now);
  void keep_lags(WallTime now);
  void tell_clusters(WallTime now);
  void tell_findings(WallTime now);

  Parts parts_;
  Options options_;
  std::mutex telling_;  // guards chronicle_, lags_ and findings_due_
  Chronicle chronicle_;
  LagRecorder lags_;
  std::optional<MonoTime> findings_due_;
  mutable std::mutex mutex_;  // guards findings_
  std::map<GroupName, std::vector<MeshFinding>> findings_;
  std::jthread thread_;
};

/// The observer's looks as the judgement of groups takes them.
ClusterSight sight_of(const ClusterSeen& seen);

}  // namespace bdrmesh
