// Plans of dry runs, kept in the state for a day, the newest 200 of them: a person reads one, then
// runs exactly that. Deciding whether the world still fits is pure; asking it is left to the
// backend. Thread-safe.
#pragma once

#include <string>

#include "base/clock.h"
#include "engine/plan.h"
#include "flows/kinds.h"
#include "store/state_store.h"

namespace bdrmesh {

struct StoredPlan {
  std::string id;
  std::string kind;  ///< of the request: "ddl.run"
  Json args = Json::object();
  Plan plan;
  Json seen = Json::object();    ///< flows/seen.h
  Json answer = Json::object();  ///< as the dry run showed it, without `plan_id`
  WallTime made;
  std::string operation;  ///< that ran it; empty: none has
};

class StoredPlans {
 public:
  static constexpr Millis kKept = std::chrono::hours(24);
  static constexpr int kMost = 200;

  StoredPlans(StateStore& store, const Clock& clock) : store_(store), clock_(clock) {}

  /// Stores the plan under a new id, which it returns; forgets those that are too old or too many.
  std::string keep(StoredPlan plan);
  /// @throws Error invalid `UNKNOWN_PLAN`; precondition `PLAN_EXPIRED`.
  StoredPlan find(const std::string& id) const;
  /// Notes that `operation` runs it.
  void ran(StoredPlan plan, const std::string& operation);

  /// {"plan_id","made","expires","operation"} and what the dry run answered.
  static Json view(const StoredPlan& plan);

 private:
  void put(const StoredPlan& plan);

  StateStore& store_;
  const Clock& clock_;
};

/// @throws Refusal conflict `WORLD_CHANGED` with `{"plan","changed":[{"what","planned","now"}]}`
/// unless `now` is as the plan saw it. @param partial  as flows::differences.
void refuse_changed_world(const StoredPlan& plan, const Json& now, bool partial);

}  // namespace bdrmesh
