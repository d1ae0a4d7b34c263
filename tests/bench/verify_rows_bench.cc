// Rows per second of a row verification beside sync-diff-inspector's way of asking (tidb-sql §7.1:
// two MD5 halves under BIT_XOR, 50 000 rows a chunk, both sides at once, four chunks at a time), on
// the same two servers and data in one run; where Debian's percona-toolkit is installed, beside
// pt-table-sync --print too. The servers are MariaDB: this compares ways on one engine and says
// nothing about TiKV.
//
//   verify_rows_bench [ROWS]
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "clients/tidb/sql_table_reader.h"
#include "ddl/table_definition.h"
#include "unit/clients/maria_server.h"
#include "verify/chunk_pass.h"
#include "verify/row_search.h"
#include "verify/table_read.h"

namespace bdrmesh::verify {
namespace {

const SystemClock kClock;
const ClusterName kEast("east");
const ClusterName kWest("west");
constexpr const char* kDefinition =
    "(id BIGINT NOT NULL, c1 CHAR(60), c2 CHAR(60), d DECIMAL(20,4), t DATETIME(3), v VARCHAR(60), "
    "n INT NOT NULL, PRIMARY KEY (id))";

Call call() { return {kClock.mono() + std::chrono::seconds(3600), {}, nullptr}; }

struct Side {
  explicit Side(const test::MariaServer& server)
      : connector({{ServerAddress(server.address())}, "bdrmesh", [] { return Secret("it's"); }, {}},
                  kClock) {}
  SqlConnector connector;
};

double seconds_of(const std::function<void()>& work) {
  const MonoTime began = kClock.mono();
  work();
  return std::chrono::duration<double>(kClock.mono() - began).count();
}

void fill(Side& side, long rows) {
  SqlSession session = side.connector.open_any(call());
  session.change("CREATE DATABASE IF NOT EXISTS app", "fill");
  session.change("DROP TABLE IF EXISTS app.t", "fill");
  session.change("CREATE TABLE app.t " + std::string(kDefinition), "fill");
  session.change(
      "INSERT INTO app.t SELECT seq, SHA1(seq), SHA1(seq + 1), seq / 7, '2026-01-01' + INTERVAL "
      "seq "
      "SECOND, IF(seq % 5, MD5(seq), NULL), seq % 1000 FROM app.seq_1_to_" +
          std::to_string(rows),
      "fill");
}

/// As sync-diff-inspector sends it.
std::string peer_query(long from, long to) {
  const std::string row =
      "MD5(CONCAT_WS(',', `id`, `c1`, `c2`, `d`, `t`, `v`, `n`, CONCAT(ISNULL(`id`), ISNULL(`c1`), "
      "ISNULL(`c2`), ISNULL(`d`), ISNULL(`t`), ISNULL(`v`), ISNULL(`n`))))";
  const auto half = [&](const char* at) {
    return "CAST(CONV(SUBSTRING(" + row + ", " + at + ", 16), 16, 10) AS UNSIGNED)";
  };
  return "SELECT COUNT(*) AS CNT, BIT_XOR(" + half("1") + " ^ " + half("17") +
         ") AS CHECKSUM FROM `app`.`t` WHERE ((`id` > " + std::to_string(from) +
         ") AND (`id` <= " + std::to_string(to) + ") AND (TRUE))";
}

void run_peer(Side& east, Side& west, long rows) {
  constexpr long kChunk = 50000;
  std::atomic<long> next{0};
  std::atomic<bool> differs{false};
  std::vector<std::jthread> workers;
  for (int i = 0; i < 4; ++i) {
    workers.emplace_back([&] {
      SqlSession here = east.connector.open_any(call());
      SqlSession there = west.connector.open_any(call());
      for (long from = next.fetch_add(kChunk); from < rows; from = next.fetch_add(kChunk)) {
        const std::string sql = peer_query(from, from + kChunk);
        std::string other;
        std::jthread side([&] { other = there.query(sql, "compare").text(0, "CHECKSUM"); });
        const std::string mine = here.query(sql, "compare").text(0, "CHECKSUM");
        side.join();
        if (mine != other) differs = true;
      }
    });
  }
  workers.clear();
  if (differs) std::puts("peer: differences");
}

std::size_t run_ours(Side& east, Side& west, const TableRead& read) {
  const std::vector<ClusterName> members{kEast, kWest};
  const MakeReader make = [&](const ClusterName& member, std::size_t nth) {
    return std::make_unique<SqlTableReader>(member == kEast ? east.connector : west.connector,
                                            std::nullopt, nth);
  };
  const PassOptions options;
  PassState state;
  ChunkPass(read, members, make, options, kClock)
      .run(
          state, [](const PassState&) {}, call());
  RowSearch search(read, members, make, kClock);
  return search.search(state.differing, call()).rows.size();
}

constexpr const char* kTool = "/usr/bin/pt-table-sync";

std::string options_of(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  return "h=" + address.substr(0, colon) + ",P=" + address.substr(colon + 1);
}

/// Its login stands in a file: arguments are seen by everybody.
void run_tool(const test::MariaServer& east, const test::MariaServer& west,
              const std::string& function) {
  const std::string login =
      (std::filesystem::temp_directory_path() / ("bdrmesh-bench-" + std::to_string(::getpid())))
          .string();
  std::ofstream(login) << "[client]\nuser=bdrmesh\npassword=\"it's\"\n";
  const std::string command = std::string(kTool) + " --print --function " + function +
                              " F=" + login + "," + options_of(east.address()) + ",D=app,t=t " +
                              options_of(west.address()) + " > /dev/null";
  if (std::system(command.c_str()) != 0) std::puts("pt-table-sync: it failed");
  std::filesystem::remove(login);
}

long peak_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::strtol(line.c_str() + 6, nullptr, 10);
  }
  return 0;
}

int run(long rows) {
  const auto first = test::MariaServer::start();
  const auto second = test::MariaServer::start();
  if (!first || !second || !first->ready() || !second->ready()) {
    std::puts("no mariadbd on this machine");
    return 1;
  }
  Side east(*first);
  Side west(*second);
  const TableRead read =
      plan_reading({"app", "t"}, ddl::parse_table("CREATE TABLE t " + std::string(kDefinition)))
          .read;
  fill(east, rows / 10);
  fill(west, rows / 10);
  run_ours(east, west, read);
  const long small = peak_kib();
  fill(east, rows);
  fill(west, rows);
  run_ours(east, west, read);  // both ways find the pages in memory
  const double ours = seconds_of([&] { run_ours(east, west, read); });
  const long large = peak_kib();
  const double peer = seconds_of([&] { run_peer(east, west, rows); });
  double tool_equal = 0;
  double tool_default = 0;
  if (std::filesystem::exists(kTool)) {
    tool_equal = seconds_of([&] { run_tool(*first, *second, "SHA1"); });
    tool_default = seconds_of([&] { run_tool(*first, *second, "CRC32"); });
  }
  west.connector.open_any(call()).change(
      "UPDATE app.t SET c1 = 'x' WHERE id % " + std::to_string(rows / 10) + " = 7", "plant");
  std::size_t found = 0;
  const double bad = seconds_of([&] { found = run_ours(east, west, read); });
  const auto per_second = [&](double seconds) { return static_cast<double>(rows) / seconds; };
  std::printf("rows                   %ld on each of two servers\n", rows);
  std::printf("verify rows            %.2f s  %.0f rows/s\n", ours, per_second(ours));
  std::printf("sync-diff's way        %.2f s  %.0f rows/s  (ours is %.2f times as fast)\n", peer,
              per_second(peer), peer / ours);
  if (tool_equal > 0) {
    std::printf("pt-table-sync, SHA1    %.2f s  %.0f rows/s  (ours is %.2f times as fast)\n",
                tool_equal, per_second(tool_equal), tool_equal / ours);
    std::printf("pt-table-sync, CRC32   %.2f s  %.0f rows/s  (ours is %.2f times as fast)\n",
                tool_default, per_second(tool_default), tool_default / ours);
  }
  std::printf("with %2zu bad rows       %.2f s  %.2f of a clean pass\n", found, bad, bad / ours);
  std::printf("peak memory            %ld KiB after %ld rows, %ld KiB after %ld rows\n", small,
              rows / 10, large, rows);
  return 0;
}

}  // namespace
}  // namespace bdrmesh::verify

int main(int argc, char** argv) {
  return bdrmesh::verify::run(argc > 1 ? std::strtol(argv[1], nullptr, 10) : 1000000);
}
