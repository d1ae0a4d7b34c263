#include "flows/link/link_changes.h"

#include <algorithm>

#include "mesh/judge/feed_errors.h"

namespace bdrmesh::flows {
namespace {

ClusterSight look_at_cluster_feeds(const FlowPorts& ports, const ClusterName& name,
                                   const Call& call) {
  ClusterSight sight;
  sight.name = name;
  const auto sheet = ports.feeds.look(name, ports.clock.mono() - Millis{500}, call);
  sight.feeds_known = true;
  TicdcClient& ticdc = ports.world.ticdc(name);
  for (const auto& [id, feed] : sheet->feeds) {
    FeedSight one{feed, std::nullopt};
    if (feed.checkpoint.is_set()) one.detail = ticdc.find(id, call);
    sight.feeds.push_back(std::move(one));
  }
  sight.pd_cluster_id = ports.world.pd(name).cluster_id(call);
  return sight;
}

std::string joined(const std::vector<std::string>& all) {
  std::string text;
  for (const std::string& one : all) text += (text.empty() ? "" : ", ") + one;
  return text;
}

std::string redo_of(const Json& config) {
  const auto redo = config.find("consistent");
  if (redo == config.end() || !redo->is_object()) return "none";
  if (get_or<std::string>(*redo, "level", "none") != "eventual") return "none";
  return get_or<std::string>(*redo, "storage", "?");
}

std::string bdr_of(const Json& config) {
  const auto mode = config.find("bdr_mode");
  return mode != config.end() && mode->is_boolean() && mode->get<bool>() ? "on" : "off";
}

Change row(const LinkSnapshot& link, std::string property, std::string wanted, std::string seen) {
  const bool same = wanted == seen;
  return {"link " + to_string(link.link),
          std::move(property),
          std::move(wanted),
          std::move(seen),
          same ? "none" : "repair",
          ""};
}

Change state_row(const LinkSnapshot& link) {
  const std::string& state = link.feed->state;
  const bool runs = state == "normal" || state == "warning" || state == "pending" || state.empty();
  Change change = row(link, "state", "running", runs ? "running" : state);
  if (runs) return change;
  change.change = "resume";
  change.why = "somebody paused it, or it stopped at an error";
  if (state == "failed" && link.feed->error) {
    const ErrorMeaning meaning = meaning_of(*link.feed->error);
    change.why = meaning.meaning;
    if (meaning.area == "history" || !meaning.resume_helps) {
      change.change = "refused";
      change.why += "; " + meaning.remedy;
    }
  }
  return change;
}

bool is_among(const std::vector<std::string>& all, const std::string& one) {
  return std::ranges::find(all, one) != all.end();
}

std::vector<std::string> without(const std::vector<std::string>& all,
                                 const std::vector<std::string>& those) {
  std::vector<std::string> left;
  std::ranges::copy_if(all, std::back_inserter(left),
                       [&](const std::string& one) { return !is_among(those, one); });
  return left;
}

std::string quoted(const std::vector<std::string>& rules, const std::string& option = "") {
  std::string text;
  for (const std::string& rule : rules) text += " " + option + "'" + rule + "'";
  return text;
}

Change filter_row(const GroupSnapshot& snapshot, const LinkSnapshot& link,
                  const FeedDetail& detail) {
  Change change = row(link, "tables", joined(feed_rules(snapshot.group)), joined(rules_of(detail)));
  if (change.change == "none") return change;
  if (const auto rules = changed_rules(snapshot)) {
    change.change = "refused";
    change.why =
        "`tables` of the group was changed: rows of a table that enters were never compared, so "
        "this is an operation of its own: " +
        command_for(snapshot, *rules) + "; or set `tables` back";
  } else if (snapshot.group.kind == GroupKind::primary_secondary) {
    change.change = "refused";
    change.why = "rows of a table that enters were never copied to " + link.link.to.value() +
                 ": set `tables` back; if somebody changed this feed's filter instead: bdrmesh "
                 "link repair " +
                 snapshot.group.name.value() + " " + link.link.from.value() + " " +
                 link.link.to.value() + " --replace, and verify rows afterwards";
  } else {
    change.why =
        "somebody changed this feed's filter; rows that it left out meanwhile are missing on " +
        link.link.to.value() + " until rows are verified";
  }
  return change;
}

Change upstream_row(const LinkSnapshot& link, std::uint64_t pd, const FeedDetail& detail) {
  Change change = row(link, "upstream cluster", std::to_string(pd),
                      detail.upstream_id == 0 ? "not told" : std::to_string(detail.upstream_id));
  if (detail.upstream_id == 0) change.change = "none";
  if (change.change != "none") {
    change.change = "refused";
    change.why = "this TiCDC reads another cluster: check `ticdc` and `pd` of [[cluster]] " +
                 link.link.from.value();
  }
  return change;
}

bool has_row_of_its_own(const std::string& property) {
  return property == "bdr_mode" || property == "filter.rules" || property == "sink user" ||
         property == "sink address" || property == "upstream cluster" ||
         property == "consistent.storage" || property == "consistent.level";
}

void add_rest(const Desired& desired, const GroupSnapshot& snapshot, const LinkSnapshot& link,
              const FeedDetail& detail, std::vector<Change>& out) {
  for (const FeedDifference& one :
       link_differences(desired, snapshot.group, link.link, detail, 0)) {
    if (!has_row_of_its_own(one.property))
      out.push_back(row(link, one.property, one.wanted, one.seen));
  }
}

const ClusterSight* sight_of_cluster(const GroupSnapshot& snapshot, const ClusterName& name) {
  const auto found = std::ranges::find(snapshot.sights, name, &ClusterSight::name);
  return found == snapshot.sights.end() ? nullptr : &*found;
}

std::string role_word(const ClusterSnapshot& seen) {
  if (!seen.role) return "unknown";
  return *seen.role == BdrRole::none ? "none" : std::string(to_string(*seen.role));
}

}  // namespace

void look_at_feeds(const FlowPorts& ports, GroupSnapshot& snapshot, const Call& call) {
  static constexpr Millis kStrangersPatience{2000};
  for (const ClusterSpec& spec : ports.desired.clusters) {
    const auto seen = std::ranges::find(snapshot.clusters, spec.name, &ClusterSnapshot::name);
    const bool member = seen != snapshot.clusters.end();
    try {
      ClusterSight sight = look_at_cluster_feeds(
          ports, spec.name, member ? call : call.within(ports.clock.mono(), kStrangersPatience));
      if (member) {
        sight.source_id = seen->source_id;
        sight.role_supported = seen->role_supported;
        sight.role = role_word(*seen);
      }
      snapshot.sights.push_back(std::move(sight));
    } catch (const Error& e) {
      if (member || e.kind() == ErrorKind::cancelled) throw;
    }
  }
}

const FeedSight* sight_of_link(const GroupSnapshot& snapshot, const LinkSnapshot& link) {
  const ClusterSight* origin = sight_of_cluster(snapshot, link.link.from);
  if (origin == nullptr || !link.feed) return nullptr;
  const auto found = std::ranges::find_if(
      origin->feeds, [&](const FeedSight& one) { return one.summary.id == link.changefeed; });
  return found == origin->feeds.end() ? nullptr : &*found;
}

std::vector<Change> link_changes(const Desired& desired, const GroupSnapshot& snapshot,
                                 const LinkSnapshot& link) {
  const FeedSight* sight = sight_of_link(snapshot, link);
  if (sight == nullptr) return {};
  std::vector<Change> all{state_row(link)};
  if (!sight->detail) return all;  // newborn
  const FeedDetail& detail = *sight->detail;
  const Json wanted = wanted_replica_config(snapshot.group, link.changefeed);
  const SinkSpec& sink = desired.cluster(link.link.to).sink;
  const SinkTarget target = sink_target(detail.sink_uri);
  all.push_back(row(link, "bdr mode", bdr_of(wanted), bdr_of(detail.config)));
  all.push_back(filter_row(snapshot, link, detail));
  all.push_back(row(link, "redo", redo_of(wanted), redo_of(detail.config)));
  all.push_back(row(link, "sink", sink.user_for(link.link.from) + "@" + sink.address,
                    target.user + "@" + target.address));
  const ClusterSight* origin = sight_of_cluster(snapshot, link.link.from);
  if (origin->pd_cluster_id) all.push_back(upstream_row(link, *origin->pd_cluster_id, detail));
  add_rest(desired, snapshot, link, detail, all);
  return all;
}

std::optional<RuleChange> changed_rules(const GroupSnapshot& snapshot) {
  std::vector<std::vector<std::string>> seen;
  for (const LinkSnapshot& link : snapshot.links) {
    const FeedSight* sight = sight_of_link(snapshot, link);
    if (sight != nullptr && sight->detail) seen.push_back(rules_of(*sight->detail));
  }
  if (seen.size() < 2) return std::nullopt;
  const std::vector<std::string> wanted = feed_rules(snapshot.group);
  const bool alike =
      std::ranges::all_of(seen, [&](const auto& rules) { return rules == seen.front(); });
  if (!alike || seen.front() == wanted) return std::nullopt;
  const std::string markers = std::string(kMarkerSchema) + ".*";
  // Somebody took the markers out of every changefeed: nobody's configuration does that.
  if (!is_among(seen.front(), markers)) return std::nullopt;
  return RuleChange{without(seen.front(), {markers}), without(wanted, seen.front()),
                    without(seen.front(), wanted)};
}

std::string command_for(const GroupSnapshot& snapshot, const RuleChange& rules) {
  const std::string group = " " + snapshot.group.name.value();
  if (rules.added.empty() && !rules.removed.empty())
    return "bdrmesh group tables remove" + group + quoted(rules.removed);
  const std::vector<std::string> named =
      rules.added.empty() ? std::vector<std::string>{snapshot.group.tables.back()} : rules.added;
  return "bdrmesh group tables add" + group + quoted(named) + quoted(rules.removed, "--remove ");
}

void refuse_changed_rules(const GroupSnapshot& snapshot, const std::string& what) {
  const auto rules = changed_rules(snapshot);
  if (!rules) return;
  throw Error(
      ErrorKind::precondition, "TABLES_CHANGED",
      "`tables` of group " + snapshot.group.name.value() +
          " was changed in the configuration, and its changefeeds carry other rules still: " +
          what + " would make a changefeed with the new ones, without a cut and a proof",
      command_for(snapshot, *rules) +
          "; or set `tables` back, start bdrmesh serve again, and change it afterwards");
}

std::vector<LinkSnapshot> links_to(const std::string& change, const Desired& desired,
                                   const GroupSnapshot& snapshot) {
  std::vector<LinkSnapshot> found;
  for (const LinkSnapshot& link : snapshot.links) {
    const auto rows = link_changes(desired, snapshot, link);
    if (std::ranges::find(rows, change, &Change::change) != rows.end()) found.push_back(link);
  }
  return found;
}

}  // namespace bdrmesh::flows
