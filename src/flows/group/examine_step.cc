#include "flows/group/examine_step.h"

#include <algorithm>

#include "doctor/examine.h"
#include "flows/snapshot.h"

namespace bdrmesh::flows {

Verdict ExamineGroup::precondition(StepContext& ctx) {
  const GroupSpec& configured =
      ports_.desired.group(GroupName(get_required<std::string>(args_, "group")));
  const GroupSpec group = without_ended(configured, ended_now(ports_, configured, ctx.call()));
  const doctor::Finding* first = nullptr;
  std::size_t errors = 0;
  const std::vector<doctor::Finding> findings =
      doctor::examine(ports_.desired, group, ports_.world, ctx.call(), ports_.clock);
  const auto expected = get_or<std::vector<std::string>>(args_, "expected", {});
  for (const doctor::Finding& finding : findings) {
    if (std::ranges::find(expected, finding.code) != expected.end()) continue;
    if (finding.severity == doctor::Severity::warning)
      ctx.event("warning", finding.cluster + ": " + finding.text);
    if (finding.severity != doctor::Severity::error) continue;
    if (first == nullptr) first = &finding;
    ++errors;
  }
  if (first == nullptr) return holds();
  const std::string more =
      errors > 1 ? " (and " + std::to_string(errors - 1) + " more: bdrmesh doctor)" : "";
  return refused(first->code, first->text + more, first->remedy);
}

}  // namespace bdrmesh::flows
