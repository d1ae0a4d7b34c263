// The thin commands: ask the API, print, say how it ended. The parsing of arguments is left to
// app/cli/command.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "app/cli/client/api_client.h"
#include "app/cli/command/exit_code.h"
#include "app/cli/render/terminal.h"
#include "base/clock.h"

namespace bdrmesh {

enum class OutputForm { table, json };

/// What every thin command works with.
struct CommandContext {
  ApiClient& api;
  Terminal& terminal;
  const Clock& clock;
  OutputForm form = OutputForm::table;
  std::function<bool()> interrupted;
};

/// Prints an answer, as JSON or rendered.
void print(const CommandContext& context, const Json& answer, std::string (*render)(const Json&));

/// Prints `GET path`, as JSON or rendered.
Json show(const CommandContext& context, const std::string& path,
          std::string (*render)(const Json&));

struct StartOptions {
  bool dry_run = false;
  bool detach = false;
  std::string
      idempotency_key;  ///< empty: a random one, so that a lost answer can be asked for again
  std::optional<Millis> limit;     ///< stop watching after this
  bool queue = false;              ///< wait for locks instead of being refused
  std::optional<Millis> deadline;  ///< undo it when it has not crossed its line by then
};

/// Submits an operation and follows it to its end, or prints its plan.
ExitCode run_operation(const CommandContext& context, const std::string& kind, const Json& args,
                       const StartOptions& options);

/// Runs exactly the plan that a dry run has stored, and follows it to its end.
/// @throws ApiProblem conflict `WORLD_CHANGED` with what changed.
ExitCode run_plan(const CommandContext& context, const std::string& plan,
                  const StartOptions& options);

/// Follows an operation that exists; prints its outcome.
/// `known`: see WatchOptions.
ExitCode follow_operation(const CommandContext& context, const std::string& id,
                          std::optional<Millis> limit, std::optional<Json> known = std::nullopt);

/// Cancels, resumes, retries or skips, then follows. `body`: null for none.
ExitCode steer_operation(const CommandContext& context, const std::string& id,
                         const std::string& verb, const Json& body, const StartOptions& options);

/// The newest operations; with `state` only those in it, and `unfinished` means all that are not
/// final.
ExitCode list_operations(const CommandContext& context, std::int64_t limit,
                         const std::string& state);

/// All that is known of an operation; with `calls` every outward call too, which JSON always has.
ExitCode show_operation(const CommandContext& context, const std::string& id, bool calls);

ExitCode run_doctor(const CommandContext& context, const std::string& group);

/// The listed links, of one group when `group` is not empty.
ExitCode list_links(const CommandContext& context, const std::string& group);

}  // namespace bdrmesh
