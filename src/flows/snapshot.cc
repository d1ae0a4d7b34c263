#include "flows/snapshot.h"

#include <algorithm>

#include "flows/dr/pair_apply.h"
#include "flows/link/link_changes.h"
#include "mesh/pair_note.h"
#include "model/version.h"

namespace bdrmesh::flows {
namespace {

ClusterSnapshot look_at_cluster(const FlowPorts& ports, const ClusterName& name, const Call& call) {
  static constexpr Version kFirstWithRoles{7, 6, 0};
  TidbCluster& tidb = ports.world.tidb(name);
  ClusterSnapshot seen;
  seen.name = name;
  const std::vector<TidbServerInfo> servers = tidb.servers(call);
  if (servers.empty())
    throw Error(ErrorKind::transient, "TIDB_UNREACHABLE",
                "no tidb-server of " + name.value() + " is known");
  seen.release = tidb.release_version(servers.front().address, call);
  const auto version = parse_version(seen.release);
  seen.role_supported = version && *version >= kFirstWithRoles;
  seen.role = seen.role_supported ? tidb.bdr_role(call) : BdrRole::none;
  seen.source_id = tidb.source_id(call);
  seen.marker_schema = tidb.create_statement({kMarkerSchema, "marker"}, call).has_value();
  if (seen.marker_schema) seen.token = tidb.token(call);
  seen.token_ours = seen.token && seen.token->manager == ports.tokens.identity().id;
  return seen;
}

/// Adapters know addresses only; the reader thinks in clusters.
ClusterSnapshot look_at_named(const FlowPorts& ports, const ClusterName& name, const Call& call) {
  try {
    return look_at_cluster(ports, name, call);
  } catch (const Error& e) {
    throw Error(e.kind(), e.code(), "cluster " + name.value() + ": " + e.message(), e.remedy());
  }
}

LinkSnapshot look_at_link(const GroupName& group, const Link& link, const FeedSheet& sheet,
                          const std::vector<LinkIncarnation>& book) {
  LinkSnapshot seen;
  seen.link = link;
  for (const auto& [id, feed] : sheet.feeds) {
    const int number = incarnation_of(id, group, link);
    if (number <= seen.incarnation) continue;
    seen.incarnation = number;
    seen.changefeed = id;
    seen.feed = feed;
  }
  const int last = last_incarnation(book, link);
  seen.ever_in_book = std::ranges::any_of(
      book, [&](const LinkIncarnation& one) { return one.link == link && !one.removed; });
  if (!seen.feed) {
    seen.incarnation = last + 1;
    seen.changefeed = changefeed_id(group, link, seen.incarnation);
  }
  seen.in_book = std::ranges::any_of(book, [&](const LinkIncarnation& one) {
    return one.changefeed == seen.changefeed && !one.removed;
  });
  const auto known = std::ranges::find(book, seen.changefeed, &LinkIncarnation::changefeed);
  if (seen.feed && known != book.end()) seen.start = known->start;
  for (const LinkIncarnation& one : book) {
    if (one.link == link && !one.removed) seen.proven = one.proven;
  }
  return seen;
}

bool is_among(const std::vector<ClusterName>& names, const ClusterName& name) {
  return std::ranges::find(names, name) != names.end();
}

std::vector<EndedMembership> ended_as_told(const GroupSnapshot& snapshot) {
  std::vector<TokenRow> rows;
  for (const ClusterSnapshot& seen : snapshot.clusters) {
    if (seen.token) rows.push_back(*seen.token);
  }
  return ended_of(snapshot.group, rows);
}

/// Asks the members. One that the others say has left need not answer, and is left out.
void look_at_clusters(const FlowPorts& ports, GroupSnapshot& snapshot, const Call& call) {
  static constexpr Millis kPatience{8000};
  std::vector<std::pair<ClusterName, Error>> silent;
  for (const ClusterName& member : snapshot.group.members) {
    try {
      snapshot.clusters.push_back(
          look_at_named(ports, member, call.within(ports.clock.mono(), kPatience)));
    } catch (const Error& e) {
      if (e.kind() == ErrorKind::cancelled) throw;
      silent.emplace_back(member, e);
    }
  }
  snapshot.ended = ended_as_told(snapshot);
  snapshot.group = without_ended(std::move(snapshot.group), snapshot.ended);
  for (const auto& [member, error] : silent) {
    if (is_among(snapshot.group.members, member)) throw error;
  }
  std::erase_if(snapshot.clusters, [&](const ClusterSnapshot& seen) {
    return !is_among(snapshot.group.members, seen.name);
  });
}

/// Who is the primary of a pair, the clusters themselves say.
void stand_as_noted(GroupSnapshot& snapshot) {
  std::vector<TokenRow> rows;
  for (const ClusterSnapshot& seen : snapshot.clusters) {
    if (seen.token) rows.push_back(*seen.token);
  }
  snapshot.group = as_it_stands(std::move(snapshot.group), rows);
}

void look_at_links(const FlowPorts& ports, GroupSnapshot& snapshot, const std::vector<Link>& links,
                   const Call& call) {
  snapshot.book = ports.links.incarnations(snapshot.group.name);
  for (const Link& link : links) {
    const auto sheet = ports.feeds.look(link.from, ports.clock.mono() - Millis{500}, call);
    snapshot.links.push_back(look_at_link(snapshot.group.name, link, *sheet, snapshot.book));
  }
}

Change compared(std::string object, std::string property, const std::string& wanted,
                const std::string& seen) {
  return {
      std::move(object), std::move(property), wanted, seen, wanted == seen ? "none" : "set", ""};
}

Change link_change(const LinkSnapshot& link) {
  Change change{"link " + to_string(link.link),
                "changefeed",
                link.changefeed.value(),
                link.feed ? link.changefeed.value() : "absent",
                "create",
                ""};
  if (link.feed && link.in_book) {
    change.change = "none";
  } else if (link.feed) {
    change.change = "refused";
    change.why =
        "the changefeed exists, but our state does not know where it started: bdrmesh link adopt";
  } else if (link.ever_in_book) {
    change.change = "refused";
    change.why = "its changefeed has disappeared: rows may be missing on " + link.link.to.value() +
                 ", a new one would hide that: bdrmesh link repair";
  }
  return change;
}

std::string shown(const std::optional<BdrRole>& role) {
  if (!role) return "unknown";
  return *role == BdrRole::none ? "none" : std::string(to_string(*role));
}

}  // namespace

std::vector<ClusterName> GroupSnapshot::names() const { return group.members; }

std::vector<LinkSnapshot> GroupSnapshot::outgoing(const ClusterName& cluster) const {
  std::vector<LinkSnapshot> found;
  std::ranges::copy_if(links, std::back_inserter(found),
                       [&](const LinkSnapshot& one) { return one.link.from == cluster; });
  return found;
}

GroupSnapshot look_at_group(const FlowPorts& ports, const GroupName& name, const Call& call) {
  GroupSnapshot snapshot;
  snapshot.group = ports.desired.group(name);
  look_at_clusters(ports, snapshot, call);
  stand_as_noted(snapshot);
  look_at_links(ports, snapshot, snapshot.group.links(), call);
  return snapshot;
}

GroupSnapshot look_at_members(const FlowPorts& ports, const GroupName& name,
                              const std::vector<ClusterName>& members, const Call& call) {
  GroupSnapshot snapshot;
  snapshot.group = ports.desired.group(name);
  std::vector<Link> links = snapshot.group.links();
  std::erase_if(links, [&](const Link& link) { return !is_among(members, link.from); });
  std::erase_if(snapshot.group.members,
                [&](const ClusterName& one) { return !is_among(members, one); });
  for (const ClusterName& member : snapshot.group.members)
    snapshot.clusters.push_back(look_at_named(ports, member, call));
  look_at_links(ports, snapshot, links, call);
  return snapshot;
}

std::vector<EndedMembership> ended_now(const FlowPorts& ports, const GroupSpec& group,
                                       const Call& call) {
  static constexpr Millis kPatience{3000};
  std::vector<TokenRow> rows;
  for (const ClusterName& member : group.members) {
    try {
      const auto row = ports.world.tidb(member).token(call.within(ports.clock.mono(), kPatience));
      if (row) rows.push_back(*row);
    } catch (const Error& e) {
      if (e.kind() == ErrorKind::cancelled) throw;
    }
  }
  return ended_of(group, rows);
}

void refuse_held_by_others(const FlowPorts& ports, const GroupSnapshot& snapshot) {
  for (const ClusterSnapshot& seen : snapshot.clusters) {
    if (seen.token && !seen.token->manager.empty())
      ports.tokens.refuse_foreign(seen.name, *seen.token);
  }
}

BdrRole wanted_role(const GroupSpec& group, const ClusterName& cluster) {
  if (!group.ddl_primary) return BdrRole::none;
  return *group.ddl_primary == cluster ? BdrRole::primary : BdrRole::secondary;
}

std::vector<Change> changes(const Desired& desired, const GroupSnapshot& snapshot) {
  std::vector<Change> all;
  for (const ClusterSnapshot& seen : snapshot.clusters) {
    const std::string object = "cluster " + seen.name.value();
    all.push_back(
        compared(object, "managed by this manager", "yes", seen.token_ours ? "yes" : "no"));
    all.push_back(compared(object, "source id",
                           std::to_string(desired.cluster(seen.name).source_id),
                           std::to_string(seen.source_id)));
    all.push_back(
        compared(object, "marker schema", "present", seen.marker_schema ? "present" : "absent"));
  }
  for (const LinkSnapshot& link : snapshot.links) {
    all.push_back(link_change(link));
    for (Change& one : link_changes(desired, snapshot, link)) all.push_back(std::move(one));
  }
  const bool pair = snapshot.group.kind == GroupKind::primary_secondary;
  if (pair) all.push_back(standing_gate_change(snapshot));
  for (const ClusterSnapshot& seen : snapshot.clusters) {
    Change role = compared("cluster " + seen.name.value(), "BDR role",
                           shown(wanted_role(snapshot.group, seen.name)), shown(seen.role));
    if (!seen.role)
      role = {role.object, role.property, role.wanted,
              role.seen,   "refused",     "the server answers with a role that no release uses"};
    if (!seen.role_supported && snapshot.group.ddl_primary) {
      role.change = "refused";
      role.why = seen.release + " has no BDR roles (before v7.6): leave ddl_primary out";
    }
    all.push_back(role);
  }
  return all;
}

}  // namespace bdrmesh::flows
