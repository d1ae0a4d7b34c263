// Puts the operator's hooks into a plan, each as a stage of its own. Pure: hooks are part of the
// stored plan, so what a dry run shows is what runs.
#pragma once

#include <string>
#include <vector>

#include "engine/plan.h"
#include "model/desired.h"

namespace bdrmesh::flows {

/// The plan with one stage more per hook that is meant for it. The line and the pause keep their
/// meaning: a hook before the first stage of the pause runs while everybody still writes; one that
/// would run between the last look (the last stage before the line) and the line runs before that
/// look, or the look would be old when it counts. Behind the line a hook can only warn. Hooks of
/// one place run in the order in which they are configured.
/// `requested_as`: the kind as the user names it, which may differ from the plan's.
/// @throws Error precondition `HOOK_STAGE_UNKNOWN` when a hook that may stop the operation names a
/// stage that the plan has not: it would silently never run.
Plan with_hooks(Plan plan, const std::vector<HookSpec>& hooks,
                const std::string& requested_as = {});

/// The hooks of a plan as they will be run, in one line: what a person has read in the plan.
std::string told_hooks(const Plan& plan);

/// The hooks that concern this plan: those of subject.group, or of every group that
/// subject.cluster is a member of.
std::vector<HookSpec> hooks_for(const Desired& desired, const Plan& plan);

}  // namespace bdrmesh::flows
