// Plans as data: stages of steps, made once by a pure function, stored, shown and executed exactly
// as stored. Knows nothing of TiDB. Values; thread-safe as values are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"

namespace bdrmesh {

/// Which queue of its target runs a step.
enum class LaneKind {
  work,  ///< the bounded queue of the step's target
  gate,  ///< the slot that only opening a gate may use
  slow,  ///< the long lane: own thread, for what takes long by nature
};

struct PlannedStep {
  std::string type;    ///< key in the step registry
  std::string target;  ///< whose lane runs it: a cluster name; empty for the manager's own lane
  Json args = Json::object();
  LaneKind lane = LaneKind::work;
  LaneKind undo_lane =
      LaneKind::work;  ///< which lane runs `compensate`: gate for steps that close one
  /// After a restart before the line, this step's `verify` must hold at once, or the operation is
  /// undone (gates, tokens).
  bool guards_resume = false;
  /// What skipping it leaves undone, for the person who decides; empty: it cannot be skipped.
  std::string skip_means;
};

struct PlannedStage {
  std::string name;
  std::vector<PlannedStep> steps;
};

/// The place after which there is only forward, and when it counts as crossed.
struct PointOfNoReturn {
  std::size_t before_stage = 0;  ///< index into Plan::stages: everything before it can be undone
  std::string crossed_when;      ///< for people: "the first DDL job is synced"
};

/// The time that the stages [from_stage, PointOfNoReturn) may take together; when it is spent the
/// operation is undone.
struct PauseBudget {
  std::size_t from_stage = 0;
  Millis limit{0};
};

struct Plan {
  std::string kind;               ///< "ddl.paused", "group.apply"
  std::string title;              ///< one line for people
  Json subject = Json::object();  ///< what it is about: group, statements, positions; shown, and
                                  ///< read by steps through StepContext
  std::vector<std::string>
      locks;  ///< names such as "cluster:east"; exclusive while the operation is not final
  std::vector<PlannedStage> stages;
  std::optional<PointOfNoReturn> line;
  std::optional<PauseBudget> budget;
};

/// Stable name of a step inside its plan: `<stage index>.<step index>`.
std::string step_id(std::size_t stage, std::size_t step);

Json to_json(const Plan& plan);
/// @throws Error invalid `BAD_PLAN` when the JSON is no plan.
Plan plan_from_json(const Json& json);

/// Writes a plan in the order in which it is read aloud.
class PlanBuilder {
 public:
  PlanBuilder(std::string kind, std::string title);

  PlanBuilder& subject(Json subject);
  PlanBuilder& lock(const std::string& name);
  /// Begins the next stage; steps added afterwards run at once, together.
  PlanBuilder& stage(const std::string& name);
  PlanBuilder& step(PlannedStep step);
  /// Everything in stages begun after this call lies behind the line.
  PlanBuilder& point_of_no_return(const std::string& crossed_when);
  /// Stages from the next one up to the line share `limit`.
  PlanBuilder& pause_budget_from_next_stage(Millis limit);
  /// @throws Error bug `BAD_PLAN` for a plan without stages or with an empty stage name.
  Plan build() const;

 private:
  Plan plan_;
};

}  // namespace bdrmesh
