#include "chaos/arena.h"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace bdrmesh::chaos {
namespace {

using e2e::Background;
using e2e::eventually;
using e2e::Finished;
using std::chrono::seconds;

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::size_t lines_of(const std::string& path) {
  std::ifstream file(path);
  return static_cast<std::size_t>(
      std::count(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>(), '\n'));
}

std::string own_directory() {
  std::string pattern = std::filesystem::temp_directory_path().string() + "/bdrmesh-chaos.XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr)
    throw Error(ErrorKind::bug, "NO_DIRECTORY", "cannot make " + pattern);
  return pattern;
}

}  // namespace

std::string Reply::text() const {
  if (status == 0) return "no answer";
  if (ok()) return std::to_string(status);
  const Json problem = body.is_object() ? get_or(body, "error", body) : Json::object();
  const std::string detail = get_or<std::string>(problem, "detail", "");
  return std::to_string(status) + " " + get_or<std::string>(problem, "code", "?") + ": " +
         (detail.empty() ? get_or<std::string>(problem, "message", "") : detail);
}

Arena::Arena(ArenaOptions options)
    : options_(std::move(options)), http_(TlsFiles{}, clock_), directory_(own_directory()) {
  lab_dir_ = directory_ + "/lab";
  std::string names;
  for (const std::string& name : options_.clusters) names += (names.empty() ? "" : ",") + name;
  lab_ = std::make_unique<Background>(
      std::vector<std::string>{options_.lab_program, "up", "--clusters",
                               std::to_string(options_.clusters.size()), "--names", names, "--dir",
                               lab_dir_, "--with-parent", "--profile", options_.profile},
      directory_ + "/lab.log");
  const bool up = eventually([this] {
    return std::filesystem::exists(lab_dir_ + "/lab.json") &&
           e2e::run({options_.lab_program, "status", "--dir", lab_dir_}).exit_code == 0;
  });
  if (!up) throw Error(ErrorKind::bug, "NO_LAB", "the lab did not come up: " + lab_->log());
  std::ifstream file(lab_dir_ + "/lab.json");
  control_ = get_required<std::string>(Json::parse(file), "control");
  if (!start_daemon())
    throw Error(ErrorKind::bug, "NO_DAEMON", "the daemon did not come up: " + daemon_log());
}

Arena::~Arena() {
  load_.reset();
  if (daemon_ && suspended_) continue_daemon();
  daemon_.reset();
  lab_.reset();
  std::error_code ignored;
  if (!kept_) std::filesystem::remove_all(directory_, ignored);
}

bool Arena::start_daemon() {
  const std::string number = std::to_string(++daemons_);
  const std::string port = directory_ + "/port-" + number;
  daemon_ = std::make_unique<Background>(
      std::vector<std::string>{options_.program, "serve", "--config", lab_dir_ + "/bdrmesh.toml",
                               "--port-file", port},
      directory_ + "/daemon-" + number + ".log");
  suspended_ = false;
  const bool up = eventually([&] { return !first_line(port).empty() || !daemon_->alive(); }) &&
                  daemon_->alive();
  expected_down_ = !up;
  const std::lock_guard lock(mutex_);
  if (up) server_ = "http://127.0.0.1:" + first_line(port) + "/api/v1";
  return up;
}

std::string Arena::server() {
  const std::lock_guard lock(mutex_);
  return server_;
}

void Arena::kill_daemon() {
  daemon_alive();
  expected_down_ = true;
  if (daemon_) daemon_->kill_now();
}

void Arena::suspend_daemon() {
  if (!daemon_alive()) return;
  kill(daemon_->pid(), SIGSTOP);
  suspended_ = true;
}

void Arena::continue_daemon() {
  if (daemon_ && daemon_->alive()) kill(daemon_->pid(), SIGCONT);
  suspended_ = false;
}

int Arena::end_daemon() {
  daemon_alive();
  expected_down_ = true;
  return daemon_ ? daemon_->end() : -1;
}

bool Arena::daemon_alive() {
  const bool alive = daemon_ && daemon_->alive();
  if (!alive && !expected_down_) {
    unexpected_deaths_.push_back(daemon_log());
    expected_down_ = true;
  }
  return alive;
}

std::string Arena::daemon_log() const { return daemon_ ? daemon_->log() : ""; }

int Arena::second_daemon() {
  return e2e::run({options_.program, "serve", "--config", lab_dir_ + "/bdrmesh.toml", "--port-file",
                   directory_ + "/port-second"},
                  {}, seconds{20})
      .exit_code;
}

Finished Arena::rescue() {
  return e2e::run({options_.program, "rescue", "--config", lab_dir_ + "/bdrmesh.toml",
                   "--manager-is-dead", "-o", "json"},
                  {}, seconds{60});
}

void Arena::keep() {
  kept_ = true;
  e2e::run({options_.program, "state", "backup", "--config", lab_dir_ + "/bdrmesh.toml", "--to",
            directory_ + "/state.db"});
}

Finished Arena::check_state() {
  return e2e::run({options_.program, "state", "check", "--config", lab_dir_ + "/bdrmesh.toml"});
}

Reply Arena::send(HttpMethod method, const std::string& url, const Json& body, Millis patience) {
  HttpRequest request;
  request.method = method;
  request.url = url;
  if (method != HttpMethod::get) request.body = Secret(body.dump());
  request.patience = patience;
  const HttpAnswer answer = http_.send(request, Call{});
  if (answer.outcome != HttpOutcome::answered) return {};
  return {answer.status, Json::parse(answer.body, nullptr, false)};
}

Reply Arena::get(const std::string& path) {
  return send(HttpMethod::get, server() + path, {}, Millis{5000});
}

Reply Arena::post(const std::string& path, const Json& body) {
  return send(HttpMethod::post, server() + path, body, Millis{8000});
}

Reply Arena::order(const std::vector<std::string>& words) {
  return send(HttpMethod::post, control_ + "/faults", {{"words", words}}, Millis{30000});
}

std::optional<Json> Arena::sql(const std::string& cluster, const std::string& statement,
                               std::size_t server) {
  const Finished asked = e2e::run({options_.lab_program, "sql", cluster, statement, "--server",
                                   std::to_string(server), "--dir", lab_dir_, "-o", "json"},
                                  {}, seconds{30});
  if (asked.exit_code != 0) return std::nullopt;
  return get_or(Json::parse(asked.out, nullptr, false), "rows", Json::array());
}

void Arena::start_load() {
  const std::string ledger = directory_ + "/ledger.jsonl";
  load_ = std::make_unique<Background>(
      std::vector<std::string>{options_.lab_program, "load", "--dir", lab_dir_, "--ledger", ledger,
                               "--rate", "25", "--writers", "2"},
      directory_ + "/load.log");
  eventually([&] { return std::filesystem::exists(ledger); });
}

void Arena::stop_load() {
  if (load_) load_->end();
}

Finished Arena::check_load() {
  static constexpr seconds kPatience{120};  // with rows that feeds may still bring
  static constexpr seconds kAtLeast{180};
  static constexpr std::size_t kEntriesInASecond = 50;  // read on every cluster, on a busy machine
  const std::string ledger = directory_ + "/ledger.jsonl";
  const seconds reading{lines_of(ledger) / kEntriesInASecond};
  return e2e::run({options_.lab_program, "load", "check", "--dir", lab_dir_, "--ledger", ledger,
                   "--wait", std::to_string(kPatience.count())},
                  {}, kPatience + kAtLeast + reading);
}

}  // namespace bdrmesh::chaos
