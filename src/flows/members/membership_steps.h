// Steps about who is a member of a group, and about gates that stay closed when the operation that
// closed them is over.
#pragma once

#include "flows/step_args.h"

namespace bdrmesh::flows {

/// The cluster's token row says that args.member is a member of args.group no more: args.how is
/// `left` or `evicted`. Undone by taking the note away, if this operation wrote it.
class NoteEnded final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
  void compensate(StepContext& ctx) override;
};

/// The gate that this operation closed stays closed when it is over: its note has become the
/// standing one of args.role. Undone by giving the note back to the operation.
class KeepGateClosed final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
  void compensate(StepContext& ctx) override;
};

/// The other way: the standing note of args.role is this operation's own, and the gate closed on
/// every server. Guards the resume; undone by letting it stand again. With args.to_open the gate is
/// opened next, and after a restart may be open already.
class TakeOverGate final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict precondition(StepContext& ctx) override;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
  void compensate(StepContext& ctx) override;

 private:
  std::string role() const { return get_required<std::string>(args_, "role"); }
  /// This operation had taken it over and has opened it, then was interrupted.
  bool was_opened_since(StepContext& ctx) const;
};

/// One sweep over a member that is about to lose its links, all of it newer than the sweep's start
/// (design §2 rule 8): our token with our note, the gate on every tidb-server, no writer, no DDL
/// under way, not the PRIMARY, every feed of args.links stopped, those of args.outgoing beyond
/// fence and marker.
class LookAgainToLeave final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext&) override {}

 private:
  Verdict gate_and_writers(StepContext& ctx);
  Verdict ddl_and_role(StepContext& ctx);
  Verdict feeds(StepContext& ctx);
};

/// The fact "result" tells what a leave has left behind: positions of the last rows each way, who
/// may write, what to do with the configuration.
class ReportDeparture final : public PlainStep {
 public:
  using PlainStep::PlainStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
};

}  // namespace bdrmesh::flows
