#include "mesh/mesh_watch.h"

#include <algorithm>
#include <iterator>

#include "mesh/judge/span_words.h"
#include "mesh/pair_note.h"
#include "model/version.h"

namespace bdrmesh {
namespace {

/// Whoever answers within this was not away.
constexpr Millis kAwayFor{10000};
/// Lags and fences are told within one cluster's time, so only a real offset is worth a word.
constexpr Millis kClockSlack{2000};

std::optional<FeedSummary> feed_in_use(const ClusterSeen& origin, const GroupName& group,
                                       const Link& link) {
  std::optional<FeedSummary> found;
  int highest = 0;
  if (!origin.feeds) return found;
  for (const auto& [id, feed] : origin.feeds->feeds) {
    const int number = incarnation_of(id, group, link);
    if (number <= highest) continue;
    highest = number;
    found = feed;
  }
  return found;
}

std::string silent_servers(const ClusterSeen& seen) {
  std::string names;
  for (const ServerGate& server : seen.gate.servers) {
    if (server.error.empty()) continue;
    names += (names.empty() ? "" : ", ") + server.server.value();
  }
  return names.empty() ? "" : names + " does not answer";
}

std::string clock_words(const ClusterSeen& seen) {
  if (!seen.clock_ahead) return {};
  const Millis off = *seen.clock_ahead < Millis{0} ? -*seen.clock_ahead : *seen.clock_ahead;
  if (off <= kClockSlack) return {};
  return "its PD is " + in_words(off) +
         (*seen.clock_ahead < Millis{0} ? " behind us" : " ahead of us") + ": let NTP set both";
}

/// Somebody works on it and said so: what stands then is no news. The note is that of
/// `maintenance start`.
bool in_maintenance(const ClusterSeen* seen) {
  if (seen == nullptr || !seen->token || !seen->token->remembered.is_object()) return false;
  const auto note = seen->token->remembered.find("maintenance");
  return note != seen->token->remembered.end() && note->is_object();
}

}  // namespace

ClusterSight sight_of(const ClusterSeen& seen) {
  static constexpr Version kFirstWithRoles{7, 6, 0};
  ClusterSight sight;
  sight.name = seen.name;
  sight.role = seen.role;
  const auto version = parse_version(seen.release);
  sight.role_supported = !version || *version >= kFirstWithRoles;
  sight.source_id = seen.source_id;
  sight.pd_cluster_id = seen.pd_cluster_id;
  sight.feeds_known = seen.feeds != nullptr;
  if (!seen.feeds) return sight;
  for (const auto& [id, feed] : seen.feeds->feeds) {
    const auto detail = seen.details.find(id);
    sight.feeds.push_back(
        {feed, detail == seen.details.end() ? std::nullopt : std::optional(detail->second)});
  }
  return sight;
}

MeshWatch::MeshWatch(Parts parts, Options options)
    : parts_(parts), options_(options), chronicle_(parts.events) {}

MeshWatch::~MeshWatch() { stop(); }

void MeshWatch::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const MonoTime begun = parts_.clock.mono();
      tell_changes();
      if (!parts_.clock.wait_until(begun + options_.tick, stop)) return;
    }
  });
}

void MeshWatch::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

LinkSeen MeshWatch::link(const GroupName& group, const Link& link) const {
  LinkSeen seen;
  seen.beat = parts_.heartbeats.seen_of(group, link);
  seen.silent = parts_.heartbeats.silent_because(link.from);
  const auto origin = parts_.observer.latest(link.from);
  if (!origin) {
    seen.verdict = {"unknown", "not asked yet", std::nullopt};
    return seen;
  }
  const WallTime now = parts_.clock.now();
  seen.feed = feed_in_use(*origin, group, link);
  if (seen.feed) {
    seen.movement = parts_.observer.movement(link.from, seen.feed->id);
    seen.gc = gc_budget(*seen.feed, origin->now, origin->ticdc.version, origin->ticdc.traits, now);
    if (seen.feed->error) seen.error = meaning_of(*seen.feed->error);
  }
  seen.verdict = judge_link(*origin, seen.feed, seen.movement, now, seen.beat);
  return seen;
}

std::vector<MeshFinding> MeshWatch::findings(const GroupName& group) const {
  const std::scoped_lock lock(mutex_);
  const auto found = findings_.find(group);
  return found == findings_.end() ? std::vector<MeshFinding>{} : found->second;
}

std::vector<EndedMembership> MeshWatch::ended(const GroupSpec& group) const {
  std::vector<TokenRow> rows;
  for (const ClusterName& member : group.members) {
    const auto seen = parts_.observer.latest(member);
    if (seen && seen->token) rows.push_back(*seen->token);
  }
  return ended_of(group, rows);
}

GroupSpec MeshWatch::now(const GroupSpec& group) const {
  std::vector<TokenRow> rows;
  for (const ClusterName& member : group.members) {
    const auto seen = parts_.observer.latest(member);
    if (seen && seen->token) rows.push_back(*seen->token);
  }
  return as_it_stands(without_ended(group, ended_of(group, rows)), rows);
}

void MeshWatch::tell_changes() {
  const std::scoped_lock lock(telling_);
  const WallTime now = parts_.clock.now();
  tell_links(now);
  keep_lags(now);
  tell_clusters(now);
  if (findings_due_ && parts_.clock.mono() < *findings_due_) return;
  findings_due_ = parts_.clock.mono() + options_.findings_every;
  tell_findings(now);
}

bool MeshWatch::is_quiet(const Link& link) const {
  return in_maintenance(parts_.observer.latest(link.from).get()) ||
         in_maintenance(parts_.observer.latest(link.to).get());
}

void MeshWatch::tell_links(WallTime now) {
  for (const GroupSpec& group : parts_.desired.groups) {
    const std::vector<Link> links = this->now(group).links();
    std::vector<LinkSeen> seen;
    for (const Link& one : links) seen.push_back(link(group.name, one));
    // A group that was never brought up misses all of them: no news.
    const bool any =
        std::ranges::any_of(seen, [](const LinkSeen& one) { return one.feed.has_value(); });
    for (std::size_t i = 0; i < links.size(); ++i) {
      if (!any && seen[i].verdict.word == "missing") continue;
      lags_.sample(group.name, links[i], seen[i].verdict, now);
      // The end of its history is told all the same.
      if (seen[i].gc) chronicle_.budget(group.name, links[i], *seen[i].gc, now);
      if (is_quiet(links[i]) && seen[i].verdict.word != "failed") continue;
      chronicle_.link(group.name, links[i], seen[i].verdict, now);
    }
  }
}

void MeshWatch::keep_lags(WallTime now) {
  const std::vector<LagMinute> minutes = lags_.take_ended(now);
  if (parts_.lags != nullptr && !minutes.empty()) parts_.lags->add(minutes);
}

void MeshWatch::tell_clusters(WallTime now) {
  for (const ClusterSpec& spec : parts_.desired.clusters) {
    const auto seen = parts_.observer.latest(spec.name);
    if (!seen) continue;
    if (seen->error.empty()) {
      chronicle_.property(spec.name, "BDR role", seen->role.value_or(""), "info", now);
      chronicle_.property(spec.name, "tidb_source_id",
                          seen->source_id ? std::to_string(*seen->source_id) : "", "warning", now);
      chronicle_.property(spec.name, "release of TiDB", seen->release, "info", now);
      const std::string holder =
          seen->token ? seen->token->manager + ", epoch " + std::to_string(seen->token->epoch) : "";
      chronicle_.property(spec.name, "manager", holder, "warning", now);
    }
    chronicle_.property(spec.name, "version of TiCDC", seen->ticdc.version, "info", now);
    if (in_maintenance(seen.get())) continue;
    chronicle_.condition(spec.name, "TiDB cannot be asked", seen->error, kAwayFor, now);
    chronicle_.condition(spec.name, "tidb-server away",
                         seen->error.empty() ? silent_servers(*seen) : "", kAwayFor, now);
    chronicle_.condition(spec.name, "TiCDC does not answer", seen->ticdc.error, Millis{0}, now);
    chronicle_.condition(spec.name, "clock offset", clock_words(*seen), kAwayFor, now);
  }
}

void MeshWatch::tell_findings(WallTime now) {
  std::vector<ClusterSight> sights;
  bool whole = true;
  for (const ClusterSpec& spec : parts_.desired.clusters) {
    const auto seen = parts_.observer.latest(spec.name);
    whole = whole && seen && seen->error.empty() && seen->feeds;
    if (seen) sights.push_back(sight_of(*seen));
  }
  for (const GroupSpec& group : parts_.desired.groups) {
    const std::vector<EndedMembership> gone = ended(group);
    auto all = mesh_findings(parts_.desired, this->now(group), sights,
                             parts_.book.incarnations(group.name));
    std::ranges::copy(membership_findings(group, gone), std::back_inserter(all));
    std::ranges::copy(pair_findings(group, this->now(group)), std::back_inserter(all));
    if (parts_.more) std::ranges::copy(parts_.more(group.name), std::back_inserter(all));
    // What a silent cluster hides is not over.
    if (whole) chronicle_.findings(group.name, all, now);
    const std::scoped_lock lock(mutex_);
    findings_[group.name] = std::move(all);
  }
}

}  // namespace bdrmesh
