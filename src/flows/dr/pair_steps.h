// Steps about the roles of a pair: the gate that stands on the secondary, what readers and TTL jobs
// do there, and the moment in which it becomes the primary (docs/dr.md).
#pragma once

#include "flows/step_args.h"

namespace bdrmesh::flows {

/// The gate of the cluster stands closed as args.role, on every tidb-server. Never undone: it is
/// how a secondary is.
class StandClosed final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
};

/// One sweep over the secondary, all of it newer than the sweep's start: our token with the
/// standing note of args.role, the gate on every tidb-server, no writer but the feed, no DDL under
/// way.
class LookAtSecondary final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict precondition(StepContext& ctx) override;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext&) override {}

 private:
  Verdict gate(StepContext& ctx);
};

/// The line of switchover and failover: the standing gate of args.role is open, and the token row
/// says that the cluster is the primary of args.group, with a term above all before (args.term).
/// Crossed when a tidb-server takes writes.
class OpenNewPrimary final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
  void compensate(StepContext& ctx) override;
  Crossing crossed(StepContext& ctx) override;

 private:
  std::string role() const { return get_required<std::string>(args_, "role"); }
  GroupName group() const { return GroupName(get_required<std::string>(args_, "group")); }
};

/// The other one's token row says so too.
class NoteNewPrimary final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
};

/// New sessions read what is there now (args.past false) or at the newest syncpoint. Undone to what
/// it was, if this operation changed it. Leaves "open_sessions" when it was switched off here.
class SetReads final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
  void compensate(StepContext& ctx) override;
};

/// tidb_ttl_job_enable is args.on: expired rows are deleted on the primary, and by nobody else.
/// TTL jobs write through a closed gate (tidb-sql §2.2). Undone to what it was.
class SetTtlJobs final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
  void compensate(StepContext& ctx) override;
};

/// The definitions of args.tables are the same on args.members; looked at anew whenever the stage
/// is.
class ComparePairSchemas final : public PlainStep {
 public:
  using PlainStep::PlainStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext&) override {}
};

/// A feed from link.from could write into link.to: its sink user exists there, is not locked and is
/// exempt from a closed gate; nothing of the name args.changefeed exists yet.
class RequireReturnPath final : public LinkStep {
 public:
  using LinkStep::LinkStep;
  Verdict precondition(StepContext& ctx) override { return verify(ctx); }
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext&) override {}
};

}  // namespace bdrmesh::flows
