#include "mesh/membership.h"

#include <algorithm>

namespace bdrmesh {
namespace {

/// Key on the token row beside the remembered settings.
constexpr const char* kKey = "ended_memberships";

bool is_about(const Json& note, const GroupName& group, const ClusterName& cluster) {
  return get_or<std::string>(note, "group", "") == group.value() &&
         get_or<std::string>(note, "cluster", "") == cluster.value();
}

Json notes_of(const TokenRow& row) {
  if (!row.remembered.is_object()) return Json::array();
  const auto found = row.remembered.find(kKey);
  return found != row.remembered.end() && found->is_array() ? *found : Json::array();
}

Json without(const Json& notes, const GroupName& group, const ClusterName& cluster) {
  Json rest = Json::array();
  for (const Json& note : notes) {
    if (!is_about(note, group, cluster)) rest.push_back(note);
  }
  return rest;
}

void put(TokenRow& row, const Json& notes) {
  if (!row.remembered.is_object()) row.remembered = Json::object();
  if (notes.empty()) {
    row.remembered.erase(kKey);
  } else {
    row.remembered[kKey] = notes;
  }
}

}  // namespace

std::vector<EndedMembership> ended_memberships(const TokenRow& row) {
  std::vector<EndedMembership> all;
  for (const Json& note : notes_of(row)) {
    if (!note.is_object()) continue;
    all.push_back({GroupName(get_or<std::string>(note, "group", "")),
                   ClusterName(get_or<std::string>(note, "cluster", "")),
                   get_or<std::string>(note, "how", ""), get_or<std::string>(note, "operation", ""),
                   get_or<std::string>(note, "at", "")});
  }
  return all;
}

void note_ended(TokenRow& row, const EndedMembership& ended) {
  Json notes = without(notes_of(row), ended.group, ended.cluster);
  notes.push_back({{"group", ended.group.value()},
                   {"cluster", ended.cluster.value()},
                   {"how", ended.how},
                   {"operation", ended.operation},
                   {"at", ended.at}});
  put(row, notes);
}

void forget_ended(TokenRow& row, const GroupName& group, const ClusterName& cluster) {
  put(row, without(notes_of(row), group, cluster));
}

std::vector<EndedMembership> ended_of(const GroupSpec& group, const std::vector<TokenRow>& rows) {
  std::vector<EndedMembership> all;
  for (const ClusterName& member : group.members) {
    const auto tells = [&](const EndedMembership& one) {
      return one.group == group.name && one.cluster == member;
    };
    for (const TokenRow& row : rows) {
      const std::vector<EndedMembership> told = ended_memberships(row);
      const auto found = std::ranges::find_if(told, tells);
      if (found == told.end()) continue;
      all.push_back(*found);
      break;
    }
  }
  return all;
}

GroupSpec without_ended(GroupSpec group, const std::vector<EndedMembership>& ended) {
  std::erase_if(group.members, [&](const ClusterName& member) {
    return std::ranges::find(ended, member, &EndedMembership::cluster) != ended.end();
  });
  return group;
}

std::string lines_for_configuration(const GroupSpec& configured,
                                    const std::vector<EndedMembership>& ended) {
  const GroupSpec rest = without_ended(configured, ended);
  if (rest.members.size() < 2)
    return "[[group]] " + configured.name.value() + " has one member left: take it out";
  std::string members;
  for (const ClusterName& member : rest.members)
    members += (members.empty() ? "\"" : ", \"") + member.value() + "\"";
  std::string lines =
      "in [[group]] " + configured.name.value() + " set members = [" + members + "]";
  const bool primary_left =
      configured.ddl_primary &&
      std::ranges::find(rest.members, *configured.ddl_primary) == rest.members.end();
  if (primary_left) lines += " and ddl_primary to one of them";
  return lines;
}

std::vector<MeshFinding> membership_findings(const GroupSpec& configured,
                                             const std::vector<EndedMembership>& ended) {
  std::vector<MeshFinding> all;
  for (const EndedMembership& one : ended) {
    const bool evicted = one.how == "evicted";
    all.push_back({"FORMER_MEMBER", "warning", "cluster " + one.cluster.value(),
                   one.cluster.value() + (evicted ? " was evicted from group " : " left group ") +
                       one.group.value() + " at " + one.at + " (operation " + one.operation +
                       "), and the configuration still names it a member; it counts as none",
                   lines_for_configuration(configured, ended) +
                       ", then start bdrmesh serve again; it comes back only by: bdrmesh cluster "
                       "join " +
                       one.cluster.value() + " --group " + one.group.value()});
  }
  return all;
}

}  // namespace bdrmesh
