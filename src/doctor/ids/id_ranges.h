// `cluster check ids`: per table who gives out which ids, what can collide between the members, and
// how far the range is from its end. Asks for definitions and settings, changes nothing.
#pragma once

#include <map>
#include <vector>

#include "doctor/check.h"
#include "doctor/ids/id_use.h"

namespace bdrmesh::doctor {

/// A finding `ID_ALLOCATOR` per table, and what is wrong with it: `ID_RANGE_ENDS` (a warning at
/// half of the range, an error at 85 %), `AUTO_RANDOM_BASES_NEAR`. Pure.
std::vector<Finding> judge_ids(const TableName& table, const std::map<ClusterName, IdUse>& members);

/// All tables of the group that number their rows, the settings of the members, and the order in
/// which to mend them. Blocks until `call.deadline` at most. @throws Error cancelled.
std::vector<Finding> examine_ids(const Desired& desired, const GroupSpec& group, World& world,
                                 const Call& call, const Clock& clock);

}  // namespace bdrmesh::doctor
