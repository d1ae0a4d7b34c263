#include "app/cli.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <sys/ioctl.h>
#include <unistd.h>

#include "app/cli/command_groups.h"
#include "app/cli/render/render.h"
#include "app/rescue.h"
#include "app/serve.h"

namespace bdrmesh {
namespace {

constexpr const char* kVersion = BDRMESH_VERSION;

using Arguments = std::vector<std::string>;

ExitCode run_serve(const Invocation& call) {
  ServeOptions options;
  options.config = call.required_config();
  options.port_file = call.text("--port-file");
  options.take_over = call.has("--take-over");
  options.manager_is_dead = call.has("--manager-is-dead");
  options.confirm = call.text("--confirm");
  return serve(options);
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
           {option("--port-file", "write the port here once it is listened on", Names::file),
            flag("--take-over",
                 "first take the clusters over from a manager that is gone, after the state file was "
                 "put back from a backup or lost"),
            flag("--manager-is-dead",
                 "with --take-over: you made sure that the manager's process is gone"),
            option("--confirm", "with --take-over: the manager's name, instead of typing it")},
           run_serve}};
}

std::vector<CommandGroup> all_commands() {
  std::vector<CommandGroup> groups = command_groups();
  groups.push_back({"", "The daemon", program_commands()});
  groups.push_back({"", "For the shell", completion_commands(all_commands)});
  return groups;
}

/// The value of an option in arguments that may be mistaken in other places.
bool is_given(const Arguments& arguments, const std::string& name, const std::string& value) {
  for (std::size_t at = 0; at < arguments.size(); ++at) {
    if (arguments[at] == "--") return false;
    if (arguments[at] == name + "=" + value || arguments[at] == name + value) return true;
    if (arguments[at] == name && at + 1 < arguments.size() && arguments[at + 1] == value)
      return true;
  }
  return false;
}

/// https://no-color.org: set and not empty.
bool wants_colour(const Arguments& arguments, int stream) {
  if (is_given(arguments, "--color", "never")) return false;
  if (is_given(arguments, "--color", "always")) return true;
  const char* none = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  const bool dumb = terminal == nullptr || std::string(terminal) == "dumb";
  return isatty(stream) != 0 && !dumb && (none == nullptr || *none == '\0');
}

TerminalSize size_of_terminal() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0)
    return {};
  return {size.ws_col, size.ws_row};
}

ExitCode run(const Arguments& arguments) {
  const std::vector<CommandGroup> groups = all_commands();
  std::optional<Parsed> parsed = parse_arguments(groups, arguments, kVersion, std::cout);
  if (!parsed) return ExitCode::done;
  Terminal terminal(std::cout, std::cerr, isatty(STDERR_FILENO) != 0);
  terminal.colour_data(wants_colour(arguments, STDOUT_FILENO));
  terminal.colour_narration(wants_colour(arguments, STDERR_FILENO));
  terminal.measure(size_of_terminal);
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

/// Who asks for JSON reads refusals as JSON too; without asking, JSON is for standard output only.
int report(const Error& error, const Arguments& arguments) {
  const int code = static_cast<int>(is_usage(error) ? ExitCode::usage : exit_code_of(error));
  const bool json = is_given(arguments, "-o", "json") || is_given(arguments, "--output", "json");
  const std::string text = json ? render_error_as_json(error, code) : render_error(error);
  std::cerr << (!json && wants_colour(arguments, STDERR_FILENO) ? painted(text) : text);
  return code;
}

}  // namespace

int run_command_line(int argc, char** argv) {
  const Arguments arguments{argv + std::min(argc, 1), argv + argc};
  try {
    return static_cast<int>(run(arguments));
  } catch (const Error& error) {
    return report(error, arguments);
  } catch (const std::exception& error) {
    return report(Error(ErrorKind::bug, "INTERNAL", error.what(),
                        "this is a fault of bdrmesh: report it with bdrmesh support bundle"),
                  arguments);
  }
}

}  // namespace bdrmesh
