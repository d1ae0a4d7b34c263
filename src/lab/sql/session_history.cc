// Reads of the past: at which TSO a statement reads, and what the engine is asked instead (tidb-sql
// §6, measured A13, B §6).
#include <algorithm>

#include "lab/core/binlog_convention.h"
#include "lab/history/table_refs.h"
#include "lab/server/tidb_text.h"
#include "lab/sql/session.h"
#include "lab/wire/bytes.h"

namespace bdrmesh::lab {

namespace {

constexpr int kNoSuchTable = 1146;
constexpr int kNoSuchSchema = 1049;

[[noreturn]] void refuse_as_of(const std::string& why) { throw Refused(8135, "HY000", why); }

/// Schemas whose tables have no past here.
bool is_timeless(const std::string& schema) {
  const std::string name = to_lower(schema);
  return name == "information_schema" || name == "mysql" || name == "performance_schema" ||
         name == "metrics_schema" || name == "sys";
}

/// All columns of information_schema.columns, with another table's name in them.
std::string columns_renamed(const RowsReply& rows, const ObjectName& table) {
  std::string list;
  for (const std::string& packet : rows.columns) {
    PacketReader column(packet);
    for (int i = 0; i < 4; ++i) column.lenenc_string();
    const std::string name(column.lenenc_string());
    list += list.empty() ? "" : ",";
    if (to_lower(name) == "table_schema") {
      list += quote_text(table.schema);
    } else if (to_lower(name) == "table_name") {
      list += quote_text(table.name);
    } else {
      list += quote_name(name);
    }
  }
  return list;
}

std::string hidden_table(const PastTable& past) {
  return quote_name(kPastSchema) + "." + quote_name(past.hidden);
}

}  // namespace

/// `SELECT .. FROM t AS OF TIMESTAMP x`: one time for all tables.
std::optional<std::uint64_t> Session::as_of(const Statement& statement) {
  const bool names_time = std::any_of(statement.tokens.begin(), statement.tokens.end(),
                                      [](const Token& token) { return token.is("timestamp"); });
  if (!names_time) return std::nullopt;
  const std::vector<TableRef> refs = table_refs(statement.tokens);
  std::optional<std::string> expression;
  for (const TableRef& ref : refs) {
    if (!ref.as_of) continue;
    const std::size_t from = statement.tokens[ref.as_of->expression].begin;
    const std::size_t to = statement.tokens[ref.as_of->end - 1].end;
    const std::string text(statement.text.substr(from, to - from));
    if (expression && *expression != text) refuse_as_of("can not set different time in the as of");
    expression = text;
  }
  if (!expression) return std::nullopt;
  for (const TableRef& ref : refs) {
    if (!ref.as_of && !is_timeless(qualified(ref.name).schema))
      refuse_as_of("can not set different time in the as of");
  }
  if (statement.verb != Verb::select) refuse_as_of("can not set different time in the as of");
  if (txn_.active) {
    refuse_as_of("invalid as of timestamp: as of timestamp can't be set in transaction.");
  }
  return time_of(*expression);
}

/// At which TSO this statement reads; std::nullopt: the present.
std::optional<std::uint64_t> Session::reads_at(const Statement& statement) {
  if (const auto ts = as_of(statement)) return ts;
  if (txn_.active && txn_.reads_at != 0) return txn_.reads_at;
  if (next_reads_at_ != 0 && !txn_.active && statement.verb == Verb::select) {
    return std::exchange(next_reads_at_, 0);
  }
  if (const std::uint64_t ts = snapshot_ts(); ts != 0) {
    if (ts > cluster_.oracle.next()) return std::nullopt;  // nothing is later than now
    return ts;
  }
  if (txn_.active) return std::nullopt;
  const std::string staleness = setting("tidb_read_staleness");
  if (!staleness.empty() && staleness != "0") {
    const auto seconds = std::stoll(staleness);
    return physical_ts(to_millis(cluster_.oracle.now()) + seconds * 1000);
  }
  return external_ts();
}

std::optional<std::uint64_t> Session::external_ts() const {
  if (setting("tidb_enable_external_ts_read") != "ON") return std::nullopt;
  const std::string ts = cluster_.variables.stored("tidb_external_ts").value_or("0");
  if (ts == "0" || ts.empty()) return std::nullopt;
  return std::stoull(ts);
}

std::uint64_t Session::snapshot_ts() const {
  const auto found = settings_.find("tidb_snapshot");
  return found == settings_.end() || found->second.empty() ? 0 : snapshot_ts_;
}

/// What may not be said by somebody who reads the past.
void Session::refuse_in_the_past(const Statement& statement) {
  if (statement.writes_rows()) as_of(statement);  // INSERT ... SELECT ... AS OF is refused
  const bool changes = statement.writes_rows() || statement.verb == Verb::ddl ||
                       statement.verb == Verb::account || statement.verb == Verb::grant ||
                       statement.verb == Verb::revoke;
  if (changes && snapshot_ts() != 0) {
    throw Refused(1105, "HY000", "can not execute write statement when 'tidb_snapshot' is set");
  }
  const bool stale =
      (txn_.active && txn_.reads_at != 0) || setting("tidb_enable_external_ts_read") == "ON";
  if (!stale) return;
  if (statement.writes_rows()) {
    throw Refused(1105, "HY000",
                  "only support read-only statement during read-only staleness transactions");
  }
  if (statement.locks_rows) {
    throw Refused(1105, "HY000", "select lock hasn't been supported in stale read yet");
  }
}

/// BEGIN that fixes the time of its reads. @return std::nullopt for any other.
std::optional<Answer> Session::begin_in_the_past(const Statement& statement) {
  std::optional<std::uint64_t> ts;
  for (std::size_t i = 0; i + 3 < statement.tokens.size(); ++i) {
    if (Cursor(statement.tokens, i).sees({"as", "of", "timestamp"})) {
      ts = time_of(std::string(statement.text.substr(statement.tokens[i + 3].begin)));
    }
  }
  if (!ts && next_reads_at_ != 0) ts = std::exchange(next_reads_at_, 0);
  if (!ts) ts = external_ts();
  if (!ts) return std::nullopt;
  commit(true);
  txn_ = {};
  txn_.active = true;
  txn_.is_explicit = true;
  txn_.start_ts = *ts;
  txn_.reads_at = *ts;
  open_for_the_past();
  publish();
  return OkReply{};
}

/// Tables of the past may be younger than the engine's read view; it must take a new one for each
/// statement. Nothing is written there.
void Session::open_for_the_past() {
  if (!txn_.active || txn_.reads_committed || txn_.wrote || txn_.locked) return;
  engine_ok("COMMIT");
  engine_ok("SET TRANSACTION ISOLATION LEVEL READ COMMITTED");
  engine_ok("START TRANSACTION");
  txn_.reads_committed = true;
}

void Session::open_for_the_present() {
  if (!txn_.active || !txn_.reads_committed || txn_.wrote || txn_.locked) return;
  engine_ok("COMMIT");
  engine_ok("START TRANSACTION WITH CONSISTENT SNAPSHOT");
  txn_.reads_committed = false;
}

std::shared_ptr<const PastTable> Session::past_table(const ObjectName& table, std::uint64_t ts) {
  try {
    const bool began = ts >= shared_.history.begins_at();
    if (began && !cluster_.gc.has_history(ts)) {
      throw Refused(9006, "HY000",
                    "GC life time is shorter than transaction duration, transaction starts at " +
                        go_time(ts) + ", GC safe point is " + go_time(cluster_.gc.safe_point()));
    }
    std::shared_ptr<const PastTable> past;
    if (began) past = shared_.history.table_at(table, ts, shared_.ending.get_token());
    if (!past || !past->exists) {
      throw Refused(kNoSuchTable, "42S02",
                    "Table '" + table.schema + "." + table.name + "' doesn't exist");
    }
    past_.push_back(past);
    return past;
  } catch (const SqlError& e) {
    throw Refused(e.number, e.state, e.message());
  } catch (const Error& e) {
    if (e.kind() == ErrorKind::cancelled) throw SocketClosed(e.message());
    throw Refused(1105, "HY000", e.message());
  }
}

/// The user's rights are those on the table itself, whether it is still there or not.
void Session::require_readable(const ObjectName& table) {
  const Reply reply = backend_.query("SELECT 1 FROM " + quote_name(table.schema) + "." +
                                     quote_name(table.name) + " LIMIT 0");
  const auto* failure = std::get_if<SqlFailure>(&reply);
  if (failure == nullptr || failure->code == kNoSuchTable || failure->code == kNoSuchSchema) return;
  translate(*failure, nullptr);
}

/// What stands for a table of the query, with an alias that keeps its name; "" for the table
/// itself.
std::string Session::stand_in(const TableRef& ref, std::uint64_t ts) {
  const ObjectName table = qualified(ref.name);
  if (table.schema.empty() || is_timeless(table.schema)) return "";
  require_readable(table);
  const auto past = past_table(table, ts);
  if (past->hidden.empty() && !past->is_view) return "";
  std::string text = past->is_view ? "" : hidden_table(*past);
  if (past->is_view) {
    const Statement view = classify(std::move(split_statements(past->view_query).front()));
    text = "(" + in_the_past(view, ts) + ")";
  }
  return ref.has_alias ? text : text + " AS " + quote_name(table.name);
}

/// The same query over tables of the past.
std::string Session::in_the_past(const Statement& statement, std::uint64_t ts) {
  const std::vector<Token>& tokens = statement.tokens;
  const std::vector<TableRef> refs = table_refs(tokens);
  // Replacements by place: from, to (in the text), and what stands there instead.
  std::map<std::size_t, std::pair<std::size_t, std::string>> by;
  std::vector<ObjectName> replaced;
  for (const TableRef& ref : refs) {
    const std::string text = stand_in(ref, ts);
    if (!text.empty()) {
      by[tokens[ref.first].begin] = {tokens[ref.last].end, text};
      replaced.push_back(qualified(ref.name));
    }
    if (ref.as_of) {
      by[tokens[ref.as_of->first].begin] = {tokens[ref.as_of->end - 1].end, ""};
    }
  }
  // `schema.table.column`: the alias has no schema.
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    for (const ObjectName& table : replaced) {
      if (is_column_of(tokens, i, table)) by[tokens[i].begin] = {tokens[i + 2].begin, ""};
    }
  }
  std::string out;
  std::size_t copied = 0;
  for (const auto& [from, replacement] : by) {
    out += statement.text.substr(copied, from - copied);
    out += replacement.second;
    copied = replacement.first;
  }
  return out + std::string(statement.text.substr(copied));
}

std::string Session::for_the_past(const Statement& statement, std::uint64_t ts) {
  open_for_the_past();
  std::string text = in_the_past(statement, ts);
  if (statement.tokens.front().is("table")) text.replace(0, 5, "SELECT * FROM");
  std::vector<StatementText> texts = split_statements(text);
  struct Reading {
    std::uint64_t& at;
    ~Reading() { at = 0; }
  } const reading{reading_at_};
  reading_at_ = ts;
  return rewrite(classify(std::move(texts.front())));
}

/// SHOW CREATE TABLE. @return std::nullopt when there was no other definition then.
std::optional<Answer> Session::show_create_in_the_past(const Statement& statement,
                                                       const ObjectName& table) {
  const auto ts = reads_at(statement);
  if (!ts || is_timeless(table.schema)) return std::nullopt;
  past_.clear();
  require_readable(table);
  past_table(table, *ts);
  const std::string shown = shared_.history.shown_at(table, *ts);
  if (shown.empty()) return std::nullopt;
  return TextResult{{{"Table"}, {"Create Table"}}, {{table.name, shown}}};
}

/// The same query over information_schema, no longer leaving out the past.
std::string Session::with_hidden_tables(std::string query) {
  const std::string hidden = std::string(",'") + kPastSchema + "'";
  for (std::size_t at; (at = query.find(hidden)) != std::string::npos;)
    query.erase(at, hidden.size());
  return query;
}

/// The hidden table to describe in place of `table`.
std::optional<ObjectName> Session::table_for_the_past(const Statement& statement,
                                                      const ObjectName& table) {
  const auto ts = reads_at(statement);
  if (!ts || table.schema.empty() || is_timeless(table.schema)) return std::nullopt;
  past_.clear();
  require_readable(table);
  const auto past = past_table(table, *ts);
  if (past->hidden.empty()) return std::nullopt;
  return ObjectName{kPastSchema, past->hidden};
}

/// information_schema.columns of that time: tables that have changed since are shown by what stands
/// for them.
std::string Session::columns_in_the_past(std::string present) {
  if (reading_at_ == 0) return present;
  const std::vector<ObjectName> touched = shared_.history.touched_since(reading_at_, "");
  const Reply reply = backend_.query("SELECT * FROM " + present + " c LIMIT 0");
  const auto* rows = std::get_if<RowsReply>(&reply);
  if (touched.empty() || rows == nullptr) return present;
  const std::string hidden_too = with_hidden_tables(present);
  std::string unchanged = "SELECT * FROM " + present + " c WHERE 1";
  std::string changed;
  for (const ObjectName& table : touched) {
    unchanged += " AND NOT (table_schema=" + quote_text(table.schema) +
                 " AND table_name=" + quote_text(table.name) + ")";
    std::shared_ptr<const PastTable> past;
    try {
      require_readable(table);
      past = past_table(table, reading_at_);
    } catch (const Refused&) {
      continue;  // there was none, or it is none of theirs
    }
    if (past->hidden.empty()) continue;
    changed += " UNION ALL SELECT " + columns_renamed(*rows, table) + " FROM " + hidden_too +
               " h WHERE table_schema='" + kPastSchema +
               "' AND table_name=" + quote_text(past->hidden);
  }
  return "(" + unchanged + changed + ")";
}

Answer Session::select_in_the_past(Statement& statement, std::uint64_t ts) {
  open_implicitly();
  if (!txn_.active && statement_ts_ == 0) statement_ts_ = cluster_.oracle.next();
  publish();
  const std::string sql = for_the_past(statement, ts);
  if (lose_answer_) return pass_through(sql);
  Reply reply = backend_.query(sql, to_client());
  if (const auto* failure = std::get_if<SqlFailure>(&reply)) translate(*failure, &statement);
  if (auto* rows = std::get_if<RowsReply>(&reply)) {
    if (rows->failure) translate(*rows->failure, &statement);
    client_.flush();
    return Streamed{};
  }
  return std::get<OkReply>(reply);
}

/// Before a DDL: what it will take away is kept for those who read the past.
void Session::keep_past(const DdlStatement& ddl, std::int64_t job, Millis lock_wait) {
  keeping_.reset();
  ComingDdl coming;
  coming.job = job;
  coming.default_schema = schema_;
  coming.lock_wait = lock_wait;
  coming.shown = [&](const ObjectName& table) -> std::string {
    try {
      return shown_definition(table);
    } catch (const Refused&) {
      return "";  // who may change a table need not be allowed to see it
    }
  };
  coming.may_drop = [&](const ObjectName& table) { return may_drop(table); };
  coming.works_on = [&](std::uint32_t thread) {
    cluster_.jobs.update(job, [&](DdlJob& changed) {
      changed.engine_thread = thread == 0 ? backend_.thread() : thread;
    });
  };
  try {
    keeping_ = shared_.history.before_ddl(ddl, coming);
  } catch (const SqlError& e) {
    throw Refused(e.number, e.state, e.message());
  } catch (const Error& e) {
    throw SocketClosed(e.message());
  }
}

/// The engine has done it, nobody knows yet.
void Session::settle_past() {
  if (!keeping_) return;
  const CommitInFlight commit(cluster_.ledger);
  keeping_->done(commit.ts());
  keeping_.reset();
}

/// Granted to the user directly; through a role does not count.
bool Session::may_drop(const ObjectName& table) {
  const std::size_t at = account_.rfind('@');
  const std::string who = " WHERE User=" + quote_text(account_.substr(0, at)) +
                          " AND Host=" + quote_text(account_.substr(at + 1));
  return !shared_
              .as_admin("SELECT 1 FROM mysql.user" + who +
                        " AND Drop_priv='Y' UNION ALL SELECT 1 FROM mysql.db" + who +
                        " AND Drop_priv='Y' AND " + quote_text(table.schema) +
                        " LIKE Db UNION ALL SELECT 1 FROM mysql.tables_priv" + who + " AND Db=" +
                        quote_text(table.schema) + " AND Table_name=" + quote_text(table.name) +
                        " AND FIND_IN_SET('Drop',Table_priv)>0 LIMIT 1")
              .empty();
}

}  // namespace bdrmesh::lab
