// Tables of a cluster and our own rows in it, over SQL: token, marker, rehearsal copies.
#include "base/error.h"
#include "clients/catalogue/sql_catalogue.h"
#include "clients/catalogue/sql_catalogue_backup.h"
#include "clients/sql/sql_errors.h"
#include "clients/tidb/answers.h"
#include "clients/tidb/sql_tidb_cluster.h"
#include "model/desired.h"

namespace bdrmesh {
namespace {

constexpr int kDuplicateKey = 1062;

bool no_such_table(const SqlError& e) { return e.number() == 1146 || e.number() == 1049; }

std::vector<TableName> read_names(const SqlRows& rows) {
  std::vector<TableName> out;
  for (std::size_t i = 0; i < rows.size(); ++i)
    out.push_back({rows.text(i, "TABLE_SCHEMA"), rows.text(i, "TABLE_NAME")});
  return out;
}

}  // namespace

std::vector<TableName> SqlTidbCluster::tables(const Call& call) {
  return read_names(ask(sql_text::kTables, "list tables", call));
}

std::vector<TableName> SqlTidbCluster::views_and_sequences(const Call& call) {
  return read_names(ask(sql_text::kViewsAndSequences, "list views and sequences", call));
}

std::optional<std::int64_t> SqlTidbCluster::table_id(const TableName& table, const Call& call) {
  const std::string doing = "read the id of " + to_string(table);
  SqlRows rows = ask(sql_text::table_id(table), doing, call);
  // A script may spell a name as it likes, and SHOW CREATE TABLE takes it; the column is compared
  // letter by letter.
  if (rows.empty() && create_statement(table, call))
    rows = ask(sql_text::table_id_of_any_case(table), doing, call);
  if (rows.empty()) return std::nullopt;
  return static_cast<std::int64_t>(rows.number(0, "TIDB_TABLE_ID"));
}

std::optional<std::string> SqlTidbCluster::create_statement(const TableName& table,
                                                            const Call& call) {
  SqlSession session = connector_.open_any(call);
  try {
    const SqlRows rows = session.query(sql_text::show_create_table(table),
                                       "read the definition of " + to_string(table));
    return rows.text(0, std::size_t{1});
  } catch (const SqlError& e) {
    if (no_such_table(e)) return std::nullopt;
    throw;
  }
}

void SqlTidbCluster::make_table(const TableName& table, std::string_view create,
                                const Call& call) const {
  SqlSession session = connector_.open_any(call);
  // Under a BDR role even IF NOT EXISTS is refused when the object is missing, and needless when it
  // is there (measured §1 A7).
  if (!session.query(sql_text::table_exists(table), "look for " + to_string(table)).empty()) return;
  if (session.query(sql_text::schema_exists(table.schema), "look for schema " + table.schema)
          .empty()) {
    session.change(sql_text::create_schema(table.schema), "create schema " + table.schema);
  }
  session.change(std::string(create), "create " + to_string(table));
}

void SqlTidbCluster::make_token_schema(const Call& call) {
  make_table({kTokenSchema, "owner"}, sql_text::kCreateToken, call);
}

void SqlTidbCluster::make_marker_schema(const Call& call) {
  make_table({kMarkerSchema, "marker"}, sql_text::kCreateMarker, call);
}

std::optional<TokenRow> SqlTidbCluster::token(const Call& call) {
  return connector_.ask_any(call, [](SqlSession& session) -> std::optional<TokenRow> {
    try {
      const SqlRows rows = session.query(std::string(sql_text::kReadToken), "read the token row");
      if (rows.empty()) return std::nullopt;
      return read_token(rows);
    } catch (const SqlError& e) {
      if (no_such_table(e)) return std::nullopt;
      throw;
    }
  });
}

bool SqlTidbCluster::replace_token(const std::optional<TokenRow>& expected, const TokenRow& row,
                                   const Call& call) {
  SqlSession session = connector_.open_any(call);
  if (expected)
    return session.change(sql_text::update_token(*expected, row), "write the token row") == 1;
  try {
    session.change(sql_text::insert_token(row), "write the first token row");
    return true;
  } catch (const SqlError& e) {
    if (e.number() == kDuplicateKey) return false;
    throw;
  }
}

WrittenMarker SqlTidbCluster::write_marker(const std::string& run, const ClusterName& origin,
                                           const std::string& nonce, const Call& call) {
  SqlSession session = connector_.open_any(call);
  // A target that never got the row takes its update for done and changes nothing (ticdc-api §5.5):
  // a marker that was lost once would stay away for ever. So it goes out as a new row each time.
  session.change(sql_text::delete_marker(run, origin), "make room for a marker");
  session.query(std::string(sql_text::kBegin), "begin a transaction");
  const Tso start(session.query(std::string(sql_text::kTransactionStart), "read a start-ts")
                      .number(0, "value"));
  session.change(sql_text::upsert_marker(run, origin, nonce), "write a marker");
  session.change(std::string(sql_text::kCommit), "commit a marker");
  // The very next statement, or another transaction's values stand there (tidb-sql §3.1).
  const SqlRows rows =
      session.query(std::string(sql_text::kLastTransaction), "read a marker's commit-ts");
  const LastTransaction last = read_last_transaction(rows.text(0, std::size_t{0}));
  if (last.start_ts == start && last.commit_ts > start)
    return {nonce, last.start_ts, last.commit_ts};
  throw Error(ErrorKind::transient, "MARKER_UNPROVEN",
              "tidb-server " + session.server().value() +
                  ": the marker was written in transaction " + to_string(start) +
                  ", but tidb_last_txn_info tells of " + to_string(last.start_ts) + ", commit-ts " +
                  to_string(last.commit_ts));
}

std::optional<std::string> SqlTidbCluster::marker_nonce(const std::string& run,
                                                        const ClusterName& origin,
                                                        const Call& call) {
  return connector_.ask_any(call, [&](SqlSession& session) -> std::optional<std::string> {
    try {
      const SqlRows rows = session.query(sql_text::read_marker(run, origin), "read a marker");
      if (rows.empty()) return std::nullopt;
      return rows.text(0, "nonce");
    } catch (const SqlError& e) {
      if (no_such_table(e)) return std::nullopt;
      throw;
    }
  });
}

void SqlTidbCluster::copy_empty_table(const TableName& table, const TableName& copy,
                                      const Call& call) {
  SqlSession session = connector_.open_any(call);
  if (session.query(sql_text::schema_exists(copy.schema), "look for schema " + copy.schema)
          .empty()) {
    session.change(sql_text::create_schema(copy.schema), "create schema " + copy.schema);
  }
  session.change(sql_text::copy_empty_table(table, copy),
                 "copy the definition of " + to_string(table));
}

void SqlTidbCluster::drop_schema(const std::string& schema, const Call& call) {
  SqlSession session = connector_.open_any(call);
  // Of others only what is empty: a RESTORE that is taken back has made it.
  if (!schema.starts_with(kMarkerSchema) &&
      !session.query(sql_text::relations_in(schema), "look into a schema").empty()) {
    throw Error(ErrorKind::bug, "NOT_OURS", "schema '" + schema + "' is not ours to drop");
  }
  session.change(sql_text::drop_schema(schema), "drop schema " + schema);
}

}  // namespace bdrmesh
