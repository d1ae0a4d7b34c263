#include "app/cli.h"

#include <iostream>
#include <unistd.h>

#include "app/cli/command_groups.h"
#include "app/cli/render/render.h"
#include "app/rescue.h"
#include "app/serve.h"

namespace bdrmesh {
namespace {

constexpr const char* kVersion = BDRMESH_VERSION;

ExitCode run_serve(const Invocation& call) {
  return serve({call.required_config(), call.text("--port-file")});
}

ExitCode run_rescue(const Invocation& call) {
  RescueOptions options;
  options.config = call.required_config();
  options.server = call.has("--server") ? call.text("--server") : manager_url(options.config);
  options.dry_run = call.has("--dry-run");
  options.manager_is_dead = call.has("--manager-is-dead");
  return rescue_gates(options, call.form(), call.terminal());
}

/// Those that bring the daemon's parts with them.
Commands program_commands() {
  return {{"rescue",
           "Open gates that a lost manager left closed; needs the configuration only",
           "bdrmesh rescue --config mesh.toml --dry-run",
           {flag("--dry-run", "only say what would be opened"),
            flag("--manager-is-dead",
                 "do not wait for the time at which a living manager would open by itself")},
           run_rescue},
          {"serve",
           "Run the daemon",
           "bdrmesh serve --config mesh.toml",
           {option("--port-file", "write the port here once it is listened on", Names::file)},
           run_serve}};
}

ExitCode run(const std::vector<std::string>& arguments) {
  std::vector<CommandGroup> groups = command_groups();
  groups.push_back({"", "The daemon", program_commands()});
  std::optional<Parsed> parsed = parse_arguments(groups, arguments, kVersion, std::cout);
  if (!parsed) return ExitCode::done;
  Terminal terminal(std::cout, std::cerr, isatty(STDERR_FILENO) != 0);
  const SystemClock clock;
  const Invocation call(*parsed->command, std::move(parsed->values), terminal, clock);
  return parsed->command->run(call);
}

/// Mistakes in arguments and files of the person at the keyboard; what the daemon refuses is
/// something else.
bool is_usage(const Error& error) {
  return error.code() == "USAGE" || error.code() == "BAD_CONFIG" ||
         error.code() == "CONFIG_UNREADABLE" || error.code() == "FILE_UNREADABLE" ||
         error.code() == "BAD_VERSION";
}

}  // namespace

int run_command_line(int argc, char** argv) {
  try {
    return static_cast<int>(run({argv + std::min(argc, 1), argv + argc}));
  } catch (const Error& error) {
    std::cerr << render_error(error);
    return static_cast<int>(is_usage(error) ? ExitCode::usage : exit_code_of(error));
  } catch (const std::exception& error) {
    std::cerr << "failed (INTERNAL): " << error.what() << "\n";
    return static_cast<int>(ExitCode::internal_error);
  }
}

}  // namespace bdrmesh
