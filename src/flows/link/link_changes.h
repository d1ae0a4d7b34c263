// What of a link's changefeed is not as wanted, property by property.
#pragma once

#include <string>
#include <vector>

#include "flows/snapshot.h"

namespace bdrmesh::flows {

/// Reads every cluster's feeds with their configurations into `snapshot.sights`. A newborn feed is
/// left alone: questions about it can kill its TiCDC (measured §2 A1). Clusters outside of the
/// group that do not answer are left out. Blocks until `call.deadline` at most.
/// @throws Error as the clients, for members.
void look_at_feeds(const FlowPorts& ports, GroupSnapshot& snapshot, const Call& call);

/// The feed in use of a link with its configuration; nullptr when it was not read.
const FeedSight* sight_of_link(const GroupSnapshot& snapshot, const LinkSnapshot& link);

/// A row for each property of the link's feed, wanted or not; none when it was not read. Pure.
std::vector<Change> link_changes(const Desired& desired, const GroupSnapshot& snapshot,
                                 const LinkSnapshot& link);

/// All changefeeds of a group carry the same rules, and the configuration wants others.
struct RuleChange {
  std::vector<std::string> carried;  ///< by the changefeeds now, without the marker schema
  std::vector<std::string> added;
  std::vector<std::string> removed;  ///< with `added` empty too, the order was changed
};

/// @return std::nullopt: the rules are as wanted, or the changefeeds differ from each other, or too
/// few were read. Pure.
std::optional<RuleChange> changed_rules(const GroupSnapshot& snapshot);
/// What to type for it.
std::string command_for(const GroupSnapshot& snapshot, const RuleChange& rules);
/// For whatever would make a changefeed: it would carry the new rules without a cut and a proof.
/// @throws Error precondition `TABLES_CHANGED`.
void refuse_changed_rules(const GroupSnapshot& snapshot, const std::string& what);

/// Links that have a row with that change.
std::vector<LinkSnapshot> links_to(const std::string& change, const Desired& desired,
                                   const GroupSnapshot& snapshot);

}  // namespace bdrmesh::flows
