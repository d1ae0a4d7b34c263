// Steps that change the schema: rehearsal on empty copies, the change itself, and the comparison
// afterwards.
#pragma once

#include "flows/step_args.h"

namespace bdrmesh::flows {

/// The statements ran on empty copies of their tables (args.copies, args.statements, made when the
/// plan was made) beside the token row, where no feed looks, and the copies are gone.
class Rehearse final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
  void compensate(StepContext& ctx) override;

 private:
  void run_on_copies(StepContext& ctx);
  void drop_copies(StepContext& ctx);
};

/// The durable fact "jobs_before" holds the newest DDL job's id; every later one on our tables is
/// somebody's or ours.
class NoteDdlJobs final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
};

/// One statement of the script is public on the cluster. Tagged with operation, number and cluster,
/// so that its job is found again whatever became of the answer (tidb-sql §4.2, measured §1 A1).
/// The first job that is synced crosses the line.
class ApplyDdl final : public ClusterStep {
 public:
  ApplyDdl(FlowPorts ports, const PlannedStep& planned);
  std::string name() const override;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
  Crossing crossed(StepContext& ctx) override;

 private:
  std::string tag(const StepContext& ctx) const;
  std::string sent_scope() const;
  /// Refuses, once for each job that rolled back; a resumed operation sends the statement again.
  Verdict failed(StepContext& ctx, const DdlJob& job);
  /// Keeps the definitions as the first failure behind the line left them.
  void note_what_is_left(StepContext& ctx);
  /// After a failure behind the line: somebody has made the change here meanwhile.
  bool done_by_hand(StepContext& ctx);
  /// The connection that sent it before still lives: its statement may still become a job.
  bool may_still_arrive(StepContext& ctx);

  std::string statement_;
  int number_;
};

/// The tables have the same definition on every cluster. After the line this blocks rather than
/// undoes.
class CompareSchemas final : public Step {
 public:
  CompareSchemas(FlowPorts ports, const PlannedStep& planned)
      : ports_(ports), args_(planned.args) {}
  std::string name() const override { return "compare_schemas"; }
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext&) override {}

 private:
  FlowPorts ports_;
  Json args_;
};

}  // namespace bdrmesh::flows
