// Builds steps from their stored form. A type that this version does not know is reported, never
// guessed.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "engine/step.h"

namespace bdrmesh {

class StepRegistry {
 public:
  using Maker = std::function<std::unique_ptr<Step>(const PlannedStep&)>;

  /// @throws Error bug when `type` is taken.
  void add(const std::string& type, Maker maker);
  bool knows(const std::string& type) const { return makers_.contains(type); }
  /// @throws Error precondition `UNKNOWN_STEP_TYPE` for a type of another version.
  std::unique_ptr<Step> make(const PlannedStep& planned) const;

 private:
  std::map<std::string, Maker> makers_;
};

}  // namespace bdrmesh
