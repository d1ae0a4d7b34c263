// BACKUP, RESTORE and what shows them (tidb-sql §5.1, §5.2, measured A22, A24): rights, refusals,
// answers. The copying is lab/backup's.
#include <algorithm>

#include "lab/backup/backup_run.h"
#include "lab/backup/backup_statement.h"
#include "lab/server/tidb_text.h"
#include "lab/sql/session.h"
#include "lab/wire/bytes.h"

namespace bdrmesh::lab {

namespace {

constexpr int kBackupFailed = 8124;
constexpr int kRestoreFailed = 8125;
constexpr Version kRemovesFeeds{8, 2, 0};
constexpr Version kRefusesAnyTable{8, 4, 0};
constexpr Version kShowsClusterTs{7, 0, 0};
constexpr std::chrono::seconds kBackupTtl{120};

[[noreturn]] void fail(bool restores, const std::string& why) {
  throw Refused(restores ? kRestoreFailed : kBackupFailed, "HY000",
                (restores ? "Restore failed: " : "Backup failed: ") + why);
}

std::string seconds_of(WallTime time) { return sql_time(to_millis(time)).substr(0, 19); }

bool is_user_schema(const std::string& name) {
  const std::string lower = to_lower(name);
  return lower != "mysql" && lower != "sys" && lower != "information_schema" &&
         lower != "performance_schema" && lower != "metrics_schema" && !is_hidden_schema(lower);
}

std::int64_t millis_of(const BackupStatement::Ago& ago) {
  static const std::map<std::string, std::int64_t> units = {
      {"microsecond", 0},  {"second", 1000},    {"minute", 60'000},
      {"hour", 3'600'000}, {"day", 86'400'000}, {"week", 604'800'000}};
  return static_cast<std::int64_t>(ago.count) * units.at(ago.unit);
}

std::string dotted(const BackedUpTable& table) { return table.schema + "." + table.name; }

bool chosen(const BackupStatement& wanted, const std::string& schema, const std::string& name,
            const std::string& default_schema) {
  using Scope = BackupStatement::Scope;
  if (wanted.scope == Scope::everything) return is_user_schema(schema);
  return std::any_of(wanted.names.begin(), wanted.names.end(), [&](const ObjectName& each) {
    if (wanted.scope == Scope::schemas) return to_lower(each.name) == to_lower(schema);
    const std::string in = each.schema.empty() ? default_schema : each.schema;
    return to_lower(in) == to_lower(schema) && to_lower(each.name) == to_lower(name);
  });
}

bool is_looked_at(const FeedPosition& feed) {
  for (const char* state : {"normal", "warning", "running", "stopped", "failed", "error"}) {
    if (feed.state == state) return true;
  }
  return false;
}

}  // namespace

Answer Session::backup(Statement& statement) {
  const auto parsed = parse_backup(statement);
  if (!parsed) throw Refused(1105, "HY000", "the lab does not execute this statement");
  if (const auto* error = std::get_if<BackupSyntaxError>(&*parsed)) {
    throw Refused(1064, "42000", error->message);
  }
  const auto& wanted = std::get<BackupStatement>(*parsed);
  require_backup_right(wanted.restores);
  if (wanted.is_point || wanted.last_backup) {
    throw Refused(1105, "HY000", "the lab knows full backups only");
  }
  commit(true);
  if (!wanted.restores) require_tables(wanted);
  const auto directory = local_directory(wanted.uri);
  const std::string scheme = storage_scheme(wanted.uri);
  if (wanted.uri.empty()) {
    fail(wanted.restores,
         "empty store is not allowed: [BR:ExternalStorage:ErrStorageInvalidConfig]"
         "invalid external storage config");
  }
  if (!directory) {
    fail(wanted.restores,
         "storage " + scheme +
             " not support yet: [BR:ExternalStorage:ErrStorageInvalidConfig]invalid external "
             "storage config");
  }
  return run_backup(wanted, *directory);
}

void Session::require_backup_right(bool restores) {
  const std::string dynamic = restores ? "RESTORE_ADMIN" : "BACKUP_ADMIN";
  if (may("Super_priv", dynamic)) return;
  throw Refused(1227, "42000",
                "Access denied; you need (at least one of) the SUPER or " + dynamic +
                    " privilege(s) for this operation");
}

/// The planner looks for tables that are named, not for schemas.
void Session::require_tables(const BackupStatement& wanted) {
  if (wanted.scope != BackupStatement::Scope::tables) return;
  for (const ObjectName& each : wanted.names) {
    const ObjectName table = qualified(each);
    const auto rows = shared_.as_admin(
        "SELECT 1 FROM information_schema.tables WHERE table_schema=" + quote_text(table.schema) +
        " AND table_name=" + quote_text(table.name));
    if (rows.empty()) {
      throw Refused(1146, "42S02", "Table '" + table.schema + "." + table.name + "' doesn't exist");
    }
  }
}

Answer Session::run_backup(const BackupStatement& wanted, const std::string& directory) {
  BackupTask task;
  task.restores = wanted.restores;
  task.server = server_;
  task.destination = without_secrets(wanted.uri);
  task.connection = id_;
  const std::uint64_t id = shared_.backups.enter(std::move(task));
  const auto give_up = [this] {
    if (killed_) throw SocketClosed("killed");
    if (shared_.ending.stop_requested()) throw SocketClosed("cluster ends");
    if (interrupted_) throw Refused(1317, "70100", "Query execution was interrupted");
  };
  try {
    shared_.backups.wait_turn(id, [&] {
      give_up();
      return false;
    });
    shared_.backups.update(id, [&](BackupTask& mine) {
      mine.started = cluster_.clock.now();
      mine.state = wanted.restores ? "Restore" : "Backup";
    });
    BackupPace pace(cluster_, shared_.backups, id, give_up);
    pace.limit_rate(wanted.rate_limit);
    Answer answer = wanted.restores ? restore_from(wanted, directory, id, pace)
                                    : backup_to(wanted, directory, id, pace);
    shared_.backups.finish(id, "");
    return answer;
  } catch (const Refused& refused) {
    shared_.backups.finish(id, refused.failure().message);
    throw;
  } catch (const SocketClosed& closed) {
    shared_.backups.finish(id, "context canceled");
    throw;
  } catch (const Error& e) {
    shared_.backups.finish(id, e.message());
    fail(wanted.restores, e.message());
  }
}

std::uint64_t Session::backup_ts(const BackupStatement& wanted) {
  const std::uint64_t now = cluster_.oracle.next();
  if (!wanted.snapshot) return now;
  std::uint64_t ts = 0;
  if (const auto* tso = std::get_if<std::uint64_t>(&*wanted.snapshot)) {
    ts = *tso;
  } else if (const auto* text = std::get_if<std::string>(&*wanted.snapshot)) {
    ts = datetime_ts(*text);
  } else {
    const auto& ago = std::get<BackupStatement::Ago>(*wanted.snapshot);
    ts = physical_ts(to_millis(cluster_.oracle.now()) - millis_of(ago));
  }
  if (ts > now) {
    fail(false, "backup ts " + std::to_string(ts) +
                    " is in the future: [BR:Common:ErrInvalidArgument]invalid argument");
  }
  if (!cluster_.gc.has_history(ts)) {
    fail(false, "GC safepoint " + std::to_string(cluster_.gc.safe_point()) + " exceed TS " +
                    std::to_string(ts) +
                    ": [BR:Backup:ErrBackupGCSafepointExceeded]backup GC safepoint exceeded");
  }
  return ts;
}

/// Everything that is chosen and was there.
std::vector<BackupRun::Source> Session::backup_sources(const BackupStatement& wanted,
                                                       std::uint64_t ts) {
  std::vector<BackupRun::Source> sources;
  std::vector<ObjectName> names;
  const auto add = [&](const ObjectName& name) {
    if (!chosen(wanted, name.schema, name.name, schema_)) return;
    const auto same = [&](const ObjectName& other) { return same_table(name, other); };
    if (std::none_of(names.begin(), names.end(), same)) names.push_back(name);
  };
  for (const auto& row : shared_.as_admin(
           "SELECT table_schema,table_name FROM information_schema.tables WHERE table_type IN "
           "('BASE TABLE','VIEW','SEQUENCE') ORDER BY table_type,table_schema,table_name")) {
    add({row[0].value_or(""), row[1].value_or("")});
  }
  for (const ObjectName& name : shared_.history.touched_since(ts, "")) {
    if (is_user_schema(name.schema)) add(name);
  }
  for (const ObjectName& name : names) {
    std::shared_ptr<const PastTable> past;
    try {
      past = past_table(name, ts);
    } catch (const Refused& refused) {
      if (refused.failure().code == 1146) continue;
      throw;
    }
    BackupRun::Source source{past, {}};
    source.table.schema = name.schema;
    source.table.name = name.name;
    source.table.definition = shared_.history.shown_at(name, ts);
    if (source.table.definition.empty()) source.table.definition = shown_definition(name);
    source.table.kind = past->is_view ? "view" : "table";
    if (source.table.definition.rfind("CREATE SEQUENCE", 0) == 0) source.table.kind = "sequence";
    sources.push_back(std::move(source));
  }
  return sources;
}

std::string Session::shown_definition(const ObjectName& table) {
  const std::string sql =
      "SHOW CREATE TABLE " + quote_name(table.schema) + "." + quote_name(table.name);
  const Answer answer =
      show_create_relation(classify(std::move(split_statements(sql).front())), table);
  const auto* text = std::get_if<TextResult>(&answer);
  return text == nullptr ? "" : text->rows.front().at(1).value_or("");
}

Answer Session::backup_to(const BackupStatement& wanted, const std::string& directory,
                          std::uint64_t task, BackupPace& pace) {
  BackupWriter writer(directory, without_secrets(wanted.uri));
  BackupMeta meta;
  meta.cluster_id = cluster_.cluster_id;
  meta.version = cluster_.release_version;
  meta.backup_ts = backup_ts(wanted);
  // As br does: its own entry keeps garbage collection away while it reads.
  const std::string hold = "br-" + std::to_string(meta.backup_ts) + "-" + std::to_string(task);
  cluster_.safepoints.hold(hold, meta.backup_ts - 1, kBackupTtl);
  struct Release {
    ClusterState& cluster;
    const std::string& name;
    ~Release() { cluster.safepoints.remove(name); }
  } const release{cluster_, hold};
  past_.clear();
  std::vector<BackupRun::Source> sources = backup_sources(wanted, meta.backup_ts);
  BackupRun(cluster_, shared_.history, pace).write(writer, sources);
  past_.clear();
  for (BackupRun::Source& source : sources) {
    const std::string& schema = source.table.schema;
    if (std::none_of(meta.schemas.begin(), meta.schemas.end(),
                     [&](const BackedUpSchema& known) { return known.name == schema; })) {
      meta.schemas.push_back({schema, "CREATE DATABASE IF NOT EXISTS " + quote_name(schema)});
    }
    meta.tables.push_back(std::move(source.table));
  }
  shared_.backups.update(task, [](BackupTask& mine) { mine.state = "Checksum"; });
  writer.finish(meta);
  const BackupTask done = shared_.backups.task(task);
  return TextResult{
      {{"Destination"},
       {"Size", CellType::integer},
       {"BackupTS", CellType::integer},
       {"Queue Time", CellType::datetime},
       {"Execution Time", CellType::datetime}},
      {{done.destination, std::to_string(meta.bytes()), std::to_string(meta.backup_ts),
        seconds_of(done.queued), seconds_of(done.started.value_or(done.queued))}}};
}

/// The target's own feeds are compared with a position of another cluster (tidb-sql §5.2).
void Session::refuse_for_feeds(std::uint64_t backup_ts) {
  const bool newer = cluster_.profile.tidb >= kRemovesFeeds;
  std::map<std::string, std::string> found;  // cluster/namespace -> ids
  for (const FeedPosition& feed : cluster_.feed_positions()) {
    const bool counts =
        newer ? is_looked_at(feed) && feed.position < backup_ts
              : feed.state == "normal" || feed.state == "stopped" || feed.state == "error";
    if (!counts) continue;
    std::string& ids = found[feed.cluster + "/" + feed.space];
    ids += (ids.empty() ? "" : " ") + feed.id;
  }
  if (found.empty()) return;
  std::string text = "found CDC changefeed(s): ";
  for (const auto& [where, ids] : found) {
    text.append("cluster/namespace: ").append(where);
    text.append(" changefeed(s): [").append(ids).append("], ");
  }
  fail(true, text + "please " + (newer ? "remove" : "stop") + " changefeed(s) before restore");
}

void Session::refuse_for_tables(const std::vector<BackedUpTable>& tables) {
  std::string present;
  for (const BackedUpTable& table : tables) {
    const auto rows = shared_.as_admin(
        "SELECT 1 FROM information_schema.tables WHERE table_schema=" + quote_text(table.schema) +
        " AND table_name=" + quote_text(table.name));
    if (rows.empty()) continue;
    const bool empty =
        table.kind != "table" || shared_
                                     .as_admin("SELECT 1 FROM " + quote_name(table.schema) + "." +
                                               quote_name(table.name) + " LIMIT 1")
                                     .empty();
    if (cluster_.profile.tidb >= kRefusesAnyTable || !empty) {
      present.append(dotted(table)).append(" ");
    }
  }
  if (present.empty()) return;
  fail(true,
       "table already exists: " + present +
           ": [BR:Restore:ErrTablesAlreadyExisted]tables already existed in restored cluster");
}

/// CREATE jobs, judged and stamped like a user's.
void Session::make_restored(const BackupMeta& meta, const std::vector<BackedUpTable>& tables) {
  const auto run = [&](const std::string& sql) {
    Statement create = classify(std::move(split_statements(sql).front()));
    query_text_ = sql;
    ddl(create);
  };
  const std::string before = schema_;
  engine_ok("SET SESSION foreign_key_checks=0");
  const auto back = [&] {
    engine_ok("SET SESSION foreign_key_checks=DEFAULT");
    if (!before.empty()) engine_ok("USE " + quote_name(before));
    schema_ = before;
  };
  try {
    for (const BackedUpSchema& schema : meta.schemas) {
      const bool needed = std::any_of(tables.begin(), tables.end(), [&](const BackedUpTable& t) {
        return t.schema == schema.name;
      });
      if (needed) run(schema.definition);
    }
    for (const BackedUpTable& table : tables) {
      const auto rows = shared_.as_admin(
          "SELECT 1 FROM information_schema.tables WHERE table_schema=" + quote_text(table.schema) +
          " AND table_name=" + quote_text(table.name));
      if (!rows.empty()) continue;
      engine_ok("USE " + quote_name(table.schema));
      schema_ = table.schema;
      run(table.definition);
    }
  } catch (...) {
    back();
    throw;
  }
  back();
}

Answer Session::restore_from(const BackupStatement& wanted, const std::string& directory,
                             std::uint64_t task, BackupPace& pace) {
  const BackupMeta meta = read_backup_meta(directory);
  std::vector<BackedUpTable> tables;
  for (const BackedUpTable& table : meta.tables) {
    if (chosen(wanted, table.schema, table.name, schema_)) tables.push_back(table);
  }
  for (const ObjectName& name : wanted.names) {
    const bool schemas = wanted.scope == BackupStatement::Scope::schemas;
    const bool there = std::any_of(tables.begin(), tables.end(), [&](const BackedUpTable& table) {
      return to_lower(schemas ? table.schema : table.name) == to_lower(name.name);
    });
    if (there) continue;
    const std::string kind = schemas ? "database" : "table";
    fail(true, "[" + kind + ": " + name.name +
                   "] has not been backup, please ensure you has input a correct " + kind +
                   " name: [BR:Restore:ErrUndefinedRestoreDbOrTable]undefined restore databases or "
                   "tables");
  }
  refuse_for_feeds(meta.backup_ts);
  refuse_for_tables(tables);
  const std::uint64_t cluster_ts = cluster_.oracle.next();
  make_restored(meta, tables);
  BackupRun(cluster_, shared_.history, pace).fill(directory, tables, wanted.checksum);
  const BackupTask done = shared_.backups.task(task);
  std::uint64_t size = 0;
  for (const BackedUpTable& table : tables) size += table.bytes;
  TextResult result{{{"Destination"}, {"Size", CellType::integer}, {"BackupTS", CellType::integer}},
                    {{done.destination, std::to_string(size), "0"}}};
  if (cluster_.profile.tidb >= kShowsClusterTs) {
    result.rows[0][2] = std::to_string(meta.backup_ts);
    result.columns.push_back({"Cluster TS", CellType::integer});
    result.rows[0].emplace_back(std::to_string(cluster_ts));
  }
  result.columns.push_back({"Queue Time", CellType::datetime});
  result.columns.push_back({"Execution Time", CellType::datetime});
  result.rows[0].emplace_back(seconds_of(done.queued));
  result.rows[0].emplace_back(seconds_of(done.started.value_or(done.queued)));
  return result;
}

}  // namespace bdrmesh::lab
