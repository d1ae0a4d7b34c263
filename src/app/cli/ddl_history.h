// What became of schema changes: a list for people and pipelines, and the way back for one that
// took place on some clusters only. One thread.
#pragma once

#include <string>

#include "app/cli/client/operations.h"

namespace bdrmesh {

/// One schema change of the history: id, created, group, strategy, statements, state, paused_ms
/// (null when writes were never paused). Pure. `operation` as `GET /operations/ID` answers it.
Json ddl_history_entry(const Json& operation);

/// Prints the schema changes among the newest `limit` operations, newest first.
ExitCode list_ddl(const CommandContext& context, std::int64_t limit);

/// Skips every cluster where the change of operation `id` failed, so that the statement given with
/// --undo takes it back on the others, and follows it to its end.
/// @throws Error precondition `NOTHING_FAILED` when no cluster is known to have failed; as the
/// API.
ExitCode undo_ddl(const CommandContext& context, const std::string& id, const std::string& reason,
                  const StartOptions& options);

/// Opens every cluster but those where the change of operation `id` failed, once the feeds towards
/// them are stopped. @throws Error as `undo_ddl`.
ExitCode open_healthy(const CommandContext& context, const std::string& id,
                      const StartOptions& options);

}  // namespace bdrmesh
