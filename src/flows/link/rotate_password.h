// New passwords for the accounts as which changefeeds write into a cluster: the plan and its steps.
#pragma once

#include <vector>

#include "flows/kinds.h"
#include "flows/snapshot.h"
#include "flows/step_args.h"

namespace bdrmesh::flows {

/// `groups`: those that have links into `target`. Pure.
/// @throws Error precondition `NO_SINK` when there is none, `LINK_MISSING`, `TABLES_CHANGED`.
Plan plan_rotate_password(const Desired& desired, const std::vector<GroupSnapshot>& groups,
                          const ClusterName& target);

/// {cluster}. Blocks. @throws also Error as the clients.
PlannedOperation rotate_password_request(const FlowPorts& ports, const Json& args,
                                         const Call& call);

/// The account args.user exists on the cluster and is not locked, and the password that the
/// configuration has for args.from can be read.
class RequireSinkUser final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext&) override {}
};

/// Every tidb-server of the cluster lets args.user in with the configuration's password for
/// args.from. Crosses the line when it was changed.
class SetSinkPassword final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
  Crossing crossed(StepContext& ctx) override;

 private:
  std::string user() const { return get_required<std::string>(args_, "user"); }
  Secret password() const;
};

}  // namespace bdrmesh::flows
