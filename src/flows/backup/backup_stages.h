// Stages that every operation shares which fills clusters from a backup of another one. Pure.
#pragma once

#include <string>
#include <vector>

#include "engine/plan.h"
#include "model/desired.h"

namespace bdrmesh::flows {

/// A backup of `source`, restored to `targets`.
struct Copy {
  GroupName group;
  ClusterName source;
  std::vector<ClusterName> targets;
  std::vector<TableName> tables;
  Millis hold{24 * 3'600'000};  ///< how much history is kept for it
};

/// What the steps read from the plan's subject: group, tables; and what people want to know.
Json subject_of(const Copy& copy, const std::string& reason);
/// @throws Error precondition `NO_BACKUP_STORAGE`, `BAD_RATE_LIMIT`, `NO_TABLES`.
void require_copy(const GroupSpec& group, const Copy& copy);

/// Stage `targets`: they can take it. Changes nothing.
void require_targets(PlanBuilder& plan, const Copy& copy);
/// Stage `no role`: the source has none, for tables are dropped under no role only.
void take_role_off(PlanBuilder& plan, const ClusterName& cluster);
/// Stage `storage`: one row makes the way. Needs our own schema on all, and no role.
void probe_storage(PlanBuilder& plan, const Copy& copy);
/// Stage `close the empty ones`: nobody writes on the targets until they replicate. No pause of
/// anything that serves. With `stands_as`, they stay closed in that role at the end.
void close_targets(PlanBuilder& plan, const Copy& copy, const std::string& stands_as = "");
/// Stage `hold history` on `clusters`: to come before any position is taken.
void hold_gc(PlanBuilder& plan, const std::vector<ClusterName>& clusters, Millis life);
/// Stages `backup`, `restore`: from the fact "start" of the source.
void copy_tables(PlanBuilder& plan, const Copy& copy);
/// Stages `positions of the restored`, `restored ones still closed`: the fact "start" of each
/// target, above all that RESTORE wrote and below every later write.
void take_target_positions(PlanBuilder& plan, const Copy& copy);
/// Stage `compare schemas` on `clusters`.
void compare_schemas(PlanBuilder& plan, const Copy& copy, const std::vector<ClusterName>& clusters);
/// Stage `open the filled ones`.
void open_targets(PlanBuilder& plan, const Copy& copy);
void give_back_gc(PlanBuilder& plan, const std::vector<ClusterName>& clusters);

/// What BACKUP and RESTORE leave behind and no feed carries, for the outlook.
Json not_carried();

}  // namespace bdrmesh::flows
