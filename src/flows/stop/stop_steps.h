// Steps of a verified stop that change something: feeds stopped and removed, the cut, gates that
// stay closed, roles.
#pragma once

#include "flows/link/link_change_steps.h"

namespace bdrmesh::flows {

/// The link's feed is stopped and confirmed so, which crosses the line. The durable fact "stopped"
/// holds the position, up to which the book takes it as proven.
class StopLink final : public PauseLink {
 public:
  using PauseLink::PauseLink;
  Verdict verify(StepContext& ctx) override;
  Crossing crossed(StepContext& ctx) override;
};

/// The fact "snapshot" holds a TSO of the cluster, taken after every feed had stopped, and whether
/// its gate was still closed then.
class TakeCut final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
};

/// The gate stays closed after the operation, until a person opens it or the group starts again: a
/// standing note has taken the place of the operation's.
class KeepStoppedGate final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;

 private:
  std::string role() const;
};

/// The feed is removed, if the stop was proven; otherwise it stays paused.
class RemoveProvenLink final : public RemoveLink {
 public:
  using RemoveLink::RemoveLink;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
};

/// The cluster has no BDR role, if the stop was proven; otherwise it keeps it.
class UnsetProvenRole final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
};

/// Says until when the paused feeds of the cluster can be resumed.
class TellGcBudget final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext&) override {}
};

}  // namespace bdrmesh::flows
