// DDL of a cluster over SQL: jobs, running one, the session behind it (tidb-sql §4, measured §1 A1,
// A17).
#include <algorithm>
#include <utility>

#include "base/error.h"
#include "clients/call_note.h"
#include "clients/catalogue/sql_catalogue.h"
#include "clients/sql/abandonable.h"
#include "clients/sql/sql_errors.h"
#include "clients/tidb/answers.h"
#include "clients/tidb/sql_tidb_cluster.h"

namespace bdrmesh {
namespace {

std::optional<DdlJob> newest_with(const std::string& tag, const std::vector<DdlJob>& jobs) {
  std::optional<DdlJob> newest;
  for (const DdlJob& job : jobs) {
    // LIKE ignores case under some collations, a tag does not.
    if (job.query.find(tag) == std::string::npos) continue;
    if (!newest || job.id > newest->id) newest = job;
  }
  return newest;
}

/// What is queued and the newest of the history: quick, and complete for SUPER, where ddl_jobs
/// hides schemas.
std::optional<DdlJob> find_by_admin(SqlSession& session, const std::string& tag) {
  std::vector<DdlJob> jobs =
      read_ddl_jobs(session.query(std::string(sql_text::kShowDdlJobs), "list DDL jobs"));
  const SqlRows queries =
      session.query(std::string(sql_text::kShowDdlJobQueries), "list DDL statements");
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const std::string id = queries.text(i, "JOB_ID");
    const auto job = std::ranges::find_if(
        jobs, [&](const DdlJob& each) { return std::to_string(each.id) == id; });
    if (job != jobs.end()) job->query = queries.text(i, "QUERY");
  }
  return newest_with(tag, jobs);
}

void pin(SqlSession& session, const DdlSession& pins) {
  session.query(sql_text::set_names(pins.charset), "set the character set");
  if (!pins.sql_mode.empty()) session.query(sql_text::set_sql_mode(pins.sql_mode), "set sql_mode");
  session.query(sql_text::set_time_zone(pins.time_zone), "set the time zone");
  if (!pins.schema.empty())
    session.query(sql_text::use_schema(pins.schema), "use schema " + pins.schema);
}

[[noreturn]] void answer_lost(const SentDdl& where, const std::string& why) {
  throw Error(ErrorKind::ambiguous, "DDL_ANSWER_LOST",
              "tidb-server " + where.server.value() + ", connection " +
                  std::to_string(where.connection_id) +
                  ": the DDL was sent, its answer is unknown: " + why);
}

/// What a failed DDL statement tells about its job.
[[noreturn]] void rethrow_for_ddl(const SqlError& e, const SentDdl& where) {
  switch (e.kind()) {
    case ErrorKind::ambiguous:
      answer_lost(where, e.message());
    case ErrorKind::invalid:
      throw Error(ErrorKind::invalid, "DDL_REFUSED", e.message(), e.remedy());
    default:
      throw Error(e.kind(), e.code(), e.message(), e.remedy());
  }
}

}  // namespace

std::vector<DdlJob> SqlTidbCluster::ddl_jobs(const Call& call) {
  return read_ddl_jobs(ask(sql_text::kShowDdlJobs, "list DDL jobs", call));
}

std::optional<DdlJob> SqlTidbCluster::find_ddl_job(const std::string& tag, const Call& call) {
  SqlSession session = connector_.open_any(call);
  // ddl_jobs reads the whole history, whatever is asked for: only for what is not among the newest.
  if (auto found = find_by_admin(session, tag)) return found;
  return newest_with(
      tag, read_ddl_jobs(session.query(sql_text::ddl_jobs_with(tag), "look for a DDL job")));
}

void SqlTidbCluster::run_ddl(const std::string& sql, const DdlSession& pins,
                             const std::function<void(const SentDdl&)>& sent, const Call& call) {
  SqlSession session = connector_.open_any(call, SqlPatience::for_ever);
  pin(session, pins);
  const SentDdl where{session.server(), session.connection_id()};
  sent(where);
  if (call.stop.stop_requested()) {
    throw Error(ErrorKind::cancelled, "CANCELLED", "asked to stop before the DDL was sent");
  }
  // The thread that is left to itself after a stop outlives the call, and with it the observer.
  session.forget_observer();
  CallNote note(call, connector_.clock(), session.login().target(), "run the DDL");
  try {
    const bool answered =
        run_unless_stopped(call.stop, [held = std::make_shared<SqlSession>(std::move(session)),
                                       sql] { held->change(sql, "run the DDL"); });
    note.answered(answered ? "ok" : "DDL_ANSWER_LOST");
    if (!answered) answer_lost(where, "asked to stop while it ran");
  } catch (const SqlError& e) {
    note.answered(noted_answer(e));
    rethrow_for_ddl(e, where);
  }
}

bool SqlTidbCluster::session_exists(const ServerAddress& server, std::uint64_t connection_id,
                                    const Call& call) {
  const std::vector<TidbServerInfo> all = servers(call);
  const auto found = std::ranges::find(all, server, &TidbServerInfo::address);
  if (found == all.end()) return false;
  if (found->status_address.empty()) {
    // Behind another address and silent: gone only if every row of cluster_info belongs to somebody
    // else.
    const auto& configured = connector_.servers();
    const bool strangers = std::ranges::any_of(all, [&](const TidbServerInfo& each) {
      return std::ranges::find(configured, each.address) == configured.end();
    });
    if (!strangers) return false;
    throw Error(ErrorKind::transient, "TIDB_LOOK_INCOMPLETE",
                "tidb-server " + server.value() +
                    " does not answer and stands under no known address in cluster_info");
  }
  SqlSession session = connector_.open_any(call);
  const SqlRows rows = session.query(sql_text::session_on(found->status_address, connection_id),
                                     "look for a session");
  const std::vector<std::string> warnings = session.warnings();
  if (!rows.empty()) return true;
  if (warnings.empty()) return false;
  throw Error(ErrorKind::transient, "TIDB_LOOK_INCOMPLETE",
              "not every tidb-server told its sessions: " + warnings.front());
}

void SqlTidbCluster::cancel_ddl_job(std::int64_t id, const Call& call) {
  const SqlRows rows = connector_.open_any(call).change_with_rows(
      sql_text::cancel_ddl_job(id), "cancel DDL job " + std::to_string(id));
  const std::string result = rows.empty() ? "no answer row" : rows.text(0, "RESULT");
  if (result == "successful") return;
  throw Error(ErrorKind::conflict, "DDL_CANCEL_REFUSED",
              "DDL job " + std::to_string(id) + ": " + result);
}

}  // namespace bdrmesh
