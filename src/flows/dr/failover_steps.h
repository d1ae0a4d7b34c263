// Steps of a forced change of roles: the old primary is gone or shut out, what can be saved of its
// last rows is written, and what cannot is said before anything changes (docs/operations/
// dr-failover.md).
#pragma once

#include <vector>

#include "flows/dr/redo_port.h"
#include "flows/step_args.h"

namespace bdrmesh::flows {

/// What of a cluster answers when it is asked now: each tidb-server, PD, TiCDC. A refused login is
/// an answer. Blocks for `patience` at most.
std::vector<std::string> signs_of_life(const FlowPorts& ports, const ClusterName& cluster,
                                       Millis patience, const Call& call);

/// Nothing of args.cluster answers; with args.because, what answers is only noted.
class RequireGone final : public PlainStep {
 public:
  using PlainStep::PlainStep;
  std::string name() const override { return "require_gone:" + cluster().value(); }
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext&) override {}

 private:
  ClusterName cluster() const { return ClusterName(get_required<std::string>(args_, "cluster")); }
};

/// The account args.user writes on the cluster no more: it is locked, every tidb-server refuses it
/// (3118), and none of its sessions is left (design §2 rule 12). Undone by unlocking it, if this
/// operation locked it.
class ShutOutUser final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
  void compensate(StepContext& ctx) override;

 private:
  Verdict refused_everywhere(StepContext& ctx, const std::vector<TidbServerInfo>& servers);
  std::string user() const { return get_required<std::string>(args_, "user"); }
};

/// The account args.user may log in again: nothing old is left that would.
class LetInUser final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
};

/// The fact "loss" says up to which position of the lost primary its rows will be here, and how
/// many seconds before args.last_seen_ms (or now) that was. Read from the redo log below
/// args.storage, where there is one; else args.proven is all that is known.
class StateLoss final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
};

/// The redo log below args.storage is written into the cluster, by a user made for it, whose
/// password is known to nobody afterwards, because the user is dropped.
class ApplyRedo final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict precondition(StepContext& ctx) override;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
  void compensate(StepContext& ctx) override;

 private:
  std::string user(const StepContext& ctx) const;
};

/// What the tool needs on its target (measured §3 19; tidb-sql §9).
std::vector<std::string> redo_grants();
/// What of it, and of the right to make users, we lack or may not hand on; empty when nothing.
/// Pure. @param own_grants  lines of SHOW GRANTS
std::string missing_for_redo_user(const std::vector<std::string>& own_grants);
/// The statements that give `user` all of it.
std::string grants_for_redo_user(const std::string& user);

/// The loss in words and numbers. Pure.
/// @param position  up to here the rows of the lost primary are known to come
Json loss_of(Tso position, bool by_redo, WallTime until);

}  // namespace bdrmesh::flows
