// Who has left a group, although the configuration still names it: noted on the token rows of all
// members that could be asked, so that every manager finds it, also one that lost its state. Pure;
// writing the rows is left to the flows.
#pragma once

#include <string>
#include <vector>

#include "clients/tidb_cluster.h"
#include "mesh/judge/findings.h"
#include "model/desired.h"

namespace bdrmesh {

struct EndedMembership {
  GroupName group;
  ClusterName cluster;
  std::string how;        ///< left, evicted
  std::string operation;  ///< the one that ended it
  std::string at;         ///< RFC 3339
};

/// What stands on one row, of all groups.
std::vector<EndedMembership> ended_memberships(const TokenRow& row);
/// The row tells it afterwards, in the place of an older note about the same membership.
void note_ended(TokenRow& row, const EndedMembership& ended);
/// The cluster is a member again, or its leaving was undone.
void forget_ended(TokenRow& row, const GroupName& group, const ClusterName& cluster);

/// The members of `group` that one of `rows` says have left it, in the order of the configuration.
std::vector<EndedMembership> ended_of(const GroupSpec& group, const std::vector<TokenRow>& rows);
/// The group of those that are still members.
GroupSpec without_ended(GroupSpec group, const std::vector<EndedMembership>& ended);

/// What to write into the configuration once these have left, on one line.
std::string lines_for_configuration(const GroupSpec& configured,
                                    const std::vector<EndedMembership>& ended);

/// That the configuration still names them.
std::vector<MeshFinding> membership_findings(const GroupSpec& configured,
                                             const std::vector<EndedMembership>& ended);

}  // namespace bdrmesh
