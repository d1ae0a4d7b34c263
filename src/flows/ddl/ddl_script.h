// A schema change as it was asked for: its statements judged for this group, and the strategy by
// which each will run (design §5, "Coordinated DDL").
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ddl/classify.h"
#include "ddl/table_check.h"
#include "flows/snapshot.h"

namespace bdrmesh::flows {

struct DdlOptions {
  std::string schema;       ///< default schema of the session
  Millis max_pause{10000};  ///< from closing the gates to the line; then everything is undone
  Millis max_lag{10000};    ///< links must be nearer than this before the gates close
  bool kill = false;        ///< kill transactions that do not end within `grace`
  Millis grace{500};
  std::optional<ddl::Strategy> strategy;  ///< a safer one, asked for
  std::string undo;  ///< takes the change back where it took place; empty: none was given
};

/// What the classifier must know about the group.
ddl::Context classifier_context(const GroupSnapshot& snapshot, const DdlOptions& options);

/// Classifies the script for this group, reading the definitions that the text leaves open from the
/// first member. Blocks.
/// @throws Error invalid `DDL_SYNTAX`, `NOT_DDL`; precondition `DDL_STATEMENT_REFUSED` with the
/// reason when a statement must not run in this group at all.
std::vector<ddl::Statement> classify_for_group(const FlowPorts& ports,
                                               const GroupSnapshot& snapshot,
                                               const std::string& script, const DdlOptions& options,
                                               const Call& call);

/// The strategies by which the script will run as a whole: the safer one that was asked for; and
/// whatever stands before a paused statement shares its pause, so that the order of the script
/// holds and there is one pause only. Pure.
/// @throws Error precondition `STRATEGY_NOT_SAFER` for a weaker one; `SCRIPT_ORDER` when a
/// statement that takes long would come into a pause that it does not need itself; invalid
/// `BAD_UNDO` when the statement to take it back fits none of the script.
std::vector<ddl::Statement> with_strategies(std::vector<ddl::Statement> script,
                                            const DdlOptions& options);

}  // namespace bdrmesh::flows
