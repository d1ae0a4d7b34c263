// Gates that belong to a role, not to an operation: a secondary takes no application writes, for
// as long as it is one. Nobody opens them by hand and no deadline does. Thread-safe.
#pragma once

#include <string>

#include "gate/write_gate.h"

namespace bdrmesh {

/// What stands in a note's `operation` for the gate of `role` (`secondary of billing`).
std::string standing_owner(const std::string& role);

/// Roles that a person gives a cluster, and so may take away.
std::string former_member_role(const std::string& group);
std::string evacuated_role(const std::string& group);
std::string stopped_member_role(const std::string& group);
/// The command that opens the gate of `cluster` that stands closed with this note; empty: none, it
/// opens only when the cluster takes another role.
std::string command_to_open(const ClusterName& cluster, const GateNote& standing);

/// The note on `cluster` that closes it for `role` from now on; closing is the caller's next step.
/// With `operation`, its transient note becomes the standing one in the same write, so that the
/// gate is never without a note: the old primary's at a switchover's line. Harmless when repeated.
/// @throws Error conflict `GATE_NOTE_GONE` when `operation` has no note there and the role neither.
void announce_standing(TokenKeeper& tokens, const ClusterName& cluster, const std::string& role,
                       WallTime now, const std::string& operation, const Call& call);

/// The other way: `note`, of an operation that is about to open the gate, takes the standing one's
/// place. Harmless when repeated.
/// @throws Error conflict `GATE_NOTE_GONE` when neither stands there.
void release_standing(TokenKeeper& tokens, const ClusterName& cluster, const std::string& role,
                      const GateNote& note, const Call& call);

}  // namespace bdrmesh
