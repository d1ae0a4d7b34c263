#include "lab/app/commands.h"

#include <algorithm>
#include <csignal>
#include <iostream>

#include "base/json.h"
#include "lab/app/control.h"
#include "lab/app/run_directory.h"
#include "lab/app/status_view.h"
#include "lab/load/ledger_check.h"
#include "lab/load/load_json.h"
#include "lab/load/pause_window.h"
#include "lab/load/sql_link.h"
#include "lab/site/lab_files.h"

namespace bdrmesh::lab::app {
namespace {

constexpr int kDownLimitMs = 20'000;

const site::Account& account_of(const site::ClusterView& cluster, const std::string& user) {
  for (const site::Account* account :
       {&cluster.administrator, &cluster.application, &cluster.manager}) {
    if (account->name == user) return *account;
  }
  for (const auto& [from, account] : cluster.sinks) {
    if (account.name == user) return account;
  }
  throw Error(ErrorKind::invalid, "BAD_OPTION",
              "cluster '" + cluster.name + "' has no user '" + user + "'",
              "one of: dba, app, bdrmesh, cdc_<origin>");
}

std::string to_text(const load::SqlResult& result) {
  if (result.columns.empty()) return std::to_string(result.affected) + " rows affected\n";
  std::vector<std::size_t> widths;
  for (const std::string& column : result.columns) widths.push_back(column.size());
  const auto text = [](const std::optional<std::string>& field) { return field.value_or("NULL"); };
  for (const load::SqlRow& row : result.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], text(row[i]).size());
    }
  }
  std::string out;
  const auto cell = [&out](const std::string& field, std::size_t width, bool last) {
    out += field;
    out += last ? "\n" : std::string(width - field.size() + 2, ' ');
  };
  const std::size_t count = result.columns.size();
  for (std::size_t i = 0; i < count; ++i) cell(result.columns[i], widths[i], i + 1 == count);
  for (const load::SqlRow& row : result.rows) {
    for (std::size_t i = 0; i < count; ++i) cell(text(row[i]), widths[i], i + 1 == count);
  }
  return out;
}

Json rows_json(const load::SqlResult& result) {
  Json rows = Json::array();
  for (const load::SqlRow& row : result.rows) {
    Json object = Json::object();
    for (std::size_t i = 0; i < row.size(); ++i) {
      object[result.columns[i]] = row[i] ? Json(*row[i]) : Json();
    }
    rows.push_back(std::move(object));
  }
  return Json{{"rows", std::move(rows)}, {"affected", result.affected}};
}

/// Waits for a signal that ends us, or for `seconds` (0: no limit). They must be blocked.
void wait_for_end(double seconds) {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGHUP);
  if (seconds <= 0) {
    int caught = 0;
    sigwait(&ends, &caught);
    return;
  }
  timespec limit{};
  limit.tv_sec = static_cast<time_t>(seconds);
  limit.tv_nsec = static_cast<long>((seconds - static_cast<double>(limit.tv_sec)) * 1e9);
  sigtimedwait(&ends, nullptr, &limit);
}

}  // namespace

int show_status(const std::filesystem::path& directory, bool as_json) {
  const LabTraces lab = require_lab(directory);
  const Json status = ask_lab(lab.control_socket(), {{"command", "status"}});
  std::cout << (as_json ? status.dump(2) + "\n" : status_table(status));
  return kDone;
}

int run_sql(const std::filesystem::path& directory, const SqlRequest& request) {
  require_lab(directory);
  const site::LabView lab = site::read_lab_file(directory);
  const site::ClusterView& cluster = lab.cluster(request.cluster);
  if (request.server < 1 || request.server > static_cast<int>(cluster.tidb.size())) {
    throw Error(ErrorKind::invalid, "BAD_OPTION",
                "cluster '" + cluster.name + "' has tidb-servers 1 to " +
                    std::to_string(cluster.tidb.size()));
  }
  const site::Account& account = account_of(cluster, request.user);
  try {
    load::SqlLink link(cluster.tidb[static_cast<std::size_t>(request.server - 1)], account.name,
                       account.password, std::chrono::seconds(60));
    const load::SqlResult result = link.run(request.statement);
    std::cout << (request.as_json ? rows_json(result).dump(2) + "\n" : to_text(result));
    return kDone;
  } catch (const load::SqlFailure& e) {
    std::cerr << "ERROR " << e.code() << " on " << cluster.name << ": " << e.what() << "\n";
    return kFailed;
  }
}

int order_fault(const std::filesystem::path& directory, const std::vector<std::string>& words,
                bool as_json) {
  const LabTraces lab = require_lab(directory);
  Json answer = ask_lab(lab.control_socket(), {{"command", "fault"}, {"words", words}});
  const auto text = get_required<std::string>(answer, "text");
  answer.erase("text");
  std::cout << (as_json ? answer.dump(2) + "\n" : text);
  return kDone;
}

int take_down(const std::filesystem::path& directory, bool as_json) {
  const LabTraces lab = require_lab(directory);
  ask_lab(lab.control_socket(), {{"command", "down"}});
  if (!wait_until_gone(directory, kDownLimitMs)) {
    throw Error(ErrorKind::transient, "LAB_STILL_RUNNING",
                "the lab in " + directory.string() + " is still ending, process " +
                    std::to_string(lab.pid));
  }
  if (as_json) {
    std::cout << Json{{"down", directory.string()}}.dump(2) << "\n";
  } else {
    std::cout << "the lab in " << directory.string() << " is down\n";
  }
  return kDone;
}

int run_load(const LoadRequest& request) {
  const SystemClock clock;
  std::vector<load::LoadTarget> ddl_targets;
  if (request.options.ddl_per_minute > 0) {
    ddl_targets = load::load_targets(request.config, request.ddl_user);
  }
  load::LoadRun load(clock, load::load_targets(request.config, request.user), request.options,
                     request.ledger, std::move(ddl_targets));
  load.start();
  std::cerr << "writing to every cluster, ledger " << request.ledger.string() << ", seed "
            << request.options.seed << "\n";
  wait_for_end(request.seconds);
  load.stop();
  const auto counts = load.counts();
  std::cout << (request.as_json ? load::to_json(counts).dump(2) + "\n" : to_table(counts));
  const bool all_wrote =
      std::ranges::all_of(counts, [](const auto& count) { return count.values.committed > 0; });
  return all_wrote ? kDone : kFailed;
}

int check_load(const CheckRequest& request) {
  bool clean = true;
  Json body = Json::object();
  std::string text;
  const auto add = [&](const char* name, const auto& findings) {
    body[name] = load::to_json(findings);
    text += to_table(findings);
  };
  if (!request.config.empty()) {
    const SystemClock clock;
    const auto patience = Millis{static_cast<long>(request.wait_seconds * 1000)};
    const auto findings =
        load::check_ledger(clock, load::load_targets(request.config, request.user),
                           load::read_expectations(request.ledger), patience);
    add("clusters", findings);
    clean = std::ranges::all_of(findings, &load::ClusterFindings::clean);
  }
  std::vector<load::PauseWindow> windows;
  if (!request.operation.empty()) windows = load::windows_of_operation(request.operation);
  for (const std::string& one : request.between) windows.push_back(load::parse_window(one));
  if (!windows.empty()) {
    const auto findings = load::check_windows(request.ledger, windows);
    add("windows", findings);
    clean = clean && std::ranges::all_of(findings, &load::WindowFindings::clean);
  }
  add("refusals", load::refusals_in(request.ledger));
  body["clean"] = clean;
  std::cout << (request.as_json ? body.dump(2) + "\n" : text);
  return clean ? kDone : kFailed;
}

}  // namespace bdrmesh::lab::app
