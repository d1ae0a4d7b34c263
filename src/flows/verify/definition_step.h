// The step that compares the definitions of a group's tables, views and sequences.
#pragma once

#include <map>

#include "flows/step_args.h"

namespace bdrmesh::flows {

/// The fact "verification" says how the definitions differ, by severity, and which statement would
/// make each like that of args.reference.
class CompareDefinitions final : public PlainStep {
 public:
  using PlainStep::PlainStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;

 private:
  using Definitions = std::map<ClusterName, std::optional<std::string>>;
  Definitions definitions_of(const TableName& name, const Call& call) const;
};

}  // namespace bdrmesh::flows
