// bdrmesh-lab: a whole mesh of imitated TiDB clusters on one machine. Arguments only; what the
// commands do stands in foreground.h and commands.h.
#include <csignal>
#include <iostream>

#include <CLI/CLI.hpp>

#include "base/error.h"
#include "lab/app/commands.h"
#include "lab/app/foreground.h"
#include "lab/app/run_directory.h"

namespace {

using bdrmesh::Error;
using bdrmesh::ErrorKind;
using bdrmesh::Millis;
using namespace bdrmesh::lab::app;  // NOLINT(google-build-using-namespace): main is one page
namespace load = bdrmesh::lab::load;

/// SIGINT, SIGTERM and SIGHUP are waited for, in one place; every thread inherits the mask.
void block_ending_signals() {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

struct Arguments {
  std::string dir;
  std::string output = "table";
  LabOptions up;
  long sysvar_delay = -1;
  bool with_parent = false;
  SqlRequest sql;
  std::vector<std::string> fault_words;
  std::string config;
  LoadRequest load;
  CheckRequest check;
  bool windows_only = false;
  int exit_code = kDone;

  bool as_json() const { return output == "json"; }
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
}

void add_up(CLI::App& app, Arguments& args) {
  CLI::App* up = app.add_subcommand("up", "start a lab and keep it until Ctrl-C or `down`");
  add_directory(*up, args);
  up->add_option("--clusters", args.up.clusters, "how many (1..8)")->capture_default_str();
  up->add_option("--names", args.up.names, "their names, with commas")->delimiter(',');
  up->add_option("--config-out", args.up.config_out, "write bdrmesh.toml to this file too");
  up->add_option("--sysvar-delay", args.sysvar_delay,
                 "milliseconds until a tidb-server hears of a variable set on another")
      ->check(CLI::NonNegativeNumber);
  up->add_flag("--with-parent", args.with_parent, "end when the process that started us ends");
  up->callback([&args] {
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
  fault->add_option("words", args.fault_words, "name and arguments")->required();
  fault->callback([&args] { args.exit_code = order_fault(args.directory(), args.fault_words); });

  CLI::App* down = app.add_subcommand("down", "end the running lab");
  add_directory(*down, args);
  down->callback([&args] { args.exit_code = take_down(args.directory()); });
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

  CLI::App* check = load->add_subcommand("check", "compare a ledger with every cluster");
  add_load_target(*check, args, args.check.user, args.check.ledger);
  check->add_option("--wait", args.check.wait_seconds, "seconds that feeds may still need")
      ->capture_default_str();
  check->add_option("--window", args.check.operation,
                    "an operation as JSON: no commit between its fences and openings");
  check->add_option("--between", args.check.between, "CLUSTER:FENCE:OPEN, two TSOs");
  check->add_flag("--windows-only", args.windows_only, "do not look at the rows");

  load->callback([&args, check] {
    if (check->parsed()) {
      if (!args.windows_only) args.check.config = args.config_path();
      args.exit_code = check_load(args.check);
    } else {
      args.load.config = args.config_path();
      args.exit_code = run_load(args.load);
    }
  });
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
  block_ending_signals();
  CLI::App app("bdrmesh-lab: TiDB clusters to try, rehearse and test with. It is not TiDB.");
  app.require_subcommand(1);
  Arguments args;
  add_up(app, args);
  add_asking(app, args);
  add_load(app, args);
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
