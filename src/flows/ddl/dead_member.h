// A schema change on all members but one that is dead: nothing of the dead one gets in any more,
// nothing of the new shape is sent to it, and what that means is said. Writes stages of a plan
// whose steps are mostly those of an eviction. Used while a plan is made; one thread.
#pragma once

#include "flows/ddl/ddl_stages.h"

namespace bdrmesh::flows {

/// What there is to know of `name`, which does not answer. Its links are taken out of `survivors`.
DeadMember dead_member(const Desired& desired, GroupSnapshot& survivors, const ClusterName& name);

/// Stage `is it dead`: the operation does not begin while anything of it answers.
void require_dead(DdlStages& stages, const DeadMember& dead);

/// Its accounts are locked on all others, their feeds towards it are stopped, and what may be lost
/// is told. Undone when the change is.
void fence_dead(DdlStages& stages, const DeadMember& dead);

/// Steps for the sweep before the line: its accounts are locked still.
void look_again_at_fences(DdlStages& stages, const DeadMember& dead);

/// What the change leaves behind about it, for people.
std::string consequences(const DeadMember& dead);
/// The command that ends that state.
std::string way_on(const DeadMember& dead, const GroupName& group);

}  // namespace bdrmesh::flows
