// How fast the lab's feeds are: rows a second per link with four links busy, the time from commit
// to visible on an idle link, and what idle feeds cost. All goes through the front ends, as a
// user's rows do.
//
//   lab_feed_bench [rows per link]
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <sys/resource.h>
#include <thread>
#include <vector>

#include "base/random_id.h"
#include "lab/changes/position_sampler.h"
#include "lab/cluster/lab_cluster.h"
#include "lab/engine/template_data.h"
#include "lab/feed/feed_worker.h"

namespace bdrmesh::lab {
namespace {

constexpr Millis kPatience{60000};
constexpr int kRowsPerStatement = 50;
constexpr int kProbes = 200;

struct Site {
  Site(const Clock& clock, const std::filesystem::path& home, unsigned number)
      : cluster(clock, "c" + std::to_string(number), home / std::to_string(number), number),
        sampler(cluster.state(), Millis{100}) {
    cluster.start(home / "template");
    cluster.add_user({"root", Secret("r"), {"ALL PRIVILEGES ON *.* WITH GRANT OPTION"}});
    sampler.start();
    auto session = connect();
    session->query("CREATE DATABASE app", kPatience);
    session->query("CREATE TABLE app.probe (id INT PRIMARY KEY, v VARCHAR(40))", kPatience);
    for (int link = 0; link < 4; ++link) {
      session->query("CREATE TABLE app.t" + std::to_string(link) +
                         " (id INT PRIMARY KEY, a INT, b VARCHAR(60), c DATETIME)",
                     kPatience);
    }
  }
  std::uint16_t port() {
    const std::string address = cluster.sql_address(0);
    return static_cast<std::uint16_t>(std::stoi(address.substr(address.find(':') + 1)));
  }
  std::unique_ptr<SqlSession> connect() {
    return std::make_unique<SqlSession>(SqlLogin{"", "127.0.0.1", port(), "root", Secret("r")},
                                        kPatience);
  }

  LabCluster cluster;
  PositionSampler sampler;
};

/// A feed that carries one table, so that four of them make four links.
std::unique_ptr<FeedWorker> link(Site& from, Site& to, const std::string& rules) {
  FeedPlan plan;
  plan.id = "bench";
  plan.sink = parse_sink_uri("mysql://root:r@127.0.0.1:" + std::to_string(to.port()) + "/");
  plan.filter = std::make_shared<TableFilter>(std::vector<std::string>{rules}, false);
  plan.bdr_mode = true;
  plan.from_ts = from.cluster.state().oracle.next();
  apply_replica_config(plan, "{}");
  return std::make_unique<FeedWorker>(from.cluster.state(), from.sampler, FeedTimes{},
                                      std::make_shared<FeedFaults>(), plan);
}

double seconds_since(MonoTime start) {
  return std::chrono::duration<double>(MonoTime::clock::now() - start).count();
}

void latency(Site& from, Site& to) {
  const auto feed = link(from, to, "app.probe");
  auto writer = from.connect();
  auto reader = to.connect();
  std::vector<double> times;
  for (int id = 0; id < kProbes; ++id) {
    const std::string key = std::to_string(id);
    writer->query("INSERT INTO app.probe VALUES (" + key + ",'x')", kPatience);
    const MonoTime start = MonoTime::clock::now();
    while (reader->query("SELECT 1 FROM app.probe WHERE id=" + key, kPatience).empty()) {
    }
    times.push_back(seconds_since(start) * 1000);
    SystemClock().wait_for(Millis{10}, {});
  }
  std::sort(times.begin(), times.end());
  std::printf("commit -> visible, idle: p50 %.2f ms  p95 %.2f ms  max %.2f ms\n",
              times[times.size() / 2], times[times.size() * 95 / 100], times.back());
}

/// Inserts, then updates of all rows, each written by statements of fifty rows.
void fill(Site& from, int number, int rows) {
  auto session = from.connect();
  const std::string table = "app.t" + std::to_string(number);
  for (int id = 0; id < rows; id += kRowsPerStatement) {
    std::string values;
    for (int i = id; i < id + kRowsPerStatement; ++i) {
      values += (i == id ? "(" : ",(") + std::to_string(i) + "," + std::to_string(i % 97) +
                ",'some text of usual length','2026-01-01 00:00:00')";
    }
    session->query("INSERT INTO " + table + " VALUES " + values, kPatience);
  }
  for (int id = 0; id < rows; id += kRowsPerStatement) {
    session->query("UPDATE " + table + " SET a=a+1, b='another text' WHERE id>=" +
                       std::to_string(id) + " AND id<" + std::to_string(id + kRowsPerStatement),
                   kPatience);
  }
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// What four feeds without rows cost, beside the clusters themselves.
void idle(Site& a, Site& b) {
  constexpr Millis kWhile{4000};
  const auto measured = [&] {
    const double before = cpu_seconds();
    SystemClock().wait_for(kWhile, {});
    return (cpu_seconds() - before) / (static_cast<double>(kWhile.count()) / 1000) * 100;
  };
  const double without = measured();
  std::vector<std::unique_ptr<FeedWorker>> feeds;
  for (int n = 0; n < 4; ++n)
    feeds.push_back(link(n % 2 == 0 ? a : b, n % 2 == 0 ? b : a, "app.*"));
  const double with = measured();
  std::printf("idle: %.2f %% of a core without feeds, %.2f %% with four\n", without, with);
}

void throughput(Site& a, Site& b, int rows) {
  Site* const from[] = {&a, &b, &a, &b};
  Site* const to[] = {&b, &a, &b, &a};
  std::vector<std::unique_ptr<FeedWorker>> feeds;
  for (int n = 0; n < 4; ++n) {
    feeds.push_back(link(*from[n], *to[n], "app.t" + std::to_string(n)));
  }
  const MonoTime start = MonoTime::clock::now();
  {
    std::vector<std::jthread> writers;
    for (int n = 0; n < 4; ++n) writers.emplace_back([&, n] { fill(*from[n], n, rows); });
  }
  const double written = seconds_since(start);
  for (int n = 0; n < 4; ++n) {
    const std::uint64_t fence = from[n]->cluster.state().oracle.next();
    while (feeds[static_cast<std::size_t>(n)]->progress().checkpoint <= fence) {
      SystemClock().wait_for(Millis{5}, {});
    }
  }
  const double drained = seconds_since(start);
  std::printf(
      "four links, %d rows each inserted and updated: written in %.1f s, drained in %.1f s: "
      "%.0f rows/s per link\n",
      rows, written, drained, 2.0 * rows / drained);
}

}  // namespace
}  // namespace bdrmesh::lab

int main(int argc, char** argv) {
  using namespace bdrmesh::lab;
  const int rows = argc > 1 ? std::atoi(argv[1]) : 20000;
  const bdrmesh::SystemClock clock;
  const std::filesystem::path home =
      std::filesystem::temp_directory_path() / ("bdr-feed-bench-" + bdrmesh::random_id(8));
  std::filesystem::create_directories(home);
  ensure_template(home / "template");
  {
    Site a(clock, home, 1);
    Site b(clock, home, 2);
    latency(a, b);
    idle(a, b);
    throughput(a, b, rows);
  }
  std::error_code ignored;
  std::filesystem::remove_all(home, ignored);
  return 0;
}
