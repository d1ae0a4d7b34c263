// DDL as jobs: judged by role, announced in the binlog, done by the engine, followed by whoever
// asks.
#include <algorithm>

#include "lab/parse/bdr_rules.h"
#include "lab/sql/session.h"
#include "lab/sql/tidb_text.h"

namespace bdrmesh::lab {

namespace {

constexpr int kInterrupted = 1317;
constexpr Millis kCancelPoll{5};

/// Looks into the engine's own schema tables.
class EngineSchema final : public SchemaView {
 public:
  explicit EngineSchema(SqlShared& shared) : shared_(shared) {}

  bool has_schema(const std::string& schema) const override {
    return any("SELECT 1 FROM information_schema.schemata WHERE schema_name=" + quote_text(schema));
  }
  bool has_table(const ObjectName& table) const override {
    return any("SELECT 1 FROM information_schema.tables WHERE " + where(table));
  }
  bool has_index(const ObjectName& table, const std::string& index) const override {
    return any("SELECT 1 FROM information_schema.statistics WHERE " + where(table) +
               " AND index_name=" + quote_text(index));
  }
  bool has_partition(const ObjectName& table, const std::string& partition) const override {
    return any("SELECT 1 FROM information_schema.partitions WHERE " + where(table) +
               " AND partition_name=" + quote_text(partition));
  }
  std::optional<std::string> column_type(const ObjectName& table,
                                         const std::string& column) const override {
    const auto rows = shared_.as_admin("SELECT column_type FROM information_schema.columns WHERE " +
                                       where(table) + " AND column_name=" + quote_text(column));
    if (rows.empty()) return std::nullopt;
    const std::string definition = "c " + rows.front().front().value_or("");
    return parse_column(tokenize(definition).list).type;
  }

 private:
  static std::string where(const ObjectName& table) {
    return "table_schema=" + quote_text(table.schema) + " AND table_name=" + quote_text(table.name);
  }
  bool any(const std::string& sql) const { return !shared_.as_admin(sql).empty(); }

  SqlShared& shared_;
};

/// Errors that TiDB finds before a job exists (measured B §4.1).
bool is_refused_before_submission(int code) {
  static constexpr int kCodes[] = {1007, 1008, 1044, 1045, 1046, 1049, 1050, 1051, 1054, 1060,
                                   1061, 1064, 1091, 1142, 1143, 1146, 1227, 1347, 4091, 4092};
  return std::find(std::begin(kCodes), std::end(kCodes), code) != std::end(kCodes);
}

std::string dotted(const ObjectName& name) { return name.schema + "." + name.name; }

}  // namespace

Answer Session::ddl(Statement& statement) {
  // Commits what is open, even when the DDL itself is refused then.
  commit(true);
  const DdlStatement parsed = parse_ddl(statement);
  if (parsed.local_temporary) return engine_ok(for_engine(statement));
  refuse_unsupported(parsed);
  const std::string role = cluster_.bdr_role();
  const BdrVerdict verdict =
      judge(role, parsed, EngineSchema(shared_), schema_, write_source() != 0);
  if (parsed.clauses.front().bdr_class == BdrClass::unmanaged) return run_job(statement, parsed);
  if (verdict == BdrVerdict::refused) {
    refuse_impossible(parsed);
    throw Refused(role_failure(role));
  }
  if (verdict == BdrVerdict::nothing_to_do) return engine_ok(for_engine(statement));
  return run_job(statement, parsed);
}

/// What TiDB cannot do at all, under any role (8200).
void Session::refuse_unsupported(const DdlStatement& ddl) const {
  const ObjectName table = ddl.objects.empty() ? ObjectName{} : qualified(ddl.objects.front());
  for (const DdlClause& clause : ddl.clauses) {
    if (clause.job_type == "drop primary key" && !shared_.tables.is_nonclustered(table)) {
      throw Refused(8200, "HY000",
                    "Unsupported drop primary key when the table is using clustered index");
    }
    if (clause.kind != DdlClause::Kind::add_column) continue;
    for (const ColumnSpec& column : clause.columns) {
      for (const ColumnOption option : column.options) {
        const char* name = option == ColumnOption::unique           ? "constraint UNIQUE KEY"
                           : option == ColumnOption::primary_key    ? "constraint PRIMARY KEY"
                           : option == ColumnOption::auto_increment ? "constraint AUTO_INCREMENT"
                                                                    : nullptr;
        if (name == nullptr) continue;
        throw Refused(8200, "HY000",
                      "unsupported add column '" + column.name + "' " + name + " when altering '" +
                          dotted(table) + "'");
      }
    }
  }
}

/// "Already there" and "not there" come before 8263.
void Session::refuse_impossible(const DdlStatement& ddl) {
  const EngineSchema schema(shared_);
  for (const ObjectName& object : ddl.objects) {
    if (ddl.object_kind == ObjectKind::schema) {
      const bool there = schema.has_schema(object.name);
      if (ddl.creates && there && ddl.guard == Existence::irrelevant) {
        throw Refused(1007, "HY000",
                      "Can't create database '" + object.name + "'; database exists");
      }
      if (ddl.drops && !there) {
        throw Refused(1008, "HY000",
                      "Can't drop database '" + object.name + "'; database doesn't exist");
      }
      continue;
    }
    const ObjectName table = qualified(object);
    const bool there = schema.has_table(table);
    if (ddl.creates && ddl.object_kind == ObjectKind::table && there &&
        ddl.guard == Existence::irrelevant) {
      throw Refused(1050, "42S01", "Table '" + dotted(table) + "' already exists");
    }
    if (ddl.drops && ddl.object_kind == ObjectKind::table && !there &&
        ddl.guard == Existence::irrelevant) {
      throw Refused(1051, "42S02", "Unknown table '" + dotted(table) + "'");
    }
    if (!ddl.creates && !ddl.drops && !there) {
      throw Refused(1146, "42S02", "Table '" + dotted(table) + "' doesn't exist");
    }
  }
}

DdlJob Session::new_job(const Statement& statement, const DdlStatement& ddl) const {
  DdlJob job;
  job.type = ddl.job_type;
  job.query = std::string(statement.text);
  job.default_db = schema_;
  job.bdr_role = cluster_.bdr_role();
  job.cdc_write_source = write_source();
  job.connection_id = id_;
  job.engine_thread = backend_.thread();
  job.server = cluster_.front_end(server_).address;
  job.create_time = cluster_.oracle.now();
  job.start_ts = cluster_.oracle.next();
  if (!ddl.objects.empty()) {
    const ObjectName object = qualified(ddl.objects.front());
    job.db = ddl.object_kind == ObjectKind::schema ? object.name : object.schema;
    job.table = ddl.object_kind == ObjectKind::schema ? "" : object.name;
    job.schema_id = shared_.tables.id_of({job.db, ""});
    if (!job.table.empty()) job.table_id = shared_.tables.id_of(object);
  }
  return job;
}

Answer Session::run_job(const Statement& statement, const DdlStatement& ddl) {
  const std::int64_t id = cluster_.jobs.add(new_job(statement, ddl));
  in_job_ = true;
  cluster_.sessions.update(id_, [](SessionInfo& info) { info.in_ddl = true; });
  // Also the end of the wait: a job that is cancelled while it queues never starts.
  const MonoTime ready = cluster_.clock.mono() + cluster_.faults.ddl_delay();
  const auto cancelled = [&] {
    const auto job = cluster_.jobs.find(id);
    return !job || job->state == JobState::cancelling;
  };
  while (cluster_.clock.mono() < ready && !cancelled()) {
    if (!cluster_.clock.wait_for(kCancelPoll, shared_.ending.get_token())) break;
  }
  if (cancelled()) fail_job(id, {8214, "HY000", "Cancelled DDL job"});
  if (const auto failure = cluster_.faults.takes_ddl_failure(std::string(statement.text))) {
    fail_job(id, {failure->code, "HY000", failure->message});
  }
  cluster_.jobs.update(id, [&](DdlJob& job) {
    job.state = JobState::running;
    job.schema_state = ddl.creates ? "none" : "write only";
    job.start_time = cluster_.oracle.now();
  });
  const bool known_to_engine = ddl.clauses.front().bdr_class != BdrClass::unmanaged;
  if (known_to_engine) {
    announce(id);
    const Reply reply = backend_.query(for_engine(statement));
    if (const auto* failure = std::get_if<SqlFailure>(&reply)) fail_job(id, *failure);
  }
  finish_job(id, ddl);
  return OkReply{};
}

void Session::announce(std::int64_t job) {
  engine_ok("INSERT INTO lab_meta.ddl VALUES (" + std::to_string(backend_.thread()) + "," +
            std::to_string(job) + ") ON DUPLICATE KEY UPDATE job=VALUES(job)");
}

void Session::finish_job(std::int64_t id, const DdlStatement& ddl) {
  apply_to_ids(ddl);
  const CommitInFlight commit(cluster_.ledger);
  const std::uint64_t finished = commit.ts();
  cluster_.jobs.update(id, [&](DdlJob& job) {
    job.state = JobState::done;
    job.schema_state = ddl.drops ? "none" : "public";
    job.finished_ts = finished;
    job.end_time = cluster_.oracle.now();
  });
  cluster_.jobs.update(id, [](DdlJob& job) { job.state = JobState::synced; });
  in_job_ = false;
  cluster_.sessions.update(id_, [](SessionInfo& info) { info.in_ddl = false; });
  if (killed_) throw SocketClosed("killed");
}

void Session::fail_job(std::int64_t id, SqlFailure failure) {
  in_job_ = false;
  cluster_.sessions.update(id_, [](SessionInfo& info) { info.in_ddl = false; });
  SqlFailure shown = engine_failure(std::move(failure), false);
  const auto present = cluster_.jobs.find(id);
  const bool cancelled = present && present->state == JobState::cancelling;
  if (cancelled || shown.code == kInterrupted) shown = {8214, "HY000", "Cancelled DDL job"};
  if (is_refused_before_submission(shown.code)) {
    cluster_.jobs.forget(id);
  } else {
    cluster_.jobs.update(id, [&](DdlJob& job) {
      // What had begun is rolled back; what had not is cancelled (measured A17).
      job.state = job.start_time ? JobState::rollback_done : JobState::cancelled;
      job.schema_state = "none";
      job.error_code = shown.code;
      job.error = shown.message;
      job.end_time = cluster_.oracle.now();
    });
  }
  throw Refused(std::move(shown));
}

void Session::apply_to_ids(const DdlStatement& ddl) {
  if (ddl.object_kind != ObjectKind::table || ddl.objects.empty()) return;
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
