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
/// The first job that is synced crosses the line. With args.clusters, those of the script's way
/// back: holds at once, without having done anything, when an earlier statement was skipped on one
/// of them.
class ApplyDdl : public ClusterStep {
 public:
  ApplyDdl(FlowPorts ports, const PlannedStep& planned);
  std::string name() const override;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
  Crossing crossed(StepContext& ctx) override;

 protected:
  /// The statement's place in the script, as facts and tags carry it.
  virtual std::string ordinal() const { return std::to_string(number_); }
  /// Not the statement that takes it back.
  virtual bool is_the_change() const { return true; }
  int number() const { return number_; }

 private:
  std::string tag(const StepContext& ctx) const;
  std::string sent_scope() const;
  /// What became true here: the job, or that there was nothing to do.
  Verdict done(StepContext& ctx, const Json& how);
  /// Refuses, once for each job that rolled back; a resumed operation sends the statement again.
  Verdict failed(StepContext& ctx, const DdlJob& job);
  /// Keeps the definitions as the first failure behind the line left them.
  void note_what_is_left(StepContext& ctx);
  /// After a failure behind the line: somebody has made the change here meanwhile.
  bool done_by_hand(StepContext& ctx);
  /// The server took it and made no job.
  void note_that_nothing_was_to_do(StepContext& ctx);
  /// Refused for the role: thrown again as transient, once.
  void try_once_more(StepContext& ctx, const Error& refusal);
  /// The connection that sent it before still lives: its statement may still become a job.
  bool may_still_arrive(StepContext& ctx);

  std::string statement_;
  int number_;
};

/// The tables have the same definition on every cluster. After the line this blocks rather than
/// undoes.
class CompareSchemas final : public PlainStep {
 public:
  using PlainStep::PlainStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext&) override {}
};

}  // namespace bdrmesh::flows
