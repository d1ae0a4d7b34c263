// What planners look at: a group's clusters and feeds as they are now. Values; reading them blocks.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "flows/ports.h"
#include "mesh/judge/findings.h"
#include "mesh/membership.h"

namespace bdrmesh::flows {

struct ClusterSnapshot {
  ClusterName name;
  std::optional<BdrRole> role;  ///< std::nullopt: a word we do not know
  bool role_supported = true;   ///< false before v7.6 (tidb-sql §1.2)
  int source_id = 0;
  std::string release;
  bool marker_schema = false;
  bool token_ours = false;
  std::optional<TokenRow> token;
};

struct LinkSnapshot {
  Link link;
  ChangefeedId changefeed;  ///< the feed there is, or the one to be made
  int incarnation = 0;
  std::optional<FeedSummary> feed;  ///< std::nullopt: none on the list
  bool in_book = false;             ///< our book knows this feed and it is not removed
  bool ever_in_book = false;        ///< the link has had a feed of ours before
  std::optional<Tso> start{};       ///< where it began, as our book has it
  std::optional<Tso> proven{};      ///< up to here the link's newest known incarnation is proven
};

struct GroupSnapshot {
  GroupSpec group;  ///< as configured, without those that have left it
  std::vector<ClusterSnapshot> clusters;
  std::vector<LinkSnapshot> links;
  /// Every cluster's feeds with their configurations; empty unless `look_at_feeds` filled it.
  std::vector<ClusterSight> sights{};
  std::vector<LinkIncarnation> book{};
  /// Named by the configuration, but members no more.
  std::vector<EndedMembership> ended{};

  std::vector<ClusterName> names() const;
  /// The links that start at `cluster`.
  std::vector<LinkSnapshot> outgoing(const ClusterName& cluster) const;
};

/// Asks every member's TiDB and TiCDC now. Blocks until `call.deadline` at most.
/// @throws Error as the clients; invalid `UNKNOWN_GROUP`.
GroupSnapshot look_at_group(const FlowPorts& ports, const GroupName& name, const Call& call);

/// The same for `members` of the group only: nobody else is asked, though the links from `members`
/// to anybody else of the group are among `links`. Blocks. @throws Error as the clients.
GroupSnapshot look_at_members(const FlowPorts& ports, const GroupName& name,
                              const std::vector<ClusterName>& members, const Call& call);

/// Who has left the group, as the token rows of its members tell it now; who does not answer tells
/// nothing. Blocks for a few seconds per silent member. @throws Error cancelled.
std::vector<EndedMembership> ended_now(const FlowPorts& ports, const GroupSpec& group,
                                       const Call& call);

/// Another manager, or a newer start of this one, holds a member: nothing else about the group need
/// be judged then. @throws Error conflict `TOKEN_HELD`, `EPOCH_NEWER`.
void refuse_held_by_others(const FlowPorts& ports, const GroupSnapshot& snapshot);

/// One thing that is not as wanted, or is.
struct Change {
  std::string object;
  std::string property;
  std::string wanted;
  std::string seen;
  /// none, create, set, resume (a stopped feed), repair (a new incarnation), refused
  std::string change;
  std::string why;
};

/// Wanted against seen, in the order in which it would be changed. Pure.
std::vector<Change> changes(const Desired& desired, const GroupSnapshot& snapshot);

/// The role that `cluster` has when the group is as wanted.
BdrRole wanted_role(const GroupSpec& group, const ClusterName& cluster);

}  // namespace bdrmesh::flows
