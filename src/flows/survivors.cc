#include "flows/survivors.h"

#include <algorithm>

namespace bdrmesh::flows {

GroupSnapshot look_at_survivors(const FlowPorts& ports, const GroupName& name,
                                const ClusterName& lost, const Call& call) {
  const GroupSpec& group = ports.desired.group(name);
  const std::vector<EndedMembership> ended = ended_now(ports, group, call);
  const bool member = std::ranges::find(group.members, lost) != group.members.end();
  const auto gone = std::ranges::find(ended, lost, &EndedMembership::cluster);
  if (!member || gone != ended.end()) {
    throw Error(ErrorKind::precondition, "NOT_A_MEMBER",
                lost.value() + " is no member of group " + name.value() +
                    (member ? " any more: it " + gone->how + " at " + gone->at : std::string()),
                member ? "bdrmesh op show " + gone->operation : "bdrmesh group status");
  }
  std::vector<ClusterName> survivors = without_ended(group, ended).members;
  std::erase(survivors, lost);
  GroupSnapshot snapshot = look_at_members(ports, name, survivors, call);
  snapshot.ended = ended;
  refuse_held_by_others(ports, snapshot);
  return snapshot;
}

Json links_of_lost(const GroupSnapshot& survivors, const ClusterName& lost) {
  Json all = Json::array();
  for (const ClusterName& survivor : survivors.names()) {
    const Link link{lost, survivor};
    const LinkIncarnation* newest = nullptr;
    for (const LinkIncarnation& one : survivors.book) {
      if (one.link == link && !one.removed && (newest == nullptr || one.number > newest->number))
        newest = &one;
    }
    if (newest == nullptr) continue;
    all.push_back({{"from", lost.value()},
                   {"to", survivor.value()},
                   {"changefeed", newest->changefeed.value()},
                   {"proven", to_string(newest->proven)}});
  }
  return all;
}

GroupSnapshot among_themselves(GroupSnapshot survivors, const ClusterName& lost) {
  std::erase_if(survivors.links, [&](const LinkSnapshot& one) {
    const auto& names = survivors.group.members;
    return one.link.to == lost || std::ranges::find(names, one.link.to) == names.end();
  });
  return survivors;
}

}  // namespace bdrmesh::flows
