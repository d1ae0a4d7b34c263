#include "app/cli.h"

#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "app/cli/commands.h"
#include "app/cli/ddl_classify.h"
#include "app/cli/interrupt.h"
#include "app/cli/render.h"
#include "app/cli/state_commands.h"
#include "app/config/config.h"
#include "app/config/config_address.h"
#include "app/config/config_fields.h"
#include "app/rescue.h"
#include "app/serve.h"

namespace bdrmesh {
namespace {

constexpr const char* kVersion = BDRMESH_VERSION;

/// A mistake in the arguments that the parser cannot see.
Error usage_error(const std::string& text, const std::string& remedy) {
  return {ErrorKind::invalid, "USAGE", text, remedy};
}

/// Where the configuration's manager would answer; empty when it lets the system choose the port.
std::string manager_url(const std::string& config) {
  const std::string listen = load_config(config).manager.listen;
  const std::optional<HostPort> address = parse_host_port(listen);
  return !address || address->port == 0 ? "" : "http://" + listen;
}

/// What all commands share, and the one that was chosen.
class CommandLine {
 public:
  CommandLine();
  ExitCode run(int argc, char** argv);

 private:
  void add_serve();
  void add_views();
  void add_group();
  void add_link();
  void add_ddl();
  void add_verify();
  void add_operations();
  void add_gate();
  void add_rescue();
  void add_doctor();
  void add_config();
  void add_state();

  CLI::App* command(CLI::App& parent, const std::string& name, const std::string& text,
                    std::function<ExitCode()> run);
  void add_start_options(CLI::App& command);
  Millis span(const std::string& option, const std::string& text) const;
  StartOptions start_options() const;
  OutputForm form() const;
  std::string server_url() const;
  ExitCode with_api(const std::function<ExitCode(const CommandContext&)>& body);
  ExitCode print(const std::string& path, std::string (*render)(const Json&));
  ExitCode start(const std::string& kind, const Json& args);
  ExitCode run_ddl();
  std::string state_file() const;

  CLI::App app_{"Runs TiDB clusters as one multi-active system", "bdrmesh"};
  std::function<ExitCode()> chosen_;
  Terminal terminal_{std::cout, std::cerr, isatty(STDERR_FILENO) != 0};
  SystemClock clock_;

  std::string server_;
  std::string config_;
  std::string output_;
  std::string name_;
  std::string group_;
  std::string from_;
  std::string to_;
  std::string file_;
  std::string statement_;
  std::string max_pause_ = "10s";
  std::string patience_ = "30s";
  std::string timeout_;
  std::string level_ = "links";
  std::string key_;
  std::string schema_;
  std::string because_;
  int limit_ = 20;
  std::int64_t after_ = 0;
  bool dry_run_ = false;
  bool detach_ = false;
  bool kill_ = false;
  ServeOptions serve_;
  RescueOptions rescue_;
  ClassifyOptions classify_;
};

CommandLine::CommandLine() {
  app_.set_version_flag("--version", std::string("bdrmesh ") + kVersion);
  app_.add_option("--server", server_,
                  "URL of the daemon (or BDRMESH_SERVER); default http://127.0.0.1:8440");
  app_.add_option("--config", config_,
                  "configuration file; its manager.listen says where the daemon is");
  app_.add_option("-o,--output", output_,
                  "table or json; default: table on a terminal, json elsewhere")
      ->check(CLI::IsMember({"table", "json"}));
  app_.require_subcommand(1);
  app_.fallthrough();
  add_serve();
  add_views();
  add_group();
  add_link();
  add_ddl();
  add_verify();
  add_operations();
  add_gate();
  add_rescue();
  add_doctor();
  add_config();
  add_state();
}

CLI::App* CommandLine::command(CLI::App& parent, const std::string& name, const std::string& text,
                               std::function<ExitCode()> run) {
  CLI::App* added = parent.add_subcommand(name, text);
  added->fallthrough();
  added->callback([this, run] { chosen_ = run; });
  return added;
}

CLI::App* folder(CLI::App& app, const std::string& name, const std::string& text) {
  CLI::App* added = app.add_subcommand(name, text);
  added->require_subcommand(1);
  added->fallthrough();
  return added;
}

void CommandLine::add_start_options(CLI::App& command) {
  command.add_flag("--dry-run", dry_run_, "print the plan, change nothing");
  command.add_flag("--detach", detach_, "print the operation's id and do not wait for it");
  command.add_option("--timeout", timeout_,
                     "stop watching after this, such as 10m; the operation goes on");
  command.add_option("--idempotency-key", key_, "the same key finds the same operation again");
}

Millis CommandLine::span(const std::string& option, const std::string& text) const {
  const std::optional<Millis> parsed = parse_duration(text);
  if (!parsed || *parsed <= Millis{0})
    throw usage_error(option + " is no duration: '" + text + "'", "write 500ms, 5s or 10m");
  return *parsed;
}

StartOptions CommandLine::start_options() const {
  StartOptions options;
  options.dry_run = dry_run_;
  options.detach = detach_;
  options.idempotency_key = key_;
  if (!timeout_.empty()) options.limit = span("--timeout", timeout_);
  return options;
}

OutputForm CommandLine::form() const {
  if (output_.empty()) return isatty(STDOUT_FILENO) != 0 ? OutputForm::table : OutputForm::json;
  return output_ == "json" ? OutputForm::json : OutputForm::table;
}

std::string CommandLine::server_url() const {
  std::string url = server_;
  if (url.empty() && !config_.empty()) {
    url = manager_url(config_);
    if (url.empty()) {
      throw usage_error("manager.listen of '" + config_ + "' lets the system choose the port",
                        "name the daemon with --server URL");
    }
  }
  if (const char* from_environment = std::getenv("BDRMESH_SERVER");
      url.empty() && from_environment != nullptr) {
    url = from_environment;
  }
  if (url.empty()) url = "http://127.0.0.1:8440";
  const std::string fault = fault_of_base_url(url);
  if (!fault.empty()) throw usage_error("the URL of the daemon " + fault, "write http://host:port");
  return url;
}

ExitCode CommandLine::with_api(const std::function<ExitCode(const CommandContext&)>& body) {
  ApiClient api(server_url());
  const InterruptFlag flag;
  return body(
      CommandContext{api, terminal_, clock_, form(), [] { return InterruptFlag::raised(); }});
}

ExitCode CommandLine::print(const std::string& path, std::string (*render)(const Json&)) {
  return with_api([&](const CommandContext& context) {
    show(context, path, render);
    return ExitCode::done;
  });
}

ExitCode CommandLine::start(const std::string& kind, const Json& args) {
  const StartOptions options = start_options();
  return with_api(
      [&](const CommandContext& context) { return run_operation(context, kind, args, options); });
}

void CommandLine::add_serve() {
  CLI::App* serve_command = command(app_, "serve", "Run the daemon", [this] {
    if (config_.empty())
      throw usage_error("serve needs a configuration", "bdrmesh serve --config FILE");
    serve_.config = config_;
    return serve(serve_);
  });
  serve_command->add_option("--port-file", serve_.port_file,
                            "write the port here once it is listened on");
}

void CommandLine::add_views() {
  command(app_, "status", "One screen: what is, whether it is well, what to type next", [this] {
    return with_api([](const CommandContext& context) {
      return exit_code_of_verdict(show(context, "/status", render_status));
    });
  });
  CLI::App* events = command(app_, "events", "What happened, oldest first", [this] {
    return print("/events?after=" + std::to_string(after_) + "&limit=" + std::to_string(limit_),
                 render_events);
  });
  events->add_option("--after", after_, "only events with a greater number")
      ->check(CLI::NonNegativeNumber);
  events->add_option("--limit", limit_, "how many")->check(CLI::Range(1, 10'000));
  CLI::App* cluster = folder(app_, "cluster", "The clusters");
  command(*cluster, "list", "All clusters as they were last seen",
          [this] { return print("/clusters", render_clusters); });
}

void CommandLine::add_group() {
  CLI::App* group = folder(app_, "group", "Groups of clusters");
  CLI::App* plan = command(*group, "plan", "What differs from the configuration", [this] {
    return with_api([this](const CommandContext& context) {
      const Json answer = show(context, "/groups/" + encoded(group_) + "/plan", render_group_plan);
      return get_or(answer, "drift", false) ? ExitCode::degraded_or_drift : ExitCode::done;
    });
  });
  CLI::App* apply = command(*group, "apply", "Make it as configured", [this] {
    return start("group.apply", {{"group", group_}});
  });
  add_start_options(*apply);
  CLI::App* status = command(*group, "status", "One group and its links", [this] {
    return with_api([this](const CommandContext& context) {
      return exit_code_of_verdict(show(context, "/groups/" + encoded(group_), render_group));
    });
  });
  for (CLI::App* each : {plan, apply, status})
    each->add_option("GROUP", group_, "name of the group")->required();
}

void CommandLine::add_link() {
  CLI::App* link = folder(app_, "link", "Links between clusters");
  CLI::App* list = command(*link, "list", "All links", [this] {
    return with_api([this](const CommandContext& context) { return list_links(context, group_); });
  });
  list->add_option("--group", group_, "only those of this group");
  CLI::App* one = command(*link, "show", "One link", [this] {
    return print("/links/" + encoded(group_) + "/" + encoded(from_) + "/" + encoded(to_),
                 render_link);
  });
  one->add_option("GROUP", group_)->required();
  one->add_option("FROM", from_)->required();
  one->add_option("TO", to_)->required();
}

ExitCode CommandLine::run_ddl() {
  if (statement_.empty() == file_.empty()) {
    throw usage_error("ddl run takes either --statement SQL or a file",
                      "bdrmesh ddl run --group G --statement 'ALTER TABLE ...'");
  }
  const std::string script = statement_.empty() ? read_text(file_) : statement_;
  return start("ddl.run", {{"group", group_},
                           {"script", script},
                           {"max_pause_ms", span("--max-pause", max_pause_).count()},
                           {"kill", kill_},
                           {"schema", schema_}});
}

void CommandLine::add_ddl() {
  CLI::App* ddl = folder(app_, "ddl", "Schema changes");
  CLI::App* run = command(*ddl, "run", "Change the schema of a group, on all its clusters",
                          [this] { return run_ddl(); });
  run->add_option("--group", group_, "name of the group")->required();
  run->add_option("--statement", statement_, "SQL; several statements share one pause");
  run->add_option("FILE", file_, "file with SQL, - for standard input");
  run->add_option("--max-pause", max_pause_,
                  "give up before the point of no return when writes would be paused for longer; "
                  "default 10s");
  run->add_option("--schema", schema_, "schema of names that have none");
  run->add_flag("--kill", kill_,
                "end transactions that are in the way when the deadline has passed");
  add_start_options(*run);
  CLI::App* judge =
      command(*ddl, "classify", "Say how each statement would be run; offline", [this] {
        classify_.script = read_text(file_.empty() ? "-" : file_);
        classify_.schema = schema_;
        return classify_script(classify_, form(), terminal_);
      });
  judge->add_option("FILE", file_, "file with SQL; - or nothing for standard input");
  judge
      ->add_option("--tidb-version", classify_.tidb_version,
                   "the oldest of the group, such as v8.5.1")
      ->required();
  judge->add_flag("--roles", classify_.roles, "BDR roles are set");
  judge->add_option("--schema", schema_, "schema of names that have none");
  judge->add_option("--tables", classify_.tables,
                    "filter rules of the group; default: every table is replicated");
}

void CommandLine::add_verify() {
  CLI::App* verify = folder(app_, "verify", "Proofs that clusters agree");
  CLI::App* run = command(*verify, "run", "Prove that every link of a group carries rows", [this] {
    return start("verify.links",
                 {{"group", group_}, {"patience_ms", span("--patience", patience_).count()}});
  });
  run->add_option("--group", group_, "name of the group")->required();
  run->add_option("--level", level_, "links (default): markers and checkpoints")
      ->check(CLI::IsMember({"links"}));
  run->add_option("--patience", patience_,
                  "a link that has not passed its marker by then counts as unproven; default 30s");
  add_start_options(*run);
}

void CommandLine::add_operations() {
  CLI::App* op = folder(app_, "op", "Operations");
  CLI::App* list = command(*op, "list", "The newest operations", [this] {
    return print("/operations?limit=" + std::to_string(limit_), render_operations);
  });
  list->add_option("--limit", limit_, "how many")->check(CLI::Range(1, 10'000));
  CLI::App* one = command(*op, "show", "One operation with all its steps", [this] {
    return print("/operations/" + encoded(name_), render_operation);
  });
  CLI::App* watch = command(*op, "watch", "Follow an operation to its end", [this] {
    const StartOptions options = start_options();
    return with_api([&](const CommandContext& context) {
      return follow_operation(context, name_, options.limit);
    });
  });
  watch->add_option("--timeout", timeout_, "stop watching after this");
  CLI::App* cancel = command(
      *op, "cancel", "Undo an operation that has not crossed its point of no return", [this] {
        return with_api([this](const CommandContext& context) {
          return steer_operation(context, name_, "cancel", detach_);
        });
      });
  CLI::App* resume = command(*op, "resume", "Go on with a blocked operation", [this] {
    return with_api([this](const CommandContext& context) {
      return steer_operation(context, name_, "resume", detach_);
    });
  });
  for (CLI::App* each : {cancel, resume}) each->add_flag("--detach", detach_, "do not wait");
  for (CLI::App* each : {one, watch, cancel, resume})
    each->add_option("ID", name_, "id of the operation")->required();
}

void CommandLine::add_gate() {
  CLI::App* gate = folder(app_, "gate", "Write gates");
  command(*gate, "list", "Gates that are not open, and who holds them",
          [this] { return print("/gates", render_gates); });
  CLI::App* open = command(*gate, "open", "Let applications write again", [this] {
    Json args{{"cluster", name_}};
    if (!because_.empty()) args["line_crossed_because"] = because_;
    return start("gate.open", args);
  });
  open->add_option("--although-line-crossed", because_,
                   "open although its operation may have crossed its point of no return; says why");
  open->add_option("CLUSTER", name_, "name of the cluster")->required();
  add_start_options(*open);
}

void CommandLine::add_rescue() {
  CLI::App* rescue =
      command(app_, "rescue",
              "Open gates that a lost manager left closed; needs the configuration only", [this] {
                if (config_.empty())
                  throw usage_error("rescue needs a configuration", "bdrmesh rescue --config FILE");
                rescue_.config = config_;
                rescue_.server = server_.empty() ? manager_url(config_) : server_;
                rescue_.dry_run = dry_run_;
                return rescue_gates(rescue_, form(), terminal_);
              });
  rescue->add_flag("--dry-run", dry_run_, "only say what would be opened");
  rescue->add_flag("--manager-is-dead", rescue_.manager_is_dead,
                   "do not wait for the time at which a living manager would open by itself");
}

void CommandLine::add_doctor() {
  CLI::App* doctor =
      command(app_, "doctor", "Look for what would go wrong, and say how to mend it", [this] {
        return with_api(
            [this](const CommandContext& context) { return run_doctor(context, group_); });
      });
  doctor->add_option("--group", group_, "only the clusters of this group");
}

void CommandLine::add_config() {
  CLI::App* config = folder(app_, "config", "The configuration file");
  CLI::App* check = command(*config, "check", "Check a file; offline", [this] {
    // Problems are for people first: they come as text unless JSON is asked for.
    return check_config(file_, output_ == "json" ? OutputForm::json : OutputForm::table, terminal_);
  });
  check->add_option("FILE", file_, "the TOML file")->required();
}

std::string CommandLine::state_file() const {
  if (!file_.empty()) return file_;
  if (config_.empty()) {
    throw usage_error("which state file?",
                      "name it, or --config FILE whose manager.state names it");
  }
  return load_config(config_).manager.state;
}

void CommandLine::add_state() {
  CLI::App* state = folder(app_, "state", "The manager's state file");
  CLI::App* check = command(*state, "check", "Say what it holds and whether it is whole; offline",
                            [this] { return check_state(state_file(), form(), terminal_); });
  CLI::App* backup =
      command(*state, "backup", "Copy it as of one moment, also under a running daemon",
              [this] { return back_up_state(state_file(), to_, form(), terminal_); });
  backup->add_option("--to", to_, "the copy; must not exist")->required();
  for (CLI::App* each : {check, backup})
    each->add_option("FILE", file_, "default: manager.state of --config");
}

/// The parser names what is missing before what it does not know.
void refuse_unknown_command(const CLI::App& app) {
  const CLI::App* deepest = &app;
  while (!deepest->get_subcommands().empty()) deepest = deepest->get_subcommands().front();
  const std::vector<std::string> left = app.remaining(true);
  if (left.empty() || left.front().starts_with('-')) return;
  std::vector<std::string> known;
  for (const CLI::App* each : deepest->get_subcommands([](const CLI::App*) { return true; })) {
    known.push_back(each->get_name());
  }
  if (known.empty()) return;
  const std::string meant = nearest(left.front(), known);
  throw usage_error("there is no command '" + left.front() + "'",
                    meant.empty() ? "bdrmesh --help" : "did you mean '" + meant + "'?");
}

ExitCode CommandLine::run(int argc, char** argv) {
  try {
    app_.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) refuse_unknown_command(app_);
    return app_.exit(error, std::cout, std::cerr) == 0 ? ExitCode::done : ExitCode::usage;
  }
  return chosen_();
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
    CommandLine line;
    return static_cast<int>(line.run(argc, argv));
  } catch (const Error& error) {
    std::cerr << render_error(error);
    return static_cast<int>(is_usage(error) ? ExitCode::usage : exit_code_of(error));
  } catch (const std::exception& error) {
    std::cerr << "failed (INTERNAL): " << error.what() << "\n";
    return static_cast<int>(ExitCode::internal_error);
  }
}

}  // namespace bdrmesh
