// How long a paused schema change keeps applications from writing, on a lab: by `ddl run`, and
// beside it by a script that does the same steps one after another. An application that writes
// every few milliseconds tells how long it was kept out itself.
//
//   ddl_pause_bench [clusters] [runs]
#include <algorithm>
#include <atomic>
#include <cppconn/connection.h>
#include <cppconn/exception.h>
#include <cppconn/statement.h>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mysql_driver.h>
#include <thread>

#include "app/config/config.h"
#include "app/config/secrets.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/random_id.h"
#include "clients/real_world.h"
#include "e2e/process.h"

namespace bdrmesh::bench {
namespace {

using e2e::Background;
using e2e::Finished;

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::exit(1);
}

/// A lab, a daemon over it, and the group applied.
class Site {
 public:
  explicit Site(int clusters) {
    std::string pattern = std::filesystem::temp_directory_path().string() + "/ddl-pause.XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) give_up("no temporary folder");
    home_ = pattern;
    lab_ = std::make_unique<Background>(
        std::vector<std::string>{BDR_LAB_PROGRAM, "up", "--clusters", std::to_string(clusters),
                                 "--dir", dir(), "--with-parent"},
        home_ + "/lab.log");
    const auto up = [&] {
      return e2e::run({BDR_LAB_PROGRAM, "status", "--dir", dir()}).exit_code == 0;
    };
    if (!e2e::eventually(up, std::chrono::seconds{120})) give_up(lab_->log());
    desired = load_config(config());
    daemon_ = std::make_unique<Background>(
        std::vector<std::string>{BDR_PROGRAM, "serve", "--config", config(), "--port-file",
                                 home_ + "/port"},
        home_ + "/daemon.log");
    if (!e2e::eventually([&] { return !first_line(home_ + "/port").empty(); }))
      give_up(daemon_->log());
    const Finished applied = cli({"group", "apply", group()});
    if (applied.exit_code != 0) give_up(applied.err);
  }
  ~Site() {
    daemon_.reset();
    lab_.reset();
    std::filesystem::remove_all(home_);
  }
  Site(const Site&) = delete;
  Site& operator=(const Site&) = delete;

  Finished cli(std::vector<std::string> words) const {
    words.insert(words.begin(), BDR_PROGRAM);
    return e2e::run(words, {{"BDRMESH_SERVER", "http://127.0.0.1:" + first_line(home_ + "/port")}},
                    std::chrono::seconds{180});
  }
  Json json(std::vector<std::string> words) const {
    words.insert(words.end(), {"-o", "json"});
    return Json::parse(cli(words).out);
  }
  std::string group() const { return desired.groups.front().name.value(); }
  std::string dba_password(const ClusterName& cluster) const {
    return first_line(dir() + "/secrets/" + cluster.value() + "-dba.password");
  }

  Desired desired;

 private:
  std::string dir() const { return home_ + "/lab"; }
  std::string config() const { return dir() + "/bdrmesh.toml"; }
  std::string home_;
  std::unique_ptr<Background> lab_;
  std::unique_ptr<Background> daemon_;
};

/// Writes a row every few milliseconds; the longest time between two that were taken is what the
/// application saw of the pause.
class Application {
 public:
  static constexpr std::chrono::milliseconds kInterval{5};

  Application(const Site& site, const ClusterSpec& spec)
      : worker_([&site, spec, this](const std::stop_token& stop) { run(site, spec, stop); }) {}

  std::int64_t longest_gap_ms() {
    worker_.request_stop();
    worker_.join();
    return longest_.count();
  }

 private:
  void run(const Site& site, const ClusterSpec& spec, const std::stop_token& stop) {
    const std::string& address = spec.tidb.front().value();
    sql::ConnectOptionsMap options;
    options["hostName"] = sql::SQLString("127.0.0.1");
    options["port"] = std::stoi(address.substr(address.rfind(':') + 1));
    options["userName"] = sql::SQLString("dba");
    options["password"] = sql::SQLString(site.dba_password(spec.name));
    const std::unique_ptr<sql::Connection> connection(
        sql::mysql::get_driver_instance()->connect(options));
    const std::unique_ptr<sql::Statement> statement(connection->createStatement());
    auto last = std::chrono::steady_clock::now();
    while (!stop.stop_requested()) {
      try {
        statement->execute("UPDATE app.orders SET amount = amount + 1 WHERE id = 1");
        const auto now = std::chrono::steady_clock::now();
        longest_ =
            std::max(longest_, std::chrono::duration_cast<std::chrono::milliseconds>(now - last));
        last = now;
      } catch (const sql::SQLException&) {
        // refused by the gate: the gap grows
      }
      std::this_thread::sleep_for(kInterval);
    }
  }

  std::chrono::milliseconds longest_{0};
  std::jthread worker_;
};

/// Milliseconds since midnight of `2026-01-01T10:20:30.123Z`.
std::int64_t time_of_day_ms(const std::string& text) {
  const auto number = [&](std::size_t at, std::size_t length) {
    return std::stoll(text.substr(at, length));
  };
  const std::int64_t seconds = number(11, 2) * 3600 + number(14, 2) * 60 + number(17, 2);
  return seconds * 1000 + (text.at(19) == '.' ? number(20, 3) : 0);
}

/// Milliseconds of the stage, from its first step's start to its last one's end.
std::int64_t stage_ms(const Json& operation, const std::string& prefix) {
  std::optional<std::int64_t> from;
  std::optional<std::int64_t> to;
  for (const Json& stage : operation.at("stages")) {
    if (!stage.at("name").get<std::string>().starts_with(prefix)) continue;
    for (const Json& step : stage.at("steps")) {
      const std::int64_t started = time_of_day_ms(step.at("started").get<std::string>());
      const std::int64_t ended = time_of_day_ms(step.at("ended").get<std::string>());
      from = std::min(from.value_or(started), started);
      to = std::max(to.value_or(ended), ended);
    }
  }
  return from ? *to - *from : 0;
}

void by_product(const Site& site, int run) {
  const std::string column = "bench_" + std::to_string(run / 2);
  const std::string statement = run % 2 == 0
                                    ? "ALTER TABLE app.orders ADD COLUMN " + column + " INT NULL"
                                    : "ALTER TABLE app.orders DROP COLUMN " + column;
  Application application(site, site.desired.clusters.front());
  const Finished ran = site.cli({"ddl", "run", "--group", site.group(), "--strategy", "paused",
                                 "--max-pause", "60s", "--statement", statement});
  const std::int64_t seen = application.longest_gap_ms();
  if (ran.exit_code != 0) give_up(ran.err);
  const Json newest = site.json({"op", "list"}).at("operations").at(0);
  const Json operation = site.json({"op", "show", newest.at("id").get<std::string>()});
  const auto pause = operation.at("pause").at("measured_ms").get<std::int64_t>();
  const std::int64_t gates = stage_ms(operation, "close gates");
  const std::int64_t writers = stage_ms(operation, "drain transactions");
  const std::int64_t drain = stage_ms(operation, "drain links");
  const std::int64_t change = stage_ms(operation, "change");
  std::printf(
      "ddl run  pause %5lld ms  (application %5lld)  gates %4lld + transactions %4lld + "
      "drain %4lld + DDL %4lld, and %4lld ms besides\n",
      static_cast<long long>(pause), static_cast<long long>(seen), static_cast<long long>(gates),
      static_cast<long long>(writers), static_cast<long long>(drain),
      static_cast<long long>(change),
      static_cast<long long>(pause - gates - writers - drain - change));
}

/// The steps of the runbook, one cluster and one link after the other.
void by_script(const Site& site, World& world, int run) {
  using std::chrono::steady_clock;
  const std::string column = "plain_" + std::to_string(run / 2);
  const std::string statement = run % 2 == 0
                                    ? "ALTER TABLE app.orders ADD COLUMN " + column + " INT NULL"
                                    : "ALTER TABLE app.orders DROP COLUMN " + column;
  const GroupSpec& group = site.desired.groups.front();
  std::map<ClusterName, BdrRole> roles;
  for (const ClusterName& name : group.members) {
    roles[name] = world.tidb(name).bdr_role({}).value_or(BdrRole::none);
    if (roles[name] != BdrRole::none) world.tidb(name).set_bdr_role(BdrRole::none, {});
  }
  Application application(site, site.desired.clusters.front());
  const auto begin = steady_clock::now();
  for (const ClusterName& name : group.members) {
    TidbCluster& tidb = world.tidb(name);
    tidb.set_super_read_only(true, {});
    for (const TidbServerInfo& server : tidb.servers({})) {
      while (!tidb.super_read_only(server.address, {}))
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
    (void)tidb.look_at_transactions(tidb.servers({}), {});
  }
  for (const Link& link : group.links()) {
    const Tso marker =
        world.tidb(link.from).write_marker("bench", link.from, random_id(12), {}).commit_ts;
    const auto passed = [&] {
      for (const FeedSummary& feed : world.ticdc(link.from).list({})) {
        if (feed.id.value().find("-to-" + link.to.value() + "-") != std::string::npos)
          return feed.checkpoint > marker;
      }
      return false;
    };
    while (!passed()) std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  for (const ClusterName& name : group.members)
    world.tidb(name).run_ddl("/* bdrmesh:bench:1:" + name.value() + " */ " + statement, {},
                             [](const SentDdl&) {}, {});
  for (const ClusterName& name : group.members) world.tidb(name).set_super_read_only(false, {});
  const auto took =
      std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - begin);
  std::this_thread::sleep_for(std::chrono::milliseconds{300});
  const std::int64_t seen = application.longest_gap_ms();
  for (const BdrRole role : {BdrRole::secondary, BdrRole::primary}) {
    for (const auto& [name, before] : roles) {
      if (before == role) world.tidb(name).set_bdr_role(role, {});
    }
  }
  std::printf("script   pause %5lld ms  (application %5lld)\n",
              static_cast<long long>(took.count()), static_cast<long long>(seen));
}

void run_all(int clusters, int runs) {
  const Site site(clusters);
  const SystemClock clock;
  RealWorld world(
      site.desired, [](const SecretSource& source) { return read_secret(source).secret; }, clock);
  std::printf("%d clusters, %d links; an application writes every %lld ms\n", clusters,
              clusters * (clusters - 1), static_cast<long long>(Application::kInterval.count()));
  for (int run = 0; run < runs; ++run) {
    by_product(site, run);
    by_script(site, world, run);
    std::fflush(stdout);
  }
}

}  // namespace
}  // namespace bdrmesh::bench

int main(int argc, char** argv) {
  const int clusters = argc > 1 ? std::stoi(argv[1]) : 3;
  const int runs = argc > 2 ? std::stoi(argv[2]) : 4;
  bdrmesh::bench::run_all(clusters, runs);
}
