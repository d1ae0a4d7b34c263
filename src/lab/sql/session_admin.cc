// ADMIN and KILL.
#include <algorithm>
#include <charconv>

#include "lab/ddl/job_tables.h"
#include "lab/server/tidb_text.h"
#include "lab/sql/session.h"
#include "lab/wire/bytes.h"

namespace bdrmesh::lab {

namespace {

constexpr Millis kRoleLockPoll{5};
constexpr int kUsualLockWait = 50;  // seconds
constexpr std::size_t kUsualHistory = 10;
constexpr Version kKnowsPause{7, 2, 0};
constexpr Version kTellsWhyNot{8, 0, 0};

SqlFailure syntax_error(const Statement& statement, const Cursor& cursor) {
  const std::size_t begin = cursor.at_end() ? statement.text.size() : cursor.peek().begin;
  const std::size_t end = cursor.at_end() ? statement.text.size() : cursor.peek().end;
  return {1064, "42000",
          "You have an error in your SQL syntax; check the manual that corresponds to your TiDB "
          "version for the right "
          "syntax to use line 1 column " +
              std::to_string(end) + " near \"" + std::string(statement.text.substr(begin)) + "\" "};
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

/// The server that carries out the jobs: the first that is alive.
std::size_t ddl_owner(const ClusterState& cluster) {
  for (std::size_t i = 0; i < ClusterState::kServers; ++i) {
    if (cluster.front_end(i).alive) return i;
  }
  return 0;
}

/// KILL of an id that is nobody's is no error (measured A10); what it says depends on the id's
/// bits: the last one marks 64-bit ids, the upper eleven of the others name the server.
std::optional<std::string> unknown_id_warning(std::uint64_t id) {
  constexpr std::uint64_t kFirst64Bit = 1ULL << 32U;
  if (id >= kFirst64Bit) return std::nullopt;
  if ((id & 1U) != 0) {
    return "Kill failed: Received a 32bits truncated ConnectionID, expect 64bits. Please execute "
           "'KILL [CONNECTION | QUERY] ConnectionID' to send a Kill without truncating "
           "ConnectionID.";
  }
  if (id >> 21U != 0) return std::nullopt;
  return "KILL remote connection failed: Unexpected ZERO ServerID. Please file a bug to the TiDB "
         "Team";
}

}  // namespace

Answer Session::admin(Statement& statement) {
  Cursor cursor(statement.tokens);
  cursor.next();
  require_super();
  const bool names_role =
      cursor.sees({"show", "bdr"}) || cursor.sees({"set", "bdr"}) || cursor.sees({"unset", "bdr"});
  if (names_role && !cluster_.profile.has_bdr_role()) {
    cursor.next();
    throw Refused(syntax_error(statement, cursor));
  }
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
  if (cursor.accept({"cancel", "ddl", "jobs"})) return control_jobs(statement, JobOrder::cancel);
  if (cluster_.profile.tidb >= kKnowsPause) {
    if (cursor.accept({"pause", "ddl", "jobs"})) return control_jobs(statement, JobOrder::pause);
    if (cursor.accept({"resume", "ddl", "jobs"})) return control_jobs(statement, JobOrder::resume);
  } else if (cursor.sees({"pause"}) || cursor.sees({"resume"})) {
    throw Refused(syntax_error(statement, cursor));
  }
  if (cursor.accept({"alter", "ddl", "jobs"})) return alter_jobs(statement);
  if (cursor.sees({"check"}) || cursor.sees({"cleanup"}) || cursor.sees({"flush"}) ||
      cursor.sees({"reload"})) {
    return OkReply{};
  }
  throw Refused(1105, "HY000", "the lab does not execute this ADMIN statement");
}

Answer Session::set_role(const std::string& role) {
  open_implicitly();
  lock_role();
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

/// The key in meta is locked until the transaction ends; who comes later waits as for any row.
void Session::lock_role() {
  if (shared_.try_lock_role(id_)) return;
  int seconds = kUsualLockWait;
  const Reply reply = backend_.query("SELECT @@innodb_lock_wait_timeout");
  if (const auto* rows = std::get_if<RowsReply>(&reply); rows != nullptr && !rows->rows.empty()) {
    const auto cell = PacketReader(rows->rows.front()).cell();
    if (cell) std::from_chars(cell->data(), cell->data() + cell->size(), seconds);
  }
  const MonoTime until = cluster_.clock.mono() + std::chrono::seconds(seconds);
  while (!shared_.try_lock_role(id_)) {
    if (killed_) throw SocketClosed("killed");
    if (interrupted_) throw Refused(1317, "70100", "Query execution was interrupted");
    if (cluster_.clock.mono() >= until) {
      throw Refused(1205, "HY000", "Lock wait timeout exceeded; try restarting transaction");
    }
    if (!cluster_.clock.wait_for(kRoleLockPoll, shared_.ending.get_token())) {
      throw SocketClosed("cluster ends");
    }
  }
}

Answer Session::show_ddl() {
  std::string running;
  std::string query;
  for (const DdlJob& job : cluster_.jobs.open()) {
    if (job.state == JobState::queueing) continue;
    running += (running.empty() ? "" : "; ") + running_job_text(job);
    query += (query.empty() ? "" : "; ") + job.query;
  }
  const std::size_t owner = ddl_owner(cluster_);
  return TextResult{
      {{"SCHEMA_VER", CellType::integer},
       {"OWNER_ID"},
       {"OWNER_ADDRESS"},
       {"RUNNING_JOBS"},
       {"SELF_ID"},
       {"QUERY"}},
      {{std::to_string(cluster_.jobs.schema_version()), server_uuid(cluster_, owner),
        cluster_.front_end(owner).address, running, server_uuid(cluster_, server_), query}}};
}

Answer Session::show_ddl_jobs(const Statement& statement) {
  Cursor cursor(statement.tokens, 4);
  std::size_t history = kUsualHistory;
  if (cursor.peek().kind == TokenKind::number)
    history = static_cast<std::size_t>(number_of(cursor.next()));
  // All that is not finished, and the newest of the rest; a condition is the engine's to evaluate.
  const auto jobs = in_shown_order(cluster_.jobs.list(), history);
  std::string condition;
  if (cursor.sees({"where"}))
    condition = " " + std::string(statement.text.substr(cursor.peek().begin));
  return pass_through("SELECT * FROM " + show_ddl_jobs_rows(jobs, cluster_.profile) + " jobs" +
                      condition);
}

Answer Session::show_job_queries(const Statement& statement) {
  Cursor cursor(statement.tokens, 5);
  const std::vector<DdlJob> newest_first = cluster_.jobs.list();
  if (cursor.accept("limit")) {
    const std::vector<std::int64_t> limits = numbers(cursor);
    std::size_t offset = 0;
    std::size_t count = limits.empty() ? 0 : static_cast<std::size_t>(limits.back());
    if (limits.size() > 1) offset = static_cast<std::size_t>(limits.front());
    if (cursor.accept("offset")) offset = static_cast<std::size_t>(number_of(cursor.next()));
    TextResult result{{{"JOB_ID"}, {"QUERY"}}, {}};
    const auto jobs = in_shown_order(newest_first, newest_first.size());
    for (std::size_t i = offset; i < jobs.size() && i < offset + count; ++i) {
      result.rows.push_back({std::to_string(jobs[i].id), jobs[i].query});
    }
    return result;
  }
  TextResult result{{{"QUERY"}}, {}};
  // Only what runs, or stands among the last ten.
  const auto jobs = in_shown_order(newest_first, kUsualHistory);
  for (const std::int64_t id : numbers(cursor)) {
    for (const DdlJob& job : jobs) {
      if (job.id == id) result.rows.push_back({job.query});
    }
  }
  return result;
}

Answer Session::control_jobs(const Statement& statement, JobOrder order) {
  Cursor cursor(statement.tokens, 4);
  const std::vector<std::int64_t> ids = numbers(cursor);
  if (ids.empty()) throw Refused(syntax_error(statement, cursor));
  TextResult result{{{"JOB_ID"}, {"RESULT"}}, {}};
  for (const std::int64_t id : ids) {
    OrderOutcome outcome = obey_order(order, id, nullptr, cluster_.profile.tidb < kTellsWhyNot);
    std::uint32_t engine_thread = 0;
    cluster_.jobs.update(id, [&](DdlJob& job) {
      outcome = obey_order(order, id, &job, cluster_.profile.tidb < kTellsWhyNot);
      if (!outcome.state) return;
      job.state = *outcome.state;
      if (job.in_engine && order == JobOrder::cancel) engine_thread = job.engine_thread;
    });
    if (engine_thread != 0) shared_.kill_engine_thread(engine_thread, false);
    result.rows.push_back({std::to_string(id), outcome.result});
  }
  return result;
}

/// THREAD, BATCH_SIZE, MAX_WRITE_SPEED: accepted for a job that works, and without effect.
Answer Session::alter_jobs(const Statement& statement) {
  Cursor cursor(statement.tokens, 4);
  if (cursor.peek().kind != TokenKind::number) throw Refused(syntax_error(statement, cursor));
  const std::int64_t id = number_of(cursor.next());
  const auto job = cluster_.jobs.find(id);
  if (!job || is_final(job->state)) {
    throw Refused(1105, "HY000", "ddl job " + std::to_string(id) + " is not running");
  }
  return OkReply{};
}

Answer Session::kill(Statement& statement) {
  Cursor cursor(statement.tokens);
  cursor.next();
  cursor.accept("tidb");
  const bool whole = !cursor.accept("query");
  const bool bare = whole && !cursor.accept("connection");
  std::uint64_t id = 0;
  const std::string& text = cursor.peek().value;
  if (bare && cursor.accept("connection_id") && cursor.accept_symbol('(')) {
    id = id_;
  } else {
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), id);
    if (cursor.peek().kind != TokenKind::number || parsed.ec != std::errc())
      throw Refused(syntax_error(statement, cursor));
  }
  const auto target = cluster_.sessions.find(id);
  if (!target) {
    if (const auto warning = unknown_id_warning(id)) warn("Warning", 1105, *warning);
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
  if (id == id_) throw Refused(1317, "70100", "Query execution was interrupted");
  shared_.end_engine_work(*target, whole || target->command == "Sleep");
  return OkReply{};
}

}  // namespace bdrmesh::lab
