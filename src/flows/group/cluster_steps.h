// Steps that set a cluster up: token, source id, schemas, roles.
#pragma once

#include "flows/step_args.h"

namespace bdrmesh::flows {

/// The token row exists and is ours. Never undone: a cluster stays managed.
class ClaimToken final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
};

/// `tidb_source_id` is args.id. Out of range is clamped by the server in silence, so it is read
/// back (measured §2 A18).
class SetSourceId final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
  void compensate(StepContext& ctx) override;
};

/// The marker schema exists. Made before roles are set: under a role it cannot be made (measured §1
/// A7). Stays on compensation.
class MakeMarkerSchema final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
};

/// The BDR role is args.role, with an empty DDL queue before and after: a job submitted under the
/// old role may still enter just after the change (tidb-sql §0.1). Leaves the durable fact
/// "role_before".
class SetRole final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict precondition(StepContext& ctx) override;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
  void compensate(StepContext& ctx) override;

 private:
  BdrRole wanted() const;
};

/// The BDR role is again what the fact "role_before" of this operation says; with args.only, if it
/// was that one.
class RestoreRole final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
};

/// Nobody's DDL is queued or running. Refuses, naming the job: what runs now is not ours to wait
/// for.
class RequireQuietDdlQueue final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict precondition(StepContext& ctx) override { return verify(ctx); }
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext&) override {}
};

/// The jobs that are neither done for good nor failed for good.
std::vector<DdlJob> unfinished(const std::vector<DdlJob>& jobs);
std::string describe(const DdlJob& job);

}  // namespace bdrmesh::flows
