#include "app/config/config_checks.h"

#include <algorithm>
#include <map>

#include "app/config/config_rules.h"

namespace bdrmesh {
namespace {

using Clusters = std::vector<ReadCluster>;
using Groups = std::vector<ReadGroup>;

/// Collects what is found, so that each check reads as its sentence.
class Check {
 public:
  Check(const Clusters& clusters, const Groups& groups, ConfigResult& result)
      : clusters_(clusters), groups_(groups), result_(result) {}

  void clusters_differ();
  void groups_differ();
  void members_fit(const ReadGroup& group);
  void source_ids_differ(const ReadGroup& group);
  void sinks_are_there(const ReadGroup& group);
  void rules_are_sound(const ReadGroup& group);
  void memberships_fit();
  void filters_are_apart();

 private:
  const ReadCluster* find(const ClusterName& name) const {
    const auto found =
        std::ranges::find(clusters_, name, [](const ReadCluster& c) { return c.spec.name; });
    return found == clusters_.end() ? nullptr : &*found;
  }
  void problem(int line, std::string what, std::string hint) {
    result_.problems.push_back({line, std::move(what), std::move(hint)});
  }
  void warn(int line, std::string what, std::string hint) {
    result_.warnings.push_back({line, std::move(what), std::move(hint)});
  }
  void pair_of_groups_fits(const ReadGroup& first, const ReadGroup& second);
  void pair_of_filters_is_apart(const ReadGroup& first, const ReadGroup& second);
  void sink_user_fits(const ReadCluster& target, const ClusterName& origin);

  const Clusters& clusters_;
  const Groups& groups_;
  ConfigResult& result_;
};

bool is_mesh(const ReadGroup& group) { return group.spec.kind == GroupKind::multi_active; }
std::string called(const ReadGroup& group) { return "group " + group.spec.name.value(); }
std::string called(const ReadCluster& cluster) { return "cluster " + cluster.spec.name.value(); }

std::vector<ClusterName> shared_members(const ReadGroup& a, const ReadGroup& b) {
  std::vector<ClusterName> shared;
  for (const ClusterName& name : a.spec.members) {
    if (std::ranges::find(b.spec.members, name) != b.spec.members.end()) shared.push_back(name);
  }
  return shared;
}

bool is_secondary(const ReadGroup& group, const ClusterName& name) {
  return !is_mesh(group) && group.spec.members.size() == 2 && group.spec.members[1] == name;
}

void Check::clusters_differ() {
  std::map<ClusterName, int> names;
  std::map<std::string, std::string> addresses;
  for (const ReadCluster& cluster : clusters_) {
    const auto [first, is_new] = names.emplace(cluster.spec.name, cluster.line);
    if (!is_new && !cluster.spec.name.empty()) {
      problem(cluster.line,
              called(cluster) + ": the name is taken since line " + std::to_string(first->second),
              "give each cluster a name of its own");
      continue;
    }
    std::vector<std::string> own = cluster.spec.pd;
    own.insert(own.end(), cluster.spec.ticdc.begin(), cluster.spec.ticdc.end());
    for (const ServerAddress& server : cluster.spec.tidb) own.push_back(server.value());
    for (const std::string& address : own) {
      const auto [owner, unseen] = addresses.emplace(address, cluster.spec.name.value());
      if (unseen || owner->second == cluster.spec.name.value()) continue;
      problem(
          cluster.line,
          called(cluster) + ": '" + address + "' belongs to cluster " + owner->second + " already",
          "each server serves one cluster");
    }
  }
}

void Check::groups_differ() {
  std::map<GroupName, int> names;
  for (const ReadGroup& group : groups_) {
    const auto [first, is_new] = names.emplace(group.spec.name, group.line);
    if (is_new || group.spec.name.empty()) continue;
    problem(group.line,
            called(group) + ": the name is taken since line " + std::to_string(first->second),
            "give each group a name of its own");
  }
}

void Check::members_fit(const ReadGroup& group) {
  std::vector<std::string> known;
  for (const ReadCluster& cluster : clusters_) known.push_back(cluster.spec.name.value());
  std::vector<ClusterName> seen;
  for (const ClusterName& name : group.spec.members) {
    if (std::ranges::find(seen, name) != seen.end()) {
      problem(group.members_line, called(group) + ": '" + name.value() + "' is a member twice",
              "take one out");
    } else if (find(name) == nullptr) {
      const std::string meant = nearest(name.value(), known);
      problem(group.members_line, called(group) + ": no cluster is called '" + name.value() + "'",
              meant.empty() ? "add a [[cluster]] of that name" : "did you mean '" + meant + "'?");
    }
    seen.push_back(name);
  }
  if (is_mesh(group) && seen.size() == 1) {
    problem(group.members_line, called(group) + ": has one member", "a group has two to eight");
  }
  if (seen.size() > 8) {
    problem(group.members_line, called(group) + ": has " + std::to_string(seen.size()) + " members",
            "eight at most: classic TiCDC knows source ids 1 to 8");
  }
  const auto& primary = group.spec.ddl_primary;
  if (primary && is_mesh(group) && std::ranges::find(seen, *primary) == seen.end()) {
    problem(group.ddl_primary_line,
            called(group) + ": ddl_primary '" + primary->value() + "' is no member",
            "name one of 'members', or leave it out");
  }
}

void Check::source_ids_differ(const ReadGroup& group) {
  std::map<int, ClusterName> owners;
  for (const ClusterName& name : group.spec.members) {
    const ReadCluster* cluster = find(name);
    if (cluster == nullptr || cluster->spec.source_id == 0) continue;
    const auto [owner, is_new] = owners.emplace(cluster->spec.source_id, name);
    if (is_new || owner->second == name) continue;
    problem(cluster->source_id_line,
            called(*cluster) + ": source_id " + std::to_string(cluster->spec.source_id) +
                " is that of cluster " + owner->second.value() + ", a member of group " +
                group.spec.name.value() + " too",
            "rows would go round in circles: give each member another number from 1 to 8");
  }
}

void Check::sink_user_fits(const ReadCluster& target, const ClusterName& origin) {
  const std::string user = target.spec.sink.user_for(origin);
  if (user.size() > 32) {
    problem(target.sink_line,
            called(target) + ": sink user '" + user + "' is longer than 32 characters",
            "TiDB knows no longer ones: shorten it");
  } else if (user.size() > 16) {
    warn(target.sink_line,
         called(target) + ": sink user '" + user + "' is longer than 16 characters",
         "the process list declares 16, and other tools may cut it: a shorter one is safer");
  }
}

void Check::sinks_are_there(const ReadGroup& group) {
  for (const ClusterName& name : group.spec.members) {
    const ReadCluster* target = find(name);
    if (target == nullptr) continue;
    if (!target->has_sink) {
      const std::string what =
          called(*target) + ": [cluster.sink] is missing, and group " + group.spec.name.value() +
          (is_mesh(group) || is_secondary(group, name) ? " writes into it"
                                                       : " writes into it after a switchover");
      const std::string hint = "add user = \"cdc_{from}\" and password below [cluster.sink]";
      is_mesh(group) || is_secondary(group, name) ? problem(target->line, what, hint)
                                                  : warn(target->line, what, hint);
      continue;
    }
    for (const ClusterName& origin : group.spec.members) {
      if (origin != name && !target->spec.sink.user.empty()) sink_user_fits(*target, origin);
    }
  }
}

void Check::rules_are_sound(const ReadGroup& group) {
  bool sound = true;
  for (const std::string& rule : group.spec.tables) {
    const std::string fault = fault_of_rule(rule);
    if (fault.empty()) continue;
    sound = false;
    problem(group.tables_line, called(group) + ": 'tables': " + fault,
            "write schema.table, such as app.*");
  }
  if (!sound || group.spec.tables.empty()) return;
  for (const std::string& schema : reserved_schemas_in(group.spec.tables)) {
    problem(group.tables_line,
            called(group) + ": 'tables' carries the schema " + schema +
                ", which must stay on its cluster",
            schema == kTokenSchema ? "add \"!" + schema + ".*\" as the last rule" : "take it out");
  }
}

void Check::pair_of_groups_fits(const ReadGroup& first, const ReadGroup& second) {
  for (const ClusterName& name : shared_members(first, second)) {
    const std::string both = "cluster " + name.value() + ": stands in groups " +
                             first.spec.name.value() + " and " + second.spec.name.value();
    if (is_mesh(first) && is_mesh(second)) {
      problem(second.members_line, both + ", both multi-active",
              "a cluster is in one multi-active group at most: make one group of them");
    } else if (is_secondary(first, name) || is_secondary(second, name)) {
      problem(second.members_line, both + ", and is a secondary",
              "a secondary is in one group only: cascades and second roles are not supported");
    } else if (!is_mesh(first) && !is_mesh(second)) {
      problem(second.members_line, both + ", as primary of two secondaries",
              "a primary has one secondary");
    }
  }
}

void Check::memberships_fit() {
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    for (std::size_t j = i + 1; j < groups_.size(); ++j)
      pair_of_groups_fits(groups_[i], groups_[j]);
  }
}

void Check::pair_of_filters_is_apart(const ReadGroup& first, const ReadGroup& second) {
  const std::vector<ClusterName> shared = shared_members(first, second);
  if (shared.empty() || is_mesh(first) == is_mesh(second)) return;
  const std::string what = "groups " + first.spec.name.value() + " and " +
                           second.spec.name.value() + ", both on cluster " + shared.front().value();
  switch (rules_overlap(first.spec.tables, second.spec.tables)) {
    case Overlap::yes:
      problem(second.tables_line, what + ": 'tables' overlap",
              "a multi-active and a primary-secondary group must not carry the same tables of one "
              "cluster");
      break;
    case Overlap::cannot_tell:
      warn(second.tables_line, what + ": cannot tell whether 'tables' overlap",
           "use plain names and * instead of expressions");
      break;
    case Overlap::no:
      break;
  }
}

void Check::filters_are_apart() {
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    for (std::size_t j = i + 1; j < groups_.size(); ++j)
      pair_of_filters_is_apart(groups_[i], groups_[j]);
  }
}

}  // namespace

void check_together(const Clusters& clusters, const Groups& groups, ConfigResult& result) {
  Check check(clusters, groups, result);
  check.clusters_differ();
  check.groups_differ();
  for (const ReadGroup& group : groups) {
    check.members_fit(group);
    check.source_ids_differ(group);
    check.sinks_are_there(group);
    check.rules_are_sound(group);
  }
  check.memberships_fit();
  check.filters_are_apart();
}

}  // namespace bdrmesh
