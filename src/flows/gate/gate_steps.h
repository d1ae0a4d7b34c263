// Steps that stop application writes, see the last transactions out, and let writers in again.
#pragma once

#include "flows/step_args.h"

namespace bdrmesh::flows {

/// Announces and closes the cluster's gate; holds when every tidb-server said by itself that it is
/// closed and the cluster's token carries our note, whose deadline is args.for_ms away, or that of
/// the pause; or, with args.stands_as, the standing note of that role, which the operation ends
/// with. Guards the resume; undone on the lane kept for opening.
class CloseGate final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict precondition(StepContext& ctx) override;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
  void compensate(StepContext& ctx) override;

 private:
  /// Somebody opened the gate again before all servers were seen closed.
  bool was_undone(StepContext& ctx, const GateView& view) const;
};

/// The cluster's note of the gate says that the line may be crossed from now on, so that whoever
/// finds the gate closed without us knows whether opening it is safe.
class AnnounceLine final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
};

/// No transaction is left that could still commit a write, or hold a metadata lock on args.tables
/// (design §6). With args.kill, what remains after args.grace_ms is killed once.
class DrainTransactions final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
};

/// Opens what this operation closed, after taking the fact "opening": a TSO below every later
/// commit of an application.
class OpenGate : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
};

/// Every tidb-server still says that the gate is closed, and the note is ours: positions taken
/// since then hold. Refuses otherwise.
class RequireGateClosed final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext&) override {}
};

/// Opens the gate that another operation, args.operation, left closed; refuses a closed gate whose
/// row has no such note.
class ReopenGateOf : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict precondition(StepContext& ctx) override;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
};

/// What one look says about who is still in the way.
struct InTheWay {
  std::vector<OpenTransaction> transactions;
  std::string incomplete;  ///< why the look proves nothing; empty when it is complete
};

/// Judges a look (tidb-sql §2.7): every row that is not Idle counts, and every row that touched one
/// of `tables`, idle and reading ones too, because its metadata lock would stall the DDL. `exempt`
/// users (ours, the sinks) never count. Pure.
InTheWay in_the_way(const TransactionLook& look, const std::vector<TidbServerInfo>& servers,
                    const std::vector<std::string>& exempt,
                    const std::vector<std::int64_t>& tables);

/// Our own user on the cluster and those as whom feeds write there.
std::vector<std::string> exempt_users(const Desired& desired, const ClusterName& cluster);

/// Looks at the cluster now and judges. Blocks.
InTheWay look_for_writers(const FlowPorts& ports, const ClusterName& cluster,
                          const std::vector<TableName>& tables, const Call& call);

std::string describe(const OpenTransaction& transaction);

}  // namespace bdrmesh::flows
