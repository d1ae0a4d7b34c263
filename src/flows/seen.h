// What a plan rests on, as a flat object of texts ("east.role": "primary"), so that a plan that was
// made earlier can be held against the world of now. Renders and compares; reads only where said.
#pragma once

#include <string>
#include <vector>

#include "flows/ports.h"
#include "flows/snapshot.h"

namespace bdrmesh::flows {

/// Configuration and state of a group: members, rules, addresses, roles, versions, source ids,
/// tokens, gates, feeds with incarnation, state and start. Nothing that moves by itself
/// (checkpoints). Pure.
Json seen_of(const Desired& desired, const GroupSnapshot& snapshot);

/// One cluster's gates as its token row tells them. Pure.
Json seen_of_gates(const ClusterName& cluster, const std::optional<TokenRow>& row);

/// The definition of a table as far as it does not change with every row: without ID bases. Pure.
std::string settled_definition(const std::string& create_statement);

/// Looks at what the arguments of an operation name (a group, or a cluster), whatever its kind.
/// Blocks until `call.deadline` at most. @throws Error as `look_at_group`.
Json look_again(const FlowPorts& ports, const Json& args, const Call& call);

struct SeenDifference {
  std::string what;
  Json planned;  ///< null: it was not there
  Json now;      ///< null: it is not there any more
};

/// What is not as it was, in the order of names. With `partial`, `now` was not asked for
/// everything: what it lacks does not count. Pure.
std::vector<SeenDifference> differences(const Json& planned, const Json& now, bool partial);

}  // namespace bdrmesh::flows
