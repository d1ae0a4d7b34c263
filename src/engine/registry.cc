#include "engine/registry.h"

#include "base/error.h"

namespace bdrmesh {

void StepRegistry::add(const std::string& type, Maker maker) {
  if (!makers_.emplace(type, std::move(maker)).second) {
    throw Error(ErrorKind::bug, "STEP_TYPE_TAKEN", "step type " + type + " is registered twice");
  }
}

std::unique_ptr<Step> StepRegistry::make(const PlannedStep& planned) const {
  const auto found = makers_.find(planned.type);
  if (found == makers_.end()) {
    throw Error(ErrorKind::precondition, "UNKNOWN_STEP_TYPE",
                "this version does not know the step type " + planned.type,
                "run the version that made the plan, then resume or cancel the operation there");
  }
  return found->second(planned);
}

}  // namespace bdrmesh
