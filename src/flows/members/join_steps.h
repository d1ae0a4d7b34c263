// What a join changes about who is a member.
#pragma once

#include <optional>

#include "flows/step_args.h"
#include "mesh/membership.h"

namespace bdrmesh::flows {

/// The cluster's token row does not say (any more) that args.member has left args.group. Undone by
/// writing the note again that this operation took away.
class ForgetEnded final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
  void compensate(StepContext& ctx) override;

 private:
  GroupName group() const { return GroupName(get_required<std::string>(args_, "group")); }
  ClusterName member() const { return ClusterName(get_required<std::string>(args_, "member")); }
  std::optional<EndedMembership> note_on(const TokenRow& row) const;
};

}  // namespace bdrmesh::flows
