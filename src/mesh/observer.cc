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
  Watching known;
  while (!stop.stop_requested()) {
    const MonoTime begun = clock_.mono();
    const Call call{begun + options_.patience, stop};
    try {
      ClusterSeen seen = look(cluster, call, known);
      keep(std::move(seen), known);
      if (after_) after_(*latest(cluster), fresh_call(call));
    } catch (const Error& e) {
      if (e.kind() == ErrorKind::bug) throw;
    }
    if (!clock_.wait_until(begun + options_.tick, stop)) return;
  }
}

Call Observer::fresh_call(const Call& call) const {
  return {clock_.mono() + options_.patience, call.stop, call.observer};
}

ClusterSeen Observer::look(const ClusterName& cluster, const Call& call, Watching& known) {
  ClusterSeen seen;
  seen.name = cluster;
  look_at_tidb(seen, call, known);
  // A tidb-server that hangs must not use up the time of TiCDC.
  look_at_ticdc(seen, fresh_call(call), known);
  seen.at = clock_.now();
  return seen;
}

void Observer::look_at_tidb(ClusterSeen& seen, const Call& call, Watching& known) {
  TidbCluster& tidb = world_.tidb(seen.name);
  ask(seen.error, [&] { seen.gate = look_at_gate(tidb, clock_, options_.patience / 2, call); });
  if (seen.error.empty() && seen.gate.servers.empty())
    seen.error = "TIDB_UNREACHABLE: no tidb-server is known";
  if (!seen.error.empty()) return;
  ask(seen.error, [&] {
    if (known.release.empty())
      known.release = tidb.release_version(seen.gate.servers.front().server, call);
  });
  seen.release = known.release;
  ask(seen.error, [&] { seen.source_id = tidb.source_id(call); });
  ask(seen.error, [&] { seen.role = role_word(tidb.bdr_role(call)); });
  ask(seen.error, [&] { seen.token = tidb.token(call); });
  ask(seen.error, [&] {
    const WallTime before = clock_.now();
    seen.now = tidb.current_tso(call);
    // The TSO was taken somewhere between the two.
    seen.clock_ahead = seen.now->time() - (before + (clock_.now() - before) / 2);
  });
}

void Observer::look_at_ticdc(ClusterSeen& seen, const Call& call, Watching& known) {
  TicdcClient& ticdc = world_.ticdc(seen.name);
  std::shared_ptr<const FeedSheet> fresh;
  std::string trouble;
  ask(trouble, [&] { fresh = feeds_.look(seen.name, clock_.mono() - options_.tick / 2, call); });
  const bool due = !known.seldom_due || clock_.mono() >= *known.seldom_due || known.unhealthy_since;
  if (fresh && (due || !known.ticdc.trouble.empty())) {
    known.seldom_due = clock_.mono() + options_.seldom;
    ask(trouble, [&] {
      known.ticdc.version = ticdc.server(call).version;
      note_health(ticdc.healthy(call), known);
      known.ticdc.traits = ticdc.traits(call);
    });
    std::string ignored;  // PD is told by the doctor; here its id only sharpens a comparison
    ask(ignored, [&] { known.pd_cluster_id = world_.pd(seen.name).cluster_id(call); });
  }
  seen.feeds = fresh ? known.feeds.saw(*fresh, clock_.now()) : known.feeds.missed(clock_.now());
  known.ticdc.trouble = trouble;
  // While an owner changes nobody answers, and nothing is wrong.
  known.ticdc.error = seen.feeds ? "" : trouble;
  if (!seen.feeds) known.ticdc.healthy = false;
  if (fresh) read_details(seen, *fresh, call, known);
  seen.ticdc = known.ticdc;
  seen.details = known.details;
  seen.pd_cluster_id = known.pd_cluster_id;
}

/// It says so for a moment at every change of the owner (measured §2 B).
void Observer::note_health(bool healthy, Watching& known) const {
  static constexpr Millis kPasses{10000};
  const bool was_healthy = known.ticdc.healthy;
  if (healthy) {
    known.unhealthy_since.reset();
  } else if (!known.unhealthy_since) {
    known.unhealthy_since = clock_.mono();
  }
  known.ticdc.healthy =
      healthy || (was_healthy && clock_.mono() - *known.unhealthy_since < kPasses);
}

void Observer::read_details(const ClusterSeen& seen, const FeedSheet& fresh, const Call& call,
                            Watching& known) {
  // Longer than the time in which a question about a newborn feed can kill TiCDC (measured §2 A1).
  static constexpr Millis kGrownUp{1000};
  const WallTime now = clock_.now();
  const auto gone = [&](const auto& one) { return !seen.feeds->feeds.contains(one.first); };
  std::erase_if(known.details, gone);
  std::erase_if(known.details_read, gone);
  std::size_t left = options_.details;
  for (const auto& [id, movement] : known.feeds.movements()) {
    if (left == 0) return;
    // By the list itself: what `seen` remembers of a feed hides that it was made anew under its
    // name.
    const auto listed = fresh.feeds.find(id);
    if (listed == fresh.feeds.end() || !listed->second.checkpoint.is_set()) continue;
    if (now - movement.first_seen < kGrownUp) continue;
    const auto read = known.details_read.find(id);
    const bool changed = read == known.details_read.end() || read->second <= movement.state_since;
    if (!changed && now - read->second < options_.reread) continue;
    --left;
    std::string ignored;  // tried again at the next look
    ask(ignored, [&, feed = id] {
      if (auto detail = world_.ticdc(seen.name).find(feed, call)) {
        known.details.insert_or_assign(feed, std::move(*detail));
        known.details_read[feed] = now;
      }
    });
  }
}

void Observer::keep(ClusterSeen seen, const Watching& known) {
  const std::scoped_lock lock(mutex_);
  if (seen.feeds) movements_[seen.name] = known.feeds.movements();
  const ClusterName name = seen.name;
  latest_[name] = std::make_shared<const ClusterSeen>(std::move(seen));
}

}  // namespace bdrmesh
