// A schema change as it was asked for: its statements judged for this group, and the strategy by
// which each will run (design §5, "Coordinated DDL").
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ddl/classify.h"
#include "ddl/table_check.h"
#include "flows/ddl/seen_tables.h"
#include "flows/snapshot.h"

namespace bdrmesh::flows {

/// A member that does not answer, as the others and our book tell of it.
struct DeadMember {
  ClusterName name;
  std::vector<LinkSnapshot> towards;           ///< from the others, with their feeds
  Json links = Json::array();                  ///< from it: {from, to, changefeed, proven}
  std::map<ClusterName, std::string> users{};  ///< as whom its feeds write, by target
};

struct DdlOptions {
  std::string schema;       ///< default schema of the session
  Millis max_pause{10000};  ///< from closing the gates to the line; then everything is undone
  Millis max_lag{10000};    ///< links must be nearer than this before the gates close
  bool kill = false;        ///< kill transactions that do not end within `grace`
  Millis grace{500};
  std::optional<ddl::Strategy> strategy;  ///< a safer one, asked for
  /// As many statements as the script has: the n-th takes the n-th back. Empty: none was given.
  std::string undo;
  std::optional<DeadMember> dead{};  ///< takes no part
};

/// What the classifier must know about the group.
ddl::Context classifier_context(const GroupSnapshot& snapshot, const DdlOptions& options);

/// Classifies the script for this group, by the definitions that `seen` has where the text leaves
/// something open. Blocks.
/// @throws Error invalid `DDL_SYNTAX`, `NOT_DDL`; precondition `DDL_STATEMENT_REFUSED` with the
/// reason when a statement must not run in this group at all.
std::vector<ddl::Statement> classify_for_group(SeenTables& seen, const GroupSnapshot& snapshot,
                                               const std::string& script,
                                               const DdlOptions& options);

/// The strategies by which the script will run as a whole: the safer one that was asked for; and
/// whatever stands before a paused statement shares its pause, so that the order of the script
/// holds and there is one pause only. Pure.
/// @throws Error precondition `STRATEGY_NOT_SAFER` for a weaker one; `SCRIPT_ORDER` when a
/// statement that takes long would come into a pause that it does not need itself.
std::vector<ddl::Statement> with_strategies(std::vector<ddl::Statement> script,
                                            const DdlOptions& options);

/// The statements of `options.undo`, one for each of `script`, which is as `with_strategies` left
/// it; none when it is empty. Pure.
/// @throws Error invalid `BAD_UNDO` naming what does not fit: their number, the tables, a script of
/// several strategies, or a way back that would itself want a pause that the change did not have.
std::vector<ddl::Statement> fitting_undo(const std::vector<ddl::Statement>& script,
                                         const DdlOptions& options, const ddl::Context& context);

}  // namespace bdrmesh::flows
