#include "clients/tidb/sql_backup_client.h"

#include <charconv>
#include <map>
#include <memory>
#include <mutex>
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

/// 4.0 shows NULL until a task ends, all later versions a zero date (tidb: executor/brie.go).
bool is_moment(const std::string& text) { return !text.empty() && !text.starts_with("0000-00-00"); }

}  // namespace

/// What became of the statements that this process sent: the answer to the statement is the only
/// witness that a server does not forget. Thread-safe.
class BackupOutcomes {
 public:
  void begun(const SentBackup& sent) {
    BackupTask waits;
    waits.state = "Wait";
    waits.awaited = true;
    put(sent, waits);
  }
  void ended_well(const SentBackup& sent) {
    BackupTask done;
    done.state = "Done";
    done.percent = 100;
    done.ended = true;
    put(sent, done);
  }
  void failed(const SentBackup& sent, const Error& error) {
    // The answer was lost, or the session was: whether it goes on is the server's to tell.
    if (error.kind() == ErrorKind::ambiguous || error.kind() == ErrorKind::transient) {
      const std::scoped_lock lock(mutex_);
      tasks_.erase({sent.server, sent.connection_id});
      return;
    }
    BackupTask ended;
    ended.state = "Failed";
    ended.ended = true;
    ended.failure = error.message();
    put(sent, ended);
  }
  std::optional<BackupTask> of(const SentBackup& sent) const {
    const std::scoped_lock lock(mutex_);
    const auto found = tasks_.find({sent.server, sent.connection_id});
    if (found == tasks_.end()) return std::nullopt;
    return found->second;
  }

 private:
  void put(const SentBackup& sent, const BackupTask& task) {
    const std::scoped_lock lock(mutex_);
    tasks_[{sent.server, sent.connection_id}] = task;
  }

  mutable std::mutex mutex_;  ///< guards tasks_
  std::map<std::pair<ServerAddress, std::uint64_t>, BackupTask> tasks_;
};

SqlBackupClient::SqlBackupClient(SqlAccess access, const Clock& clock)
    : connector_(std::move(access), clock), outcomes_(std::make_shared<BackupOutcomes>()) {}

std::optional<BackupTask> backup_task_in(const SqlRows& rows, std::uint64_t connection_id) {
  std::optional<BackupTask> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows.text(i, "Connection") != std::to_string(connection_id)) continue;
    BackupTask task;
    task.state = rows.text(i, "State");
    task.percent = percent_in(rows.text(i, "Progress"));
    task.ended = is_moment(rows.text(i, "Finish_time"));
    if (task.ended) task.failure = rows.text_if_there(i, "Message");
    found = task;
  }
  return found;
}

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
  outcomes_->begun(where);
  try {
    const bool ended =
        run_until(connector_.clock(), call.deadline, call.stop,
                  [held = std::make_shared<SqlSession>(std::move(session)),
                   sql = sql_text::run_backup(kind, order), doing, where, outcomes = outcomes_] {
                    try {
                      (void)held->change_with_rows(sql, doing);
                      outcomes->ended_well(where);
                    } catch (const Error& e) {
                      outcomes->failed(where, e);
                      throw;
                    }
                  });
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
  const std::optional<BackupTask> own = outcomes_->of(sent);
  if (own && own->ended) return own;
  const std::string_view sql =
      kind == BackupKind::backup ? sql_text::kShowBackups : sql_text::kShowRestores;
  const SqlRows rows = connector_.ask(sent.server, call, [&](SqlSession& session) {
    return session.query(std::string(sql), std::string("look for the ") + verb(kind));
  });
  std::optional<BackupTask> shown = backup_task_in(rows, sent.connection_id);
  if (!own || (shown && shown->ended)) return shown;
  // Its thread waits for the answer: what the server does not show any more has not ended.
  if (!shown) return own;
  shown->awaited = true;
  return shown;
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
