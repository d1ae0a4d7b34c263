// A cluster that is worked on for a while: `maintenance start CLUSTER --for SPAN --reason WHY`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/plan.h"
#include "flows/gate/hold_time.h"
#include "flows/snapshot.h"
#include "flows/step_args.h"

namespace bdrmesh::flows {

struct MaintenanceOptions {
  std::string reason;
  Millis span{0};
  bool upgrade = false;  ///< the version changes: roles are unset meanwhile where servers need it
};

/// Where a cluster in maintenance is noted: on its token row.
struct MaintenanceNote {
  std::string operation;
  std::string reason;
  std::string until;  ///< RFC 3339
  std::int64_t until_ms = 0;
  bool end_asked = false;  ///< a person said that it is over
};

std::optional<MaintenanceNote> maintenance_note(const TokenRow& row);

/// Notes, unsets roles if `upgrade` (on every member of the cluster's groups that has one: never a
/// mixture), holds until the time is over or `maintenance end`, looks at what is back, restores
/// the roles, takes the note away. `groups`: those that the cluster is a member of. Pure.
Plan plan_maintenance(const ClusterName& cluster, const std::vector<GroupSnapshot>& groups,
                      const MaintenanceOptions& options);
/// Tells the operation that holds the maintenance to end it now. Pure.
Plan plan_end_maintenance(const ClusterName& cluster, const std::string& operation);

/// Afterwards the note stands on the cluster's token row; undone it is gone. Leaves the fact
/// "maintenance" with the time at which it ends.
class NoteMaintenance final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict precondition(StepContext& ctx) override;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
  void compensate(StepContext& ctx) override;
};

/// Holds when the time is over, or a person said so. Meanwhile it says, louder each time, how much
/// of TiCDC's GC budget the links of the cluster have used.
class HoldMaintenance final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext&) override {}

 private:
  void watch_links(StepContext& ctx);
  void judge(StepContext& ctx, const Link& link, const FeedSummary& feed);
  /// gc-ttl of the link's TiCDC as it was told last; a day while it was never told.
  Millis budget_of(const ClusterName& origin, const Call& call);

  HoldTime time_;
  MonoTime next_look_{};
  MonoTime next_watch_{};
  bool end_asked_ = false;
  std::map<std::string, int> told_;  ///< link -> the loudest that was said
  std::map<ClusterName, Millis> budgets_;
};

/// Warns of what is not back at the end; never stops anything.
class SeeWhatIsBack final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
};

/// Takes the note away.
class EndMaintenance final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
};

/// The note of args.operation says that it is over.
class AskToEndMaintenance final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict precondition(StepContext& ctx) override;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
};

}  // namespace bdrmesh::flows
