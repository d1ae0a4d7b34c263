// SHOW BACKUPS, SHOW RESTORES, SHOW BACKUP METADATA (tidb-sql §5.1, measured A22).
#include "lab/backup/backup_files.h"
#include "lab/backup/backup_statement.h"
#include "lab/server/tidb_text.h"
#include "lab/sql/session.h"

namespace bdrmesh::lab {

namespace {
std::string seconds_of(WallTime time) { return sql_time(to_millis(time)).substr(0, 19); }
}  // namespace

/// This server's tasks (measured A22). @return std::nullopt for
/// others.
std::optional<Answer> Session::show_backups(const Statement& statement) {
  Cursor cursor(statement.tokens, 1);
  if (cursor.sees({"backup", "metadata"})) return show_backup_metadata(statement);
  const bool restores = cursor.peek().is("restores");
  if (!restores && !cursor.peek().is("backups")) return std::nullopt;
  cursor.next();
  require_backup_right(restores);
  // What has not come yet is a zero date; only 4.0 showed NULL (tidb: executor/brie.go).
  const auto time = [](const std::optional<WallTime>& at) {
    return quote_text(at ? seconds_of(*at) : "0000-00-00 00:00:00");
  };
  std::string rows;
  for (const BackupTask& task : shared_.backups.list(server_, restores)) {
    rows += rows.empty() ? "" : " UNION ALL ";
    rows += "SELECT " + std::to_string(task.id) + " AS Id," + quote_text(task.destination) +
            " AS Destination," + quote_text(task.state) + " AS State,CAST(" +
            std::to_string(task.progress) + " AS DOUBLE) AS Progress," + time(task.queued) +
            " AS Queue_time," + time(task.started) + " AS Execution_time," + time(task.finished) +
            " AS Finish_time," + std::to_string(task.connection) + " AS Connection," +
            (task.message.empty() ? "NULL" : quote_text(task.message)) + " AS Message";
  }
  if (rows.empty()) {
    rows =
        "SELECT 0 AS Id,'' AS Destination,'' AS State,0e0 AS Progress,'' AS Queue_time,'' AS "
        "Execution_time,'' AS Finish_time,0 AS Connection,NULL AS Message LIMIT 0";
  }
  std::string condition;
  if (cursor.accept("like")) {
    condition = " WHERE Destination LIKE " + quote_text(cursor.peek().value);
  } else if (cursor.sees({"where"})) {
    condition = " " + std::string(statement.text.substr(cursor.peek().begin));
  }
  return pass_through("SELECT * FROM (" + rows + ") b" + condition);
}

Answer Session::show_backup_metadata(const Statement& statement) {
  require_backup_right(false);
  Cursor cursor(statement.tokens, 4);
  const auto directory = local_directory(cursor.peek().value);
  if (!directory) throw Refused(1105, "HY000", "the lab knows local storage only");
  TextResult result{{{"Database"},
                     {"Table"},
                     {"Total_kvs", CellType::integer},
                     {"Total_bytes", CellType::integer},
                     {"Time_range_start", CellType::datetime},
                     {"Time_range_end", CellType::datetime}},
                    {}};
  try {
    const BackupMeta meta = read_backup_meta(*directory);
    const std::string end =
        sql_time(static_cast<std::int64_t>(meta.backup_ts >> 18U)).substr(0, 19);
    for (const BackedUpTable& table : meta.tables) {
      result.rows.push_back({table.schema, table.name, std::to_string(table.rows),
                             std::to_string(table.bytes), Cell(), end});
    }
  } catch (const Error& e) {
    throw Refused(1105, "HY000", e.message());
  }
  return result;
}

}  // namespace bdrmesh::lab
