#include "mesh/observer.h"

namespace bdrmesh {
namespace {

/// Runs one question; what it throws becomes the note of this look, and the look goes on.
template <class Question>
void ask(std::string& note, Question question) {
  try {
    question();
  } catch (const Error& e) {
    if (e.kind() == ErrorKind::cancelled) throw;
    if (note.empty()) note = e.code() + ": " + e.message();
  }
}

std::string role_word(const std::optional<BdrRole>& role) {
  if (!role) return "unknown";
  return *role == BdrRole::none ? "none" : std::string(to_string(*role));
}

}  // namespace

std::string ClusterSeen::gate_state() const {
  if (gate.closed_everywhere()) return "closed";
  if (gate.open_everywhere()) return "open";
  for (const ServerGate& server : gate.servers) {
    if (server.error.empty() && server.closed) return "closing";
  }
  return "unknown";
}

LinkVerdict judge_link(const ClusterSeen& origin, const std::optional<FeedSummary>& feed,
                       const std::optional<Movement>& movement, WallTime now) {
  static constexpr Millis kStuckAfter{15000};
  static constexpr Millis kSlowFrom{30000};
  if (!origin.feeds)
    return {"unknown", "TiCDC of " + origin.name.value() + ": " + origin.ticdc.error, std::nullopt};
  if (!feed) return {"missing", "no changefeed on the list", std::nullopt};
  if (feed->state == "failed")
    return {"failed", feed->error ? feed->error->code : "", std::nullopt};
  std::optional<Millis> lag;
  if (origin.now && feed->checkpoint.is_set()) lag = lag_between(feed->checkpoint, *origin.now);
  if (feed->state == "stopped" || feed->state == "finished") return {"stopped", "", lag};
  if (!movement) return {"unknown", "not watched long enough", lag};
  const Millis still = now - movement->since;
  if (still > kStuckAfter) return {"stuck", "checkpoint stands still", lag};
  if (lag && *lag > kSlowFrom) return {"slow", "", lag};
  return {"moving", feed->state == "normal" ? "" : feed->state, lag};
}

Observer::Observer(const Desired& desired, World& world, FeedBoard& feeds, const Clock& clock,
                   Options options)
    : desired_(desired), world_(world), feeds_(feeds), clock_(clock), options_(options) {}

Observer::~Observer() { stop(); }

void Observer::start() {
  for (const ClusterSpec& cluster : desired_.clusters) {
    threads_.emplace_back(
        [this, name = cluster.name](const std::stop_token& stop) { watch(name, stop); });
  }
}

void Observer::stop() {
  for (std::jthread& thread : threads_) thread.request_stop();
  threads_.clear();
}

std::shared_ptr<const ClusterSeen> Observer::latest(const ClusterName& cluster) const {
  const std::scoped_lock lock(mutex_);
  const auto found = latest_.find(cluster);
  return found == latest_.end() ? nullptr : found->second;
}

std::optional<Movement> Observer::movement(const ClusterName& cluster,
                                           const ChangefeedId& feed) const {
  const std::scoped_lock lock(mutex_);
  const auto of_cluster = movements_.find(cluster);
  if (of_cluster == movements_.end()) return std::nullopt;
  const auto found = of_cluster->second.find(feed);
  if (found == of_cluster->second.end()) return std::nullopt;
  return found->second;
}

void Observer::watch(const ClusterName& cluster, const std::stop_token& stop) {
  std::string release;
  while (!stop.stop_requested()) {
    const MonoTime begun = clock_.mono();
    try {
      ClusterSeen seen = look(cluster, Call{begun + options_.patience, stop}, release);
      if (!seen.release.empty()) release = seen.release;
      keep(cluster, std::move(seen));
    } catch (const Error& e) {
      if (e.kind() != ErrorKind::cancelled) throw;
    }
    if (!clock_.wait_until(begun + options_.tick, stop)) return;
  }
}

ClusterSeen Observer::look(const ClusterName& cluster, const Call& call,
                           const std::string& known_release) {
  TidbCluster& tidb = world_.tidb(cluster);
  ClusterSeen seen;
  seen.name = cluster;
  ask(seen.error, [&] { seen.gate = look_at_gate(tidb, clock_, options_.patience / 2, call); });
  if (seen.error.empty() && seen.gate.servers.empty())
    seen.error = "TIDB_UNREACHABLE: no tidb-server is known";
  if (seen.error.empty()) {
    ask(seen.error, [&] {
      seen.release = known_release.empty()
                         ? tidb.release_version(seen.gate.servers.front().server, call)
                         : known_release;
    });
    ask(seen.error, [&] { seen.source_id = tidb.source_id(call); });
    ask(seen.error, [&] { seen.role = role_word(tidb.bdr_role(call)); });
    ask(seen.error, [&] { seen.token = tidb.token(call); });
    ask(seen.error, [&] { seen.now = tidb.current_tso(call); });
  }
  TicdcClient& ticdc = world_.ticdc(cluster);
  ask(seen.ticdc.error,
      [&] { seen.feeds = feeds_.look(cluster, clock_.mono() - options_.tick / 2, call); });
  ask(seen.ticdc.error, [&] {
    seen.ticdc.version = ticdc.server(call).version;
    seen.ticdc.healthy = ticdc.healthy(call);
  });
  seen.at = clock_.now();
  return seen;
}

void Observer::keep(const ClusterName& cluster, ClusterSeen seen) {
  const std::scoped_lock lock(mutex_);
  if (seen.feeds) {
    std::map<ChangefeedId, Movement> moved;
    const auto& before = movements_[cluster];
    for (const auto& [id, feed] : seen.feeds->feeds) {
      const auto known = before.find(id);
      const bool still = known != before.end() && known->second.checkpoint == feed.checkpoint;
      moved[id] = still ? known->second : Movement{feed.checkpoint, seen.at};
    }
    movements_[cluster] = std::move(moved);
  }
  latest_[cluster] = std::make_shared<const ClusterSeen>(std::move(seen));
}

}  // namespace bdrmesh
