// The doctor: everything that would go wrong later, said now. Changes nothing.
#pragma once

#include <vector>

#include "base/call.h"
#include "base/clock.h"
#include "clients/world.h"
#include "doctor/finding.h"
#include "model/desired.h"

namespace bdrmesh::doctor {

/// Runs every check over the group's members, reachability first; good findings are told too. What
/// keeps an operation from working is an error; what is to be known, or what `group apply` itself
/// puts right, a warning. Blocks until `call.deadline` at most. @throws Error cancelled; invalid
/// `UNKNOWN_CLUSTER`.
std::vector<Finding> examine(const Desired& desired, const GroupSpec& group, World& world,
                             const Call& call, const Clock& clock);

/// Only whether the tables of the group are defined alike on its members. Blocks. @throws Error as
/// `examine`.
std::vector<Finding> examine_schemas(const Desired& desired, const GroupSpec& group, World& world,
                                     const Call& call, const Clock& clock);

}  // namespace bdrmesh::doctor
