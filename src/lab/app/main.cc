// bdrmesh-lab: a whole mesh of imitated TiDB clusters on one machine. Arguments only; what the
// commands do stands in foreground.h and commands.h.
#include <csignal>
#include <cstdlib>
#include <iostream>

#include <CLI/CLI.hpp>

#include "base/error.h"
#include "lab/app/commands.h"
#include "lab/app/completion.h"
#include "lab/app/foreground.h"
#include "lab/app/play_command.h"
#include "lab/app/run_directory.h"
#include "lab/redo/cdc_tool.h"
#include "lab/site/lab_files.h"

namespace {

using bdrmesh::Error;
using bdrmesh::ErrorKind;
using bdrmesh::Millis;
using namespace bdrmesh::lab::app;  // NOLINT(google-build-using-namespace): main is one page
namespace load = bdrmesh::lab::load;

/// For commands that last: SIGINT, SIGTERM and SIGHUP are waited for, in one place; every thread
/// inherits the mask.
void block_ending_signals() {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
}

struct Arguments {
  std::string dir;
  std::string output = "table";
  bdrmesh::lab::site::LabOptions up;
  bool json = false;
  long sysvar_delay = -1;
  bool with_parent = false;
  SqlRequest sql;
  std::vector<std::string> fault_words;
  std::string config;
  LoadRequest load;
  CheckRequest check;
  double long_percent = 0;
  bool windows_only = false;
  PlayRequest play;
  RandomRequest random;
  std::string duration = "60s";
  std::string shell;
  std::vector<std::string> typed;
  int exit_code = kDone;

  bool as_json() const { return json || output == "json"; }
  std::filesystem::path directory() const { return lab_directory(dir); }
  std::filesystem::path config_path() const {
    return config.empty() ? directory() / "bdrmesh.toml" : std::filesystem::path(config);
  }
};

void add_directory(CLI::App& command, Arguments& args) {
  command.add_option("--dir", args.dir,
                     "directory of the lab (default: $BDRMESH_LAB, else .bdrmesh-lab)");
}

void add_output(CLI::App& command, Arguments& args) {
  command.add_option("-o,--output", args.output, "table or json")
      ->check(CLI::IsMember({"table", "json"}));
  command.add_flag("--json", args.json, "the same as -o json");
}

void add_up(CLI::App& app, Arguments& args) {
  CLI::App* up = app.add_subcommand("up", "start a lab and keep it until Ctrl-C or `down`");
  add_directory(*up, args);
  up->add_option("--clusters", args.up.clusters, "how many (1..8)")->capture_default_str();
  up->add_option("--names", args.up.names, "their names, with commas")->delimiter(',');
  up->add_option("--profile", args.up.profiles,
                 "new-8.5 for all, or east=new-8.5,west=classic-7.5 (default: classic-8.5)")
      ->delimiter(',');
  up->add_option("--ticdc-nodes", args.up.ticdc_nodes, "per cluster (1..4)")->capture_default_str();
  up->add_flag("--any-sql", args.up.any_sql,
               "user bdrmesh may say more than the product's catalogue of SQL");
  up->add_flag("--real-times", args.up.real_times,
               "TiCDC takes as long as measured on real servers");
  up->add_option("--config-out", args.up.config_out, "write bdrmesh.toml to this file too");
  up->add_option("--sysvar-delay", args.sysvar_delay,
                 "milliseconds until a tidb-server hears of a variable set on another")
      ->check(CLI::NonNegativeNumber);
  up->add_flag("--with-parent", args.with_parent, "end when the process that started us ends");
  up->callback([&args] {
    block_ending_signals();
    args.up.directory = args.directory();
    if (args.sysvar_delay >= 0) args.up.sysvar_delay = Millis{args.sysvar_delay};
    args.exit_code = run_in_foreground(args.up, args.with_parent);
  });
}

void add_asking(CLI::App& app, Arguments& args) {
  CLI::App* status = app.add_subcommand("status", "show the parts of the running lab");
  add_directory(*status, args);
  add_output(*status, args);
  status->callback([&args] { args.exit_code = show_status(args.directory(), args.as_json()); });

  CLI::App* sql = app.add_subcommand("sql", "run one statement on a cluster");
  add_directory(*sql, args);
  add_output(*sql, args);
  sql->add_option("cluster", args.sql.cluster)->required();
  sql->add_option("statement", args.sql.statement)->required();
  sql->add_option("--server", args.sql.server, "which tidb-server")->capture_default_str();
  sql->add_option("--user", args.sql.user, "dba, app, bdrmesh or cdc_<origin>")
      ->capture_default_str();
  sql->callback([&args] {
    args.sql.as_json = args.as_json();
    args.exit_code = run_sql(args.directory(), args.sql);
  });

  CLI::App* fault = app.add_subcommand("fault", "make something go wrong; `fault list` shows what");
  add_directory(*fault, args);
  add_output(*fault, args);
  fault->add_option("words", args.fault_words, "name and arguments")->required();
  fault->callback([&args] {
    args.exit_code = order_fault(args.directory(), args.fault_words, args.as_json());
  });

  CLI::App* down = app.add_subcommand("down", "end the running lab");
  add_directory(*down, args);
  add_output(*down, args);
  down->callback([&args] { args.exit_code = take_down(args.directory(), args.as_json()); });
}

void add_load_target(CLI::App& command, Arguments& args, load::LoadUser& user,
                     std::filesystem::path& ledger) {
  add_directory(command, args);
  command.add_option("--config", args.config, "the product's configuration (default: the lab's)");
  command.add_option("--ledger", ledger, "what applications were told")->capture_default_str();
  command.add_option("--user", user.name, "application user")->capture_default_str();
  command.add_option("--password", user.password,
                     "file:/path or env:NAME; {cluster} stands for the cluster's name");
}

void add_load(CLI::App& app, Arguments& args) {
  CLI::App* load = app.add_subcommand("load", "write on every cluster and keep a ledger");
  add_load_target(*load, args, args.load.user, args.load.ledger);
  load->add_option("--seconds", args.load.seconds, "how long (default: until Ctrl-C)");
  load->add_option("--writers", args.load.options.writers, "per cluster")->capture_default_str();
  load->add_option("--rate", args.load.options.rate,
                   "transactions per second and cluster; 0: no limit")
      ->capture_default_str();
  load->add_flag("--ddl-safe", args.load.options.ddl_safe, "leave the column `note` alone");
  load->add_option("--seed", args.load.options.seed)->capture_default_str();
  load->add_option("--hot", args.load.options.hot_keys,
                   "orders of each writer that get most of its changes")
      ->capture_default_str();
  load->add_option("--shared-hot", args.load.options.shared_hot_keys,
                   "orders 1..N that every member changes: conflicts, not in the ledger's verdict")
      ->capture_default_str();
  load->add_option("--long", args.long_percent, "% of transactions that stay open 0.5 to 5 s")
      ->capture_default_str();
  load->add_option("--ddl-per-minute", args.load.options.ddl_per_minute,
                   "DDL by somebody else on app.bystander, per cluster")
      ->capture_default_str();
  load->add_option("--ddl-user", args.load.ddl_user.name, "who runs it")->capture_default_str();
  load->add_option("--ddl-password", args.load.ddl_user.password, "as --password");
  add_output(*load, args);

  CLI::App* check = load->add_subcommand("check", "compare a ledger with every cluster");
  add_load_target(*check, args, args.check.user, args.check.ledger);
  check->add_option("--wait", args.check.wait_seconds, "seconds that feeds may still need")
      ->capture_default_str();
  check->add_option("--window", args.check.operation,
                    "an operation as JSON: no commit between its fences and openings");
  check->add_option("--between", args.check.between, "CLUSTER:FENCE:OPEN, two TSOs");
  add_output(*check, args);
  check->add_flag("--windows-only", args.windows_only, "do not look at the rows");

  load->callback([&args, check] {
    if (check->parsed()) {
      if (!args.windows_only) args.check.config = args.config_path();
      args.check.as_json = args.as_json();
      args.exit_code = check_load(args.check);
    } else {
      block_ending_signals();
      args.load.config = args.config_path();
      args.load.as_json = args.as_json();
      args.load.options.long_share = args.long_percent / 100;
      args.exit_code = run_load(args.load);
    }
  });
}

void add_play(CLI::App& app, Arguments& args) {
  CLI::App* play = app.add_subcommand("play", "play a scenario file on the running lab");
  add_directory(*play, args);
  play->add_option("file", args.play.scenario, "lines such as: at 5s fault kill east ticdc 1");
  play->add_flag("--check", args.play.only_check, "only say what is wrong with the file");
  play->add_option("--ledger", args.play.ledger, "keep what applications were told here");

  CLI::App* random = play->add_subcommand("random", "random faults under load, then the ledger");
  add_directory(*random, args);
  random->add_option("--seed", args.random.options.seed, "the same seed plays the same faults")
      ->capture_default_str();
  random->add_option("--for", args.duration, "how long: 90s, 10m, 1h")->capture_default_str();
  random->add_option("--rate", args.random.rate, "transactions per second and cluster")
      ->capture_default_str();
  random->add_option("--ledger", args.random.ledger, "keep what applications were told here");
  random->add_option("--clusters", args.random.lab.clusters, "of a lab of its own")
      ->capture_default_str();
  random->add_option("--names", args.random.lab.names, "of a lab of its own")->delimiter(',');
  random->add_option("--profile", args.random.lab.profiles, "of a lab of its own")->delimiter(',');
  random->add_flag("--losses-too", args.random.options.may_lose_rows,
                   "also faults that lose rows by design");
  play->callback([&args, random] {
    block_ending_signals();
    if (random->parsed()) {
      const auto duration = bdrmesh::lab::fault::parse_time(args.duration);
      if (!duration) {
        throw Error(ErrorKind::invalid, "BAD_OPTION",
                    "'" + args.duration + "' is no time: 90s, 10m, 1h");
      }
      args.random.options.duration = *duration;
      if (!args.dir.empty()) args.random.directory = args.directory();
      args.exit_code = play_random(args.random);
      return;
    }
    if (args.play.scenario.empty()) throw CLI::RequiredError("file, or the command random");
    args.play.directory = args.directory();
    args.exit_code = play_scenario(args.play);
  });
}

void add_completion(CLI::App& app, Arguments& args) {
  CLI::App* script = app.add_subcommand("completion", "print completion for bash, zsh or fish");
  script->add_option("shell", args.shell)->required();
  script->footer("bash: source <(bdrmesh-lab completion bash)");
  script->callback([&args] { std::cout << completion_script(args.shell); });

  CLI::App* next = app.add_subcommand("complete", "what may be typed next");
  next->group("");  // for the scripts only
  add_directory(*next, args);
  next->add_option("words", args.typed);
  next->callback([&args] {
    for (const std::string& word : complete(args.directory(), args.typed)) {
      std::cout << word << "\n";
    }
  });
}

/// The tool speaks as the TiCDC of the lab's first cluster, unless somebody names a profile.
void name_profile_of_lab(const std::filesystem::path& beside) {
  const char* named = std::getenv("BDRMESH_LAB");
  try {
    const auto lab = bdrmesh::lab::site::read_lab_file(
        named != nullptr && *named != '\0' ? std::filesystem::path(named) : beside);
    ::setenv("BDRMESH_LAB_PROFILE", lab.clusters.at(0).profile.c_str(), 0);
  } catch (const std::exception&) {
    // No lab there: the default profile.
  }
}

int report(const Error& e) {
  std::cerr << "bdrmesh-lab: " << e.message() << " [" << e.code() << "]\n";
  if (!e.remedy().empty()) std::cerr << "  " << e.remedy() << "\n";
  switch (e.kind()) {
    case ErrorKind::invalid:
      return kUsage;
    case ErrorKind::precondition:
    case ErrorKind::conflict:
      return kRefused;
    default:
      return kFailed;
  }
}

}  // namespace

int main(int argc, char** argv) {
  // The lab's directory holds a link `cdc` to this program: TiCDC's own tool, as far as it is
  // imitated.
  const std::filesystem::path called = argc > 0 ? argv[0] : "";
  if (called.filename() == "cdc") {
    name_profile_of_lab(called.parent_path().parent_path());
    return bdrmesh::lab::run_cdc_tool({argv + 1, argv + argc}, std::cout, std::cerr);
  }
  std::signal(SIGPIPE, SIG_IGN);
  CLI::App app("bdrmesh-lab: TiDB clusters to try, rehearse and test with. It is not TiDB.");
  app.require_subcommand(1);
  app.footer(
      "Begin with `bdrmesh-lab up`; then, in another terminal: `status`, `sql east \"SELECT 1\"`,\n"
      "`fault list`, `load --seconds 10`, `play random --for 1m`, and `down` in the end.\n"
      "Exit codes: 0 done, 1 failed, 2 usage, 3 refused and nothing changed. More in docs/lab.md.");
  Arguments args;
  add_up(app, args);
  add_asking(app, args);
  add_play(app, args);
  add_load(app, args);
  add_completion(app, args);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? kDone : kUsage;
  } catch (const Error& e) {
    return report(e);
  } catch (const std::exception& e) {
    std::cerr << "bdrmesh-lab: " << e.what() << "\n";
    return kFailed;
  }
  return args.exit_code;
}
