#include "store/state_file.h"

#include <filesystem>

#include "base/clock.h"
#include "base/error.h"
#include "store/durable_file.h"
#include "store/migrations.h"
#include "store/sqlite.h"

namespace bdrmesh {
namespace {

namespace fs = std::filesystem;

void require_file(const std::string& path) {
  std::error_code error;
  if (fs::is_regular_file(path, error)) return;
  throw Error(ErrorKind::precondition, "STATE_ABSENT", "there is no state file " + path,
              "name the file of [manager] state, or --config FILE");
}

std::int64_t count(sqlite::Connection& connection, const char* sql) {
  auto query = connection.query(sql);
  return query.next() ? query.number(0) : 0;
}

std::vector<std::string> texts(sqlite::Connection& connection, const char* sql) {
  std::vector<std::string> found;
  auto query = connection.query(sql);
  while (query.next()) found.push_back(query.text(0));
  return found;
}

std::vector<std::string> damage_of(sqlite::Connection& connection) {
  std::vector<std::string> found = texts(connection, "PRAGMA integrity_check(20)");
  if (found != std::vector<std::string>{"ok"}) return found;
  found.clear();
  for (const std::string& table : texts(connection, "PRAGMA foreign_key_check"))
    found.push_back("a row of " + table + " refers to one that is not there");
  return found;
}

void read_manager(sqlite::Connection& connection, StateFileReport& report) {
  auto query = connection.query("SELECT epoch, holder, opened_ms FROM manager");
  if (!query.next()) return;
  report.epoch = static_cast<std::uint64_t>(query.number(0));
  report.holder = query.text(1);
  report.opened = to_rfc3339(from_millis(query.number(2)));
}

StateFileReport look(sqlite::Connection& connection) {
  StateFileReport report;
  report.path = connection.path();
  report.bytes = fs::file_size(report.path);
  report.pending_migrations = pending_migrations(connection, embedded_migrations());
  report.damage = damage_of(connection);
  const bool never_used = report.pending_migrations.size() == embedded_migrations().size();
  if (!report.damage.empty() || never_used) return report;
  read_manager(connection, report);
  report.operations = count(connection, "SELECT count(*) FROM operations");
  report.unfinished = texts(connection,
                            "SELECT id FROM operations WHERE state IN "
                            "('queued', 'running', 'compensating', 'blocked') ORDER BY number");
  report.events = count(connection, "SELECT count(*) FROM events");
  return report;
}

}  // namespace

StateFileReport check_state_file(const std::string& path) {
  require_file(path);
  sqlite::Connection connection(path);
  return look(connection);
}

StateFileReport back_up_state_file(const std::string& path, const std::string& copy) {
  require_file(path);
  if (fs::exists(copy)) {
    throw Error(ErrorKind::precondition, "COPY_EXISTS", copy + " exists",
                "name a file that does not exist yet");
  }
  const std::string beside = copy + ".part";
  std::error_code ignored;
  fs::remove(beside, ignored);  // left by an attempt that was interrupted
  {
    sqlite::Connection connection(path);
    (void)pending_migrations(connection, embedded_migrations());
    connection.query("VACUUM INTO ?").bind(beside).run();
  }
  fs::permissions(beside, fs::perms::owner_read | fs::perms::owner_write);
  StateFileReport report = check_state_file(beside);
  if (!report.damage.empty()) {
    fs::remove(beside, ignored);
    throw Error(ErrorKind::precondition, "STATE_DAMAGED",
                "state file " + path + ": " + report.damage.front(),
                "stop the daemon, keep this file, and put back the newest backup");
  }
  fs::remove(beside + "-wal", ignored);
  fs::remove(beside + "-shm", ignored);
  put_on_disk(beside);
  fs::rename(beside, copy);
  put_folder_on_disk(copy);
  report.path = copy;
  return report;
}

CompactReport compact_state_file(const std::string& path, WallTime before, WallTime now) {
  const StateFileReport found = check_state_file(path);
  if (!found.damage.empty()) {
    throw Error(ErrorKind::precondition, "STATE_DAMAGED",
                "state file " + path + ": " + found.damage.front(),
                "stop the daemon, keep this file, and put back the newest backup");
  }
  CompactReport report;
  report.path = path;
  report.bytes_before = found.bytes;
  {
    const auto store = StateStore::open({path, {}, "bdrmesh state compact"});
    report.dropped = store->compact(before, now);
  }
  report.bytes_after = fs::file_size(path);
  return report;
}

}  // namespace bdrmesh
