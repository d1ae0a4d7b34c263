// Steps of changes that run without a pause: roles as planned, and a replicated change seen on the
// members that its feeds lead to.
#pragma once

#include "flows/step_args.h"

namespace bdrmesh::flows {

/// The BDR role is args.role, as when the plan was made: it decides what becomes of the statement.
class RequireRole final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict precondition(StepContext& ctx) override { return verify(ctx); }
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext&) override {}
};

/// What the PRIMARY ran has arrived here: no job on args.tables is open, none failed since the plan
/// noted the newest one, the definitions are those of args.primary, and args.schemas were made. A
/// feed's checkpoint alone does not tell: it may pass an index before that is public (tidb-sql
/// §1.5). Refuses when nothing is under way any more and args.grace_ms have passed.
class FollowDdl final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  std::string name() const override;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;

 private:
  /// Open and failed jobs; holds when none is in the way.
  Verdict judge_jobs(StepContext& ctx, const std::vector<DdlJob>& jobs) const;
  /// What differs from the PRIMARY; empty when nothing does.
  std::string differences(StepContext& ctx) const;
  std::string missing_schemas(const StepContext& ctx, const std::vector<DdlJob>& jobs) const;
  bool grace_is_over(StepContext& ctx, const char* key, std::int64_t fallback) const;
  Verdict not_arrived(const std::string& what, StepContext& ctx) const;
};

/// The definition as it compares between clusters: a view's definer is who created it there, which
/// is the feed's user on one cluster and somebody else on another.
std::string comparable_definition(const std::string& text);

/// What is open, cancelled or held on the server by somebody, in words for whoever waits.
std::string describe_waiting(const DdlJob& job);

}  // namespace bdrmesh::flows
