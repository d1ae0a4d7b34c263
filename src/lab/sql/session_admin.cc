// ADMIN and KILL.
#include <algorithm>
#include <charconv>

#include "lab/sql/session.h"
#include "lab/sql/tidb_text.h"

namespace bdrmesh::lab {

namespace {

constexpr Millis kRoleLockLimit{50'000};
constexpr std::size_t kUsualHistory = 10;

SqlFailure syntax_error(const Statement& statement, const Cursor& cursor) {
  const std::size_t begin = cursor.at_end() ? statement.text.size() : cursor.peek().begin;
  const std::size_t end = cursor.at_end() ? statement.text.size() : cursor.peek().end;
  return {1064, "42000",
          "You have an error in your SQL syntax; check the manual that corresponds to your TiDB "
          "version for the right "
          "syntax to use line 1 column " +
              std::to_string(end) + " near \"" + std::string(statement.text.substr(begin)) + "\" "};
}

Cell time_cell(const std::optional<WallTime>& time) {
  if (!time) return std::nullopt;
  return sql_time(to_millis(*time));
}

std::int64_t number_of(const Token& token) {
  std::int64_t value = -1;
  std::from_chars(token.value.data(), token.value.data() + token.value.size(), value);
  return value;
}

std::vector<std::int64_t> numbers(Cursor& cursor) {
  std::vector<std::int64_t> list;
  do {
    if (cursor.peek().kind == TokenKind::number) list.push_back(number_of(cursor.next()));
  } while (cursor.accept_symbol(','));
  return list;
}

}  // namespace

Answer Session::admin(Statement& statement) {
  Cursor cursor(statement.tokens);
  cursor.next();
  require_super();
  if (cursor.accept({"show", "bdr", "role"})) {
    return TextResult{{{"BDR_ROLE"}}, {{cluster_.bdr_role()}}};
  }
  if (cursor.accept({"set", "bdr", "role"})) {
    const std::string role = cursor.peek().value;
    if (role != "primary" && role != "secondary") throw Refused(syntax_error(statement, cursor));
    return set_role(role);
  }
  if (cursor.accept({"unset", "bdr", "role"})) return set_role("");
  if (cursor.accept({"show", "ddl", "jobs"})) return show_ddl_jobs(statement);
  if (cursor.accept({"show", "ddl", "job", "queries"})) return show_job_queries(statement);
  if (cursor.accept({"show", "ddl"})) return show_ddl();
  for (const char* verb : {"cancel", "pause", "resume"}) {
    if (cursor.accept({verb, "ddl", "jobs"})) return control_jobs(statement, verb);
  }
  if (cursor.sees({"check"}) || cursor.sees({"cleanup"}) || cursor.sees({"flush"}) ||
      cursor.sees({"reload"})) {
    return OkReply{};
  }
  throw Refused(1105, "HY000", "the lab does not execute this ADMIN statement");
}

Answer Session::set_role(const std::string& role) {
  open_implicitly();
  if (!shared_.lock_role(id_, kRoleLockLimit)) {
    throw Refused(1205, "HY000", "Lock wait timeout exceeded; try restarting transaction");
  }
  if (txn_.active) {
    txn_.role = role;  // nobody sees it before COMMIT, this session neither (measured A2)
    return OkReply{};
  }
  txn_ = {};
  txn_.active = true;
  txn_.start_ts = cluster_.oracle.next();
  txn_.role = role;
  engine_ok("BEGIN");
  commit(true);
  return OkReply{};
}

Answer Session::show_ddl() {
  std::string running;
  for (const DdlJob& job : cluster_.jobs.list()) {
    if (is_final(job.state)) continue;
    running += (running.empty() ? "ID:" : "; ID:") + std::to_string(job.id) + ", Type:" + job.type +
               ", State:" + std::string(to_string(job.state));
  }
  const std::string owner = cluster_.front_end(0).address;
  return TextResult{{{"SCHEMA_VER", CellType::integer},
                     {"OWNER_ID"},
                     {"OWNER_ADDRESS"},
                     {"RUNNING_JOBS"},
                     {"SELF_ID"},
                     {"QUERY"}},
                    {{std::to_string(cluster_.jobs.list().size() + 1), "server-" + owner, owner,
                      running, "server-" + cluster_.front_end(server_).address, ""}}};
}

Answer Session::show_ddl_jobs(const Statement& statement) {
  Cursor cursor(statement.tokens, 4);
  std::size_t history = kUsualHistory;
  if (cursor.peek().kind == TokenKind::number)
    history = static_cast<std::size_t>(number_of(cursor.next()));
  // All that is not finished, and the newest of the rest; a condition is the engine's to evaluate.
  std::string rows;
  std::size_t finished = 0;
  for (const DdlJob& job : cluster_.jobs.list()) {
    if (is_final(job.state) && ++finished > history) continue;
    const auto text = [](const Cell& cell) {
      return cell ? quote_text(*cell) : std::string("NULL");
    };
    rows += (rows.empty() ? "SELECT " : " UNION ALL SELECT ") + std::to_string(job.id) +
            " AS JOB_ID," + quote_text(job.db) + " AS DB_NAME," + quote_text(job.table) +
            " AS TABLE_NAME," + quote_text(job.type) + " AS JOB_TYPE," +
            quote_text(job.schema_state) + " AS SCHEMA_STATE," + std::to_string(job.schema_id) +
            " AS SCHEMA_ID," + std::to_string(job.table_id) + " AS TABLE_ID," +
            std::to_string(job.row_count) + " AS ROW_COUNT," + text(time_cell(job.create_time)) +
            " AS CREATE_TIME," + text(time_cell(job.start_time)) + " AS START_TIME," +
            text(time_cell(job.end_time)) + " AS END_TIME," + quote_text(to_string(job.state)) +
            " AS STATE,'' AS COMMENTS";
  }
  if (rows.empty()) {
    rows =
        "SELECT 0 AS JOB_ID,'' AS DB_NAME,'' AS TABLE_NAME,'' AS JOB_TYPE,'' AS SCHEMA_STATE,0 AS "
        "SCHEMA_ID,0 AS "
        "TABLE_ID,0 AS ROW_COUNT,'' AS CREATE_TIME,'' AS START_TIME,'' AS END_TIME,'' AS STATE,'' "
        "AS COMMENTS "
        "LIMIT 0";
  }
  std::string condition;
  if (cursor.sees({"where"}))
    condition = " " + std::string(statement.text.substr(cursor.peek().begin));
  return pass_through("SELECT * FROM (" + rows + ") jobs" + condition);
}

Answer Session::show_job_queries(const Statement& statement) {
  Cursor cursor(statement.tokens, 5);
  const std::vector<DdlJob> jobs = cluster_.jobs.list();
  if (cursor.accept("limit")) {
    const std::vector<std::int64_t> limits = numbers(cursor);
    std::size_t offset = 0;
    std::size_t count = limits.empty() ? 0 : static_cast<std::size_t>(limits.back());
    if (limits.size() > 1) offset = static_cast<std::size_t>(limits.front());
    if (cursor.accept("offset")) offset = static_cast<std::size_t>(number_of(cursor.next()));
    TextResult result{{{"JOB_ID", CellType::integer}, {"QUERY"}}, {}};
    for (std::size_t i = offset; i < jobs.size() && i < offset + count; ++i) {
      result.rows.push_back({std::to_string(jobs[i].id), jobs[i].query});
    }
    return result;
  }
  TextResult result{{{"QUERY"}}, {}};
  for (const std::int64_t id : numbers(cursor)) {
    std::size_t finished = 0;
    for (const DdlJob& job : jobs) {
      // Only what runs, or stands among the last ten.
      if (is_final(job.state) && ++finished > kUsualHistory) break;
      if (job.id == id) result.rows.push_back({job.query});
    }
  }
  return result;
}

Answer Session::control_jobs(const Statement& statement, const std::string& verb) {
  Cursor cursor(statement.tokens, 4);
  TextResult result{{{"JOB_ID"}, {"RESULT"}}, {}};
  for (const std::int64_t id : numbers(cursor)) {
    const auto job = cluster_.jobs.find(id);
    std::string outcome = "successful";
    if (!job || is_final(job->state)) {
      outcome = "error: [ddl:8224]DDL Job:" + std::to_string(id) + " not found";
    } else if (verb == "cancel") {
      cluster_.jobs.update(id, [](DdlJob& changed) {
        if (!is_final(changed.state) && changed.state != JobState::done)
          changed.state = JobState::cancelling;
      });
      if (job->start_time) shared_.kill_engine_thread(job->engine_thread, false);
    } else {
      outcome = "error: [ddl:826" + std::string(verb == "pause" ? "0" : "1") + "]Job [" +
                std::to_string(id) + "] can't be " + verb + "d";
    }
    result.rows.push_back({std::to_string(id), outcome});
  }
  return result;
}

Answer Session::kill(Statement& statement) {
  Cursor cursor(statement.tokens);
  cursor.next();
  cursor.accept("tidb");
  bool whole = true;
  if (cursor.accept("query")) {
    whole = false;
  } else {
    cursor.accept("connection");
  }
  std::uint64_t id = 0;
  const std::string& text = cursor.peek().value;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), id);
  if (cursor.peek().kind != TokenKind::number || parsed.ec != std::errc())
    throw Refused(syntax_error(statement, cursor));
  const auto target = cluster_.sessions.find(id);
  if (!target) {
    // Measured A10: no error, whoever asks.
    warn("Warning", 1105,
         "KILL remote connection failed: Unexpected ZERO ServerID. Please file a bug to the TiDB "
         "Team");
    return OkReply{};
  }
  const std::string own_user = account_.substr(0, account_.find('@'));
  if (target->user != own_user && !may("Super_priv", "CONNECTION_ADMIN")) {
    throw Refused(1227, "42000",
                  "Access denied; you need (at least one of) the SUPER or CONNECTION_ADMIN "
                  "privilege(s) for this "
                  "operation");
  }
  cluster_.sessions.kill(id, whole);
  if (!target->in_ddl && id != id_)
    shared_.kill_engine_thread(target->engine_thread, whole || target->command == "Sleep");
  if (id == id_) throw Refused(1317, "70100", "Query execution was interrupted");
  return OkReply{};
}

}  // namespace bdrmesh::lab
