#include "fakes/fake_backup.h"

#include <algorithm>

#include "base/error.h"

namespace bdrmesh::fakes {
namespace {

bool is_probe(const BackupOrder& order) {
  return order.tables.size() == 1 && order.tables.front().schema == "bdrmesh_local";
}

}  // namespace

void FakeBackup::require_up() {
  if (here().reachable()) return;
  throw Error(ErrorKind::transient, "TIDB_UNREACHABLE", "every tidb-server of " + name_);
}

bool FakeBackup::run(BackupKind kind, const BackupOrder& order,
                     const std::function<void(const SentBackup&)>& sent, const Call&) {
  BackupState state;
  state.kind = kind;
  state.order = order;
  state.task.state = kind == BackupKind::backup ? "Backup" : "Restore";
  {
    const std::lock_guard lock(world_.mutex_);
    require_up();
    state.sent = {here().servers.front().info.address, here().next_connection_id++};
  }
  sent(state.sent);  // may write a journal: never under our mutex
  const std::lock_guard lock(world_.mutex_);
  require_up();
  if (here().backup_looks > 0 && !is_probe(order)) {
    state.looks_left = here().backup_looks;
    here().backups.push_back(state);
    return false;
  }
  state.task.ended = true;
  try {
    perform(state);
  } catch (const Error& e) {
    state.task.failure = e.message();
    here().backups.push_back(state);
    throw;
  }
  here().backups.push_back(state);
  return true;
}

void FakeBackup::perform(const BackupState& state) {
  if (!here().reaches_storage) {
    throw Error(ErrorKind::precondition,
                state.kind == BackupKind::backup ? "BACKUP_FAILED" : "RESTORE_FAILED",
                "8124: Backup failed: open " + state.order.folder + ": permission denied");
  }
  if (state.kind == BackupKind::backup) {
    write(state.order);
  } else {
    restore(state.order);
  }
}

void FakeBackup::write(const BackupOrder& order) {
  if (world_.storage_.contains(order.folder)) {
    throw Error(ErrorKind::precondition, "BACKUP_FAILED",
                "8124: Backup failed: backup meta file exists in " + order.folder);
  }
  if (!is_probe(order) && here().variables["tidb_gc_life_time"] == "10m0s")
    world_.hazard(name_ + ": a long backup while nobody holds its history");
  StoredBackup stored{order.at, {}, {}};
  for (const TableName& table : order.tables) {
    if (table.schema == "bdrmesh") world_.hazard(name_ + ": the marker schema was backed up");
    stored.tables[table] = here().tables.at(table);
    stored.rows[table] = here().rows[table];
  }
  world_.storage_[order.folder] = stored;
  world_.note(name_, "backup", order.folder);
}

void FakeBackup::refuse_restore(const BackupOrder& order) {
  if (!here().role.empty()) world_.hazard(name_ + ": RESTORE under the role " + here().role);
  if (!world_.storage_.contains(order.folder)) {
    throw Error(ErrorKind::precondition, "RESTORE_FAILED",
                "8125: Restore failed: no backupmeta in " + order.folder);
  }
  for (const TableName& table : order.tables) {
    if (!here().tables.contains(table)) continue;
    throw Error(ErrorKind::precondition, "TARGET_NOT_EMPTY",
                "8125: Restore failed: table already exists: " + to_string(table));
  }
}

void FakeBackup::restore(const BackupOrder& order) {
  refuse_restore(order);
  const StoredBackup& stored = world_.storage_.at(order.folder);
  for (const TableName& table : order.tables) {
    TableState made = stored.tables.at(table);
    made.id = here().next_table_id++;
    here().schemas.insert(table.schema);
    here().tables[table] = made;
    here().rows[table] = stored.rows.at(table);
  }
  world_.note(name_, "restore", order.folder);
}

void FakeBackup::advance(BackupState& state) {
  if (state.task.ended || state.dead || state.looks_left-- > 0) return;
  state.task.ended = true;
  try {
    perform(state);
  } catch (const Error& e) {
    state.task.failure = e.message();
  }
}

std::optional<BackupTask> FakeBackup::task(BackupKind kind, const SentBackup& sent, const Call&) {
  const std::lock_guard lock(world_.mutex_);
  require_up();
  for (BackupState& state : here().backups) {
    if (state.kind != kind || state.sent.connection_id != sent.connection_id) continue;
    advance(state);
    if (state.forgotten) return std::nullopt;
    state.task.percent = state.task.ended ? 100 : 50;
    return state.task;
  }
  return std::nullopt;
}

bool FakeBackup::has_schema(const std::string& schema, const Call&) {
  const std::lock_guard lock(world_.mutex_);
  require_up();
  return here().schemas.contains(schema);
}

bool FakeBackup::has_relations(const std::string& schema, const Call&) {
  const std::lock_guard lock(world_.mutex_);
  require_up();
  return std::ranges::any_of(here().tables,
                             [&](const auto& each) { return each.first.schema == schema; });
}

void FakeBackup::drop_tables(const std::vector<TableName>& tables, const Call&) {
  const std::lock_guard lock(world_.mutex_);
  require_up();
  for (const TableName& table : tables) {
    for (const BackupState& state : here().backups) {
      const auto& restored = state.order.tables;
      if (state.kind == BackupKind::restore && !state.task.ended && !state.dead &&
          std::ranges::find(restored, table) != restored.end())
        world_.hazard(name_ + ": " + to_string(table) + " dropped under a live RESTORE");
    }
    if (!here().tables.contains(table)) continue;
    if (!here().role.empty()) {
      throw Error(ErrorKind::precondition, "TIDB_BDR_ROLE",
                  "8263: not allowed as " + here().role);  // measured §1 A7: under both
    }
    here().tables.erase(table);
    here().rows.erase(table);
    world_.note(name_, "drop_table", to_string(table));
  }
}

void FakeBackup::make_probe(const TableName& table, const std::string& nonce, const Call&) {
  const std::lock_guard lock(world_.mutex_);
  require_up();
  if (here().role == "secondary") {
    throw Error(ErrorKind::precondition, "TIDB_BDR_ROLE", "8263: not allowed as secondary");
  }
  TableState& made = here().tables[table];
  made.id = here().next_table_id++;
  made.columns = {{"id", "int NOT NULL"}, {"nonce", "varchar(64) NOT NULL"}};
  made.keys = {"PRIMARY KEY (`id`)"};
  here().rows[table] = {{"1", nonce}};
}

std::optional<std::string> FakeBackup::read_probe(const TableName& table, const Call&) {
  const std::lock_guard lock(world_.mutex_);
  require_up();
  const auto found = here().rows.find(table);
  if (found == here().rows.end() || !found->second.contains("1")) return std::nullopt;
  return found->second.at("1");
}

}  // namespace bdrmesh::fakes
