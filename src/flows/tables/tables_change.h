// The operation that changes which tables a mesh carries: from a changed configuration to a plan.
#pragma once

#include <string>
#include <vector>

#include "engine/plan.h"
#include "flows/kinds.h"
#include "flows/link/link_changes.h"
#include "flows/snapshot.h"
#include "flows/verify/rows_plan.h"

namespace bdrmesh::flows {

/// What a changed `tables` means on the clusters.
struct TablesChange {
  RuleChange rules;
  std::vector<TableName> entering;  ///< on some member; carried from now on
  std::vector<TableName> leaving;   ///< carried no more
};

struct TablesOptions {
  Millis max_pause{30000};
  Millis grace{500};  ///< before a transaction in the way is killed
  bool kill = false;
  bool accept_unproven = false;  ///< parts of tables that no digest takes may enter
  VerifyRowsOptions rows{};      ///< how the tables that enter are compared
};

/// That what a person named is what the configuration changes. Pure.
/// @throws Error precondition `TABLES_AS_WANTED`, `TABLES_NOT_NAMED`.
void require_named(const GroupSnapshot& snapshot, const std::optional<RuleChange>& rules,
                   const std::vector<std::string>& add, const std::vector<std::string>& remove);

/// A cut between the old changefeeds and new ones, with proofs before and after. Pure.
/// @throws Error precondition `NOT_MANAGED`, `LINK_MISSING`, `DRIFT`, `TABLES_OF_A_PAIR`.
Plan plan_tables_change(const Desired& desired, const GroupSnapshot& snapshot,
                        const TablesChange& change, const TablesOptions& options);

/// {group, add?, remove?, max_pause_ms?, txn_wait_ms?, kill?, accept_unproven?, readers?,
/// rows_per_second?, max_load?, patience_ms?}. Blocks. @throws also Error as the clients.
PlannedOperation group_tables_request(const FlowPorts& ports, const Json& args, const Call& call);

}  // namespace bdrmesh::flows
