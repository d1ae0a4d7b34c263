#include "clients/tidb/sql_backup_client.h"

#include <charconv>
#include <memory>
#include <utility>

#include "base/error.h"
#include "clients/call_note.h"
#include "clients/catalogue/sql_catalogue.h"
#include "clients/catalogue/sql_catalogue_backup.h"
#include "clients/sql/abandonable.h"
#include "clients/sql/sql_errors.h"

namespace bdrmesh {
namespace {

const char* verb(BackupKind kind) { return kind == BackupKind::backup ? "BACKUP" : "RESTORE"; }

double percent_in(const std::string& text) {
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

bool holds(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

bool no_such_table(int number) { return number == 1146 || number == 1049; }

}  // namespace

Error backup_failure(BackupKind kind, const std::string& text) {
  if (holds(text, "found CDC changefeed")) {
    return {
        ErrorKind::precondition, "TIDB_FEED_IN_THE_WAY", text,
        "a changefeed that reads from the cluster to be filled stands before the backup: remove "
        "it on that cluster's TiCDC, then run the operation again"};
  }
  if (holds(text, "already exist")) {
    return {ErrorKind::precondition, "TARGET_NOT_EMPTY", text,
            "RESTORE makes the tables itself: drop them there, then run the operation again"};
  }
  if (holds(text, "GCSafepointExceeded") || holds(text, "exceed TS")) {
    return {ErrorKind::precondition, "TIDB_GC_PASSED", text,
            "garbage collection has passed the position of the backup: run the operation again, "
            "with a longer --hold-history"};
  }
  return {ErrorKind::precondition, kind == BackupKind::backup ? "BACKUP_FAILED" : "RESTORE_FAILED",
          text,
          "the text tells what the server missed (storage, rights, room); mend it, then run the "
          "operation again"};
}

bool SqlBackupClient::run(BackupKind kind, const BackupOrder& order,
                          const std::function<void(const SentBackup&)>& sent, const Call& call) {
  // It may run for hours: the connection has no deadline, only our waiting has.
  const Call endless{MonoTime::max(), call.stop, call.observer};
  SqlSession session = connector_.open_any(endless, SqlPatience::for_ever);
  const SentBackup where{session.server(), session.connection_id()};
  sent(where);
  const std::string doing = std::string("run the ") + verb(kind);
  if (call.stop.stop_requested())
    throw Error(ErrorKind::cancelled, "CANCELLED", "asked to stop before: " + doing);
  session.forget_observer();
  session.use_for(Call{});
  CallNote note(call, connector_.clock(), session.login().target(), doing);
  try {
    const bool ended = run_until(connector_.clock(), call.deadline, call.stop,
                                 [held = std::make_shared<SqlSession>(std::move(session)),
                                  sql = sql_text::run_backup(kind, order),
                                  doing] { (void)held->change_with_rows(sql, doing); });
    note.answered(ended ? "ok" : "goes on");
    return ended;
  } catch (const SqlError& e) {
    note.answered(noted_answer(e));
    if (e.kind() == ErrorKind::invalid || e.code() == "TIDB_FEED_IN_THE_WAY")
      throw backup_failure(kind, e.message());
    throw;
  }
}

std::optional<BackupTask> SqlBackupClient::task(BackupKind kind, const SentBackup& sent,
                                                const Call& call) {
  const std::string_view sql =
      kind == BackupKind::backup ? sql_text::kShowBackups : sql_text::kShowRestores;
  const SqlRows rows = connector_.ask(sent.server, call, [&](SqlSession& session) {
    return session.query(std::string(sql), std::string("look for the ") + verb(kind));
  });
  std::optional<BackupTask> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows.text(i, "Connection") != std::to_string(sent.connection_id)) continue;
    const bool ended = !rows.text(i, "Finish_time").empty();
    found = BackupTask{rows.text(i, "State"), percent_in(rows.text(i, "Progress")), ended,
                       ended ? rows.text_if_there(i, "Message") : std::string()};
  }
  return found;
}

bool SqlBackupClient::has_schema(const std::string& schema, const Call& call) {
  return connector_.ask_any(call, [&](SqlSession& session) {
    return !session.query(sql_text::schema_exists(schema), "look for a schema").empty();
  });
}

bool SqlBackupClient::has_relations(const std::string& schema, const Call& call) {
  return connector_.ask_any(call, [&](SqlSession& session) {
    return !session.query(sql_text::relations_in(schema), "look into a schema").empty();
  });
}

void SqlBackupClient::drop_tables(const std::vector<TableName>& tables, const Call& call) {
  SqlSession session = connector_.open_any(call, SqlPatience::for_ever);
  for (const TableName& table : tables)
    session.change(sql_text::drop_table(table), "drop " + to_string(table));
}

void SqlBackupClient::make_probe(const TableName& table, const std::string& nonce,
                                 const Call& call) {
  SqlSession session = connector_.open_any(call, SqlPatience::for_ever);
  session.change(sql_text::make_probe(table), "make " + to_string(table));
  session.change(sql_text::write_probe(table, nonce), "write " + to_string(table));
}

std::optional<std::string> SqlBackupClient::read_probe(const TableName& table, const Call& call) {
  try {
    const SqlRows rows =
        connector_.open_any(call).query(sql_text::read_probe(table), "read " + to_string(table));
    if (rows.empty()) return std::nullopt;
    return rows.text(0, "nonce");
  } catch (const SqlError& e) {
    if (no_such_table(e.number())) return std::nullopt;
    throw;
  }
}

}  // namespace bdrmesh
