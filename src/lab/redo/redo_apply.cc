#include "lab/redo/redo_apply.h"

#include <algorithm>
#include <fstream>
#include <tuple>
#include <utility>
#include <vector>

#include "lab/feed/ddl_rules.h"
#include "lab/feed/sink_session.h"
#include "lab/parse/tokens.h"

namespace bdrmesh::lab {

namespace {

constexpr Millis kPatience{120000};
constexpr int kWriteSource = 1;  // "should never be set to 0 … the default value will be used"
constexpr std::size_t kRowsPerTransaction = 256;

constexpr const char* kDdlTsTable =
    "CREATE TABLE IF NOT EXISTS ddl_ts_v1 (ticdc_cluster_id varchar (255), "
    "changefeed varchar(255), ddl_ts varchar(18), table_id bigint(21), finished bool, "
    "is_syncpoint bool, INDEX (ticdc_cluster_id, changefeed, table_id), "
    "PRIMARY KEY (ticdc_cluster_id, changefeed, table_id))";

std::vector<RedoRecord> read_records(const std::filesystem::path& directory,
                                     const std::string& kind) {
  std::vector<RedoRecord> records;
  for (const auto& file : redo_logs(directory, kind)) {
    std::ifstream in(file, std::ios::binary);
    for (std::string line; std::getline(in, line);) {
      try {
        if (auto record = decode_record(line)) records.push_back(std::move(*record));
      } catch (const Error&) {
        throw RedoApplyError("unexpected EOF");  // as Go's reader of a log that was cut off
      }
    }
  }
  return records;
}

/// Writes through one connection.
class Target {
 public:
  explicit Target(const SinkUri& sink) : session_(sink, kWriteSource, kPatience) {
    try {
      session_.open();
    } catch (const Error& e) {
      throw RedoApplyError("[CDC:ErrMySQLConnectionError]fail to open MySQL connection: " +
                           go_text_of(e));
    }
  }

  void run(const std::string& sql, const std::string& what) {
    try {
      session_.run(sql);
    } catch (const Error& e) {
      throw RedoApplyError("[CDC:ErrMySQLTxnError]MySQL txn error: " + what + go_text_of(e));
    }
  }

  /// New only: progress of DDL is kept there, and made first of all.
  void make_ddl_ts_table() {
    for (const char* statement :
         {"CREATE DATABASE IF NOT EXISTS tidb_cdc", "USE tidb_cdc", kDdlTsTable}) {
      run(statement, "failed to create ddl_ts_v1 table;: ");
    }
  }

  void note_ddl(const std::string& feed, std::int64_t table_id, std::uint64_t ddl_ts) {
    run("REPLACE INTO tidb_cdc.ddl_ts_v1 VALUES ('default', " + quote_text(feed) + ", '" +
            std::to_string(ddl_ts) + "', " + std::to_string(table_id) + ", 1, 0)",
        "failed to write ddl_ts_v1 table;: ");
  }

  void write_rows(const std::vector<KeyedChange>& rows) {
    if (rows.empty()) return;
    RowSqlOptions options;
    options.batch = false;  // batch-dml-enable=false&safe-mode=true
    run("BEGIN", "");
    for (const RowStatement& statement : row_statements(rows, options)) {
      run(statement.sql, "Failed to execute DMLs, query info:" + statement.shape + "; : ");
    }
    run("COMMIT", "");
  }

  void run_ddl(const DdlJob& job) {
    try {
      const std::string schema = job.default_db.empty() ? job.db : job.default_db;
      if (!schema.empty() && !is_schema_job(job)) session_.run("USE " + quoted(schema));
      session_.run(downstream_text(job));
    } catch (const Error& e) {
      if (is_ignorable_ddl_error(server_error_of(e))) return;
      throw RedoApplyError(
          "[CDC:ErrExecDDLFailed]exec DDL failed %s: Execute DDL failed, Query info: " +
          downstream_text(job) + "; : " + go_text_of(e));
    }
  }

 private:
  SinkSession session_;
};

/// Rows before a DDL of the same timestamp.
bool comes_first(const RedoRecord& a, const RedoRecord& b) {
  return std::make_tuple(a.commit_ts, a.ddl.has_value()) <
         std::make_tuple(b.commit_ts, b.ddl.has_value());
}

}  // namespace

RedoApply::RedoApply(std::filesystem::path directory, RedoMeta meta, SinkUri sink, Told told)
    : directory_(std::move(directory)),
      meta_(std::move(meta)),
      sink_(std::move(sink)),
      told_(std::move(told)) {}

RedoApplied RedoApply::run() {
  RedoApplied applied;
  Target target(sink_);
  std::vector<RedoRecord> records = read_records(directory_, "row");
  for (RedoRecord& ddl : read_records(directory_, "ddl")) records.push_back(std::move(ddl));
  std::erase_if(records, [this](const RedoRecord& record) {
    const std::uint64_t above = record.ddl ? meta_.checkpoint - 1 : meta_.checkpoint;
    return record.commit_ts <= above || record.commit_ts > meta_.resolved;
  });
  std::stable_sort(records.begin(), records.end(), comes_first);
  const bool is_new = meta_.version > 0;
  if (is_new) target.make_ddl_ts_table();
  std::vector<KeyedChange> rows;
  const auto flush = [&] {
    target.write_rows(rows);
    applied.rows += rows.size();
    rows.clear();
  };
  for (RedoRecord& record : records) {
    if (record.row) {
      record.row->replace = true;  // safe mode
      rows.push_back(std::move(*record.row));
      if (rows.size() >= kRowsPerTransaction) flush();
      continue;
    }
    flush();
    told_(*record.ddl, record.commit_ts);
    target.run_ddl(*record.ddl);
    if (is_new) target.note_ddl(meta_.feed, record.ddl->table_id, record.commit_ts);
    ++applied.ddl;
  }
  flush();
  return applied;
}

}  // namespace bdrmesh::lab
