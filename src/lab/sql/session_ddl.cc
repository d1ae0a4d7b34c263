// DDL as a session sees it: what is open is committed, the statement judged, stamped and submitted;
// the owner (lab/ddl) says when the engine gets it.
#include "lab/binlog/sql_session.h"
#include "lab/core/binlog_convention.h"
#include "lab/server/engine_schema.h"
#include "lab/server/tidb_text.h"
#include "lab/sql/session.h"

namespace bdrmesh::lab {

namespace {

constexpr Version kKnowsDistributedTasks{8, 1, 0};
constexpr Millis kEngineRetry{50};
constexpr Millis kEnginePatience{600'000};

bool makes_no_job(const DdlStatement& ddl) {
  for (const DdlClause& clause : ddl.clauses) {
    if (clause.bdr_class != BdrClass::no_job) return false;
  }
  return ddl.guard == Existence::irrelevant;
}

bool says_it_is_done(int code) {
  return code == 1007 || code == 1008 || code == 1050 || code == 1051 || code == 1060 ||
         code == 1061 || code == 1091;
}

}  // namespace

/// A session whose DDL is under way cannot be ended, only marked (measured A1).
class Session::InDdl {
 public:
  explicit InDdl(Session& session) : session_(session) {
    session_.in_job_ = true;
    session_.statement_ts_ = session_.cluster_.oracle.next();
    session_.publish();
    session_.cluster_.sessions.update(session_.id_, [](SessionInfo& info) { info.in_ddl = true; });
  }
  ~InDdl() {
    session_.cluster_.sessions.update(session_.id_, [](SessionInfo& info) { info.in_ddl = false; });
    session_.in_job_ = false;
  }
  InDdl(const InDdl&) = delete;
  InDdl& operator=(const InDdl&) = delete;

 private:
  Session& session_;
};

Answer Session::ddl(Statement& statement) {
  // Commits what is open, even when the DDL itself is refused then.
  commit(true);
  const DdlStatement parsed = parse_ddl(statement);
  if (parsed.local_temporary) return engine_ok(for_engine(statement));
  for (const ObjectName& object : parsed.objects) refuse_locked(qualified(object), true);
  refuse_unsupported(parsed, shared_.tables, schema_);
  const EngineSchema schema(shared_);
  const std::string role = cluster_.bdr_role();
  const bool unmanaged = parsed.clauses.front().bdr_class == BdrClass::unmanaged;
  if (!unmanaged) {
    const BdrVerdict verdict = judge(role, parsed, schema, schema_, write_source() != 0);
    if (verdict != BdrVerdict::nothing_to_do) refuse_impossible(parsed, schema, schema_);
    if (verdict == BdrVerdict::refused) throw Refused(role_failure(role));
    if (verdict == BdrVerdict::nothing_to_do) {
      return makes_no_job(parsed) ? Answer(OkReply{}) : Answer(engine_ok(for_engine(statement)));
    }
  }
  if (cluster_.faults.takes_denial(std::string(statement.text))) {
    throw Refused(role_failure(role.empty() ? "secondary" : role));
  }
  DdlJob job = new_job(parsed, role);
  if (job.query.empty()) job.query = statement.text;
  return run_job(statement, parsed, std::move(job));
}

/// @param role  as it was when the statement was judged: TiDB reads it once.
DdlJob Session::new_job(const DdlStatement& ddl, const std::string& role) const {
  DdlJob job;
  job.type = ddl.job_type;
  job.query = query_text_;
  job.default_db = schema_;
  job.bdr_role = role;
  job.cdc_write_source = write_source();
  job.connection_id = id_;
  job.engine_thread = backend_.thread();
  job.server = cluster_.front_end(server_).address;
  if (ddl.objects.empty()) return job;
  const ObjectName object = qualified(ddl.objects.front());
  const bool is_schema = ddl.object_kind == ObjectKind::schema;
  job.db = is_schema ? object.name : object.schema;
  job.table = is_schema ? "" : object.name;
  job.schema_id = shared_.tables.id_of({job.db, ""});
  if (is_schema) {
    if (ddl.drops) job.table_ids = shared_.tables.ids_in(job.db);
    return job;
  }
  job.table_id = shared_.tables.id_of(object);
  for (const ObjectName& each : ddl.objects) {
    job.table_ids.insert(shared_.tables.id_of(qualified(each)));
  }
  return job;
}

/// The column whose type changes with loss; "" when there is none.
std::string Session::lossy_column(const DdlStatement& ddl) {
  if (ddl.objects.empty()) return "";
  const EngineSchema schema(shared_);
  const ObjectName table = qualified(ddl.objects.front());
  for (const DdlClause& clause : ddl.clauses) {
    if (clause.kind != DdlClause::Kind::modify_column || clause.columns.empty()) continue;
    const auto present = schema.column_type(table, clause.old_name);
    if (present && is_lossy_change(*present, clause.columns.front().type)) return clause.old_name;
  }
  return "";
}

Answer Session::run_job(const Statement& statement, const DdlStatement& ddl, DdlJob job) {
  const ReorgSettings settings{
      global_on("tidb_ddl_enable_fast_reorg"),
      cluster_.profile.tidb >= kKnowsDistributedTasks && global_on("tidb_enable_dist_task")};
  const JobPlan plan = plan_job(ddl, lossy_column(ddl), settings);
  const std::string table = job.table;
  const std::string count_rows =
      "SELECT COUNT(*) FROM " + quote_name(job.db) + "." + quote_name(job.table);
  const std::stop_token ending = shared_.ending.get_token();
  std::optional<SqlFailure> failure;
  std::int64_t id = 0;
  {
    const InDdl under_way(*this);
    id = shared_.ddl.submit(std::move(job), plan, ending);
    DdlWork work;
    work.apply = [&](Millis lock_wait) { return give_to_engine(statement, ddl, id, lock_wait); };
    work.count_rows = [&] { return rows_counted(count_rows); };
    work.applied = [&] {
      settle_past();
      apply_to_ids(ddl);
      note_definition(statement, ddl);
    };
    failure = shared_.ddl.carry_out(id, plan, work, ending);
  }
  if (killed_) throw SocketClosed("killed");
  // Whatever became of the job (measured A1).
  if (interrupted_) throw Refused(1317, "70100", "Query execution was interrupted");
  if (failure) throw Refused(with_table_in_key(engine_failure(*failure, false), table));
  note_read(statement_ts_);
  if (const auto done = cluster_.jobs.find(id)) note_ddl(*done);
  return OkReply{};
}

/// For ROW_COUNT only: what cannot be counted does not stop the job.
std::uint64_t Session::rows_counted(const std::string& count) {
  try {
    return std::stoull(shared_.as_admin(count).at(0).at(0).value_or("0"));
  } catch (const Refused&) {
    return 0;
  } catch (const SocketClosed&) {
    return 0;
  }
}

/// The one place where a parsed DDL is about to be executed: its table is free, its job runs, and
/// what it will destroy is still there. May come again for the same job when the engine could not.
void Session::before_execution(const DdlStatement& ddl, std::int64_t id, Millis lock_wait) {
  keep_past(ddl, id, lock_wait);
}

std::optional<SqlFailure> Session::give_to_engine(const Statement& statement,
                                                  const DdlStatement& ddl, std::int64_t id,
                                                  Millis lock_wait) {
  if (ddl.clauses.front().bdr_class == BdrClass::unmanaged) return std::nullopt;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(lock_wait).count();
  try {
    before_execution(ddl, id, lock_wait);
    engine_ok("SET SESSION lock_wait_timeout=" + std::to_string(seconds));
    announce(id);
    const Reply reply = backend_.query(for_engine(statement));
    engine_ok("SET SESSION lock_wait_timeout=DEFAULT");
    const auto* failure = std::get_if<SqlFailure>(&reply);
    if (failure != nullptr) keeping_.reset();
    return failure == nullptr ? std::nullopt : std::optional(*failure);
  } catch (const Refused& refused) {
    keeping_.reset();
    return refused.failure();
  } catch (const SocketClosed&) {
    return repeat_after_crash(for_engine(statement), id);
  }
}

/// The engine went away in the middle: as in TiDB, the job goes on when storage is back. The engine
/// has done such a statement wholly or not at all, so "already there" means it was done.
std::optional<SqlFailure> Session::repeat_after_crash(const std::string& sql, std::int64_t id) {
  const EngineEndpoint engine = cluster_.engine();
  const SqlLogin login{engine.socket_path, "", 0, engine.admin_user, engine.admin_password};
  while (cluster_.clock.wait_for(kEngineRetry, shared_.ending.get_token())) {
    try {
      SqlSession session(login, kEnginePatience);
      const auto thread = session.query("SELECT CONNECTION_ID()", kEnginePatience);
      session.query(announcement(thread.at(0).at(0).value_or("0"), id), kEnginePatience);
      if (!schema_.empty()) session.query("USE " + quote_name(schema_), kEnginePatience);
      session.query(sql, kEnginePatience);
      return std::nullopt;
    } catch (const SqlError& e) {
      if (says_it_is_done(e.number)) return std::nullopt;
      return SqlFailure{e.number, e.state, e.message()};
    } catch (const Error&) {
      // Not back yet.
    }
  }
  throw SocketClosed("cluster ends");
}

std::string Session::announcement(const std::string& connection, std::int64_t job) {
  return std::string("INSERT INTO ") + kMetaSchema + "." + kDdlTable + " VALUES (" + connection +
         "," + std::to_string(job) + ") ON DUPLICATE KEY UPDATE job=VALUES(job)";
}

void Session::announce(std::int64_t job) {
  engine_ok(announcement(std::to_string(backend_.thread()), job));
}

void Session::apply_to_ids(const DdlStatement& ddl) {
  if (ddl.objects.empty()) return;
  if (ddl.object_kind == ObjectKind::schema && ddl.drops) {
    shared_.tables.forget_schema(ddl.objects.front().name);
  }
  if (ddl.object_kind != ObjectKind::table) return;
  const ObjectName table = qualified(ddl.objects.front());
  if (ddl.drops || ddl.job_type == "truncate table") {
    for (const ObjectName& object : ddl.objects) shared_.tables.forget(qualified(object));
  }
  if (ddl.creates && ddl.nonclustered) shared_.tables.set_nonclustered(table);
  if (!ddl.new_name.name.empty() && ddl.job_type == "rename table") {
    ObjectName renamed = ddl.new_name;
    if (renamed.schema.empty()) renamed.schema = table.schema;
    shared_.tables.rename(table, renamed);
  }
}

}  // namespace bdrmesh::lab
