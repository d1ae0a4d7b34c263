#include <algorithm>

#include "base/error.h"
#include "fakes/fake_ddl.h"
#include "fakes/fake_tidb.h"

namespace bdrmesh::fakes {

std::vector<DdlJob> FakeTidb::ddl_jobs(const Call&) {
  const std::lock_guard lock(world_.mutex_);
  look_at_held_ddl();
  std::vector<DdlJob> newest(here().jobs.rbegin(), here().jobs.rend());
  for (DdlJob& job : newest) job.query.clear();  // ADMIN SHOW DDL JOBS has no query
  if (newest.size() > 20) newest.resize(20);
  return newest;
}

std::optional<DdlJob> FakeTidb::find_ddl_job(const std::string& tag, const Call&) {
  const std::lock_guard lock(world_.mutex_);
  look_at_held_ddl();
  const auto& jobs = here().jobs;
  const auto found = std::find_if(jobs.rbegin(), jobs.rend(), [&](const DdlJob& job) {
    return job.query.find(tag) != std::string::npos;
  });
  if (found == jobs.rend()) return std::nullopt;
  return *found;
}

DdlJob& FakeTidb::new_job(const std::string& sql, const DdlSession& session) {
  ClusterState& cluster = here();
  DdlJob job;
  job.id = cluster.next_job_id++;
  job.schema = schema_of(sql, session);
  job.table = table_of(sql);
  job.type = "alter table";
  job.schema_state = "public";
  job.state = "running";
  job.query = sql;
  cluster.jobs.push_back(job);
  return cluster.jobs.back();
}

void FakeTidb::refuse_under_role(const std::string& sql, const DdlSession& session) {
  if (!refused_under_role(here().role, sql, session)) return;
  throw Error(ErrorKind::precondition, "TIDB_BDR_ROLE",
              "8263: The operation is not allowed while the bdr role of this cluster is set to " +
                  here().role + ".");
}

void FakeTidb::apply(const std::string& sql, const DdlSession& session) {
  ClusterState& cluster = here();
  const std::string schema = schema_of(sql, session);
  const bool outside_of_roles = cluster.role.empty() && schema.rfind("bdrmesh", 0) != 0;
  if (outside_of_roles) world_.judge_unreplicated_ddl(cluster, sql);
  apply_ddl(cluster, sql, session);
  cluster.applied_statements.push_back(normalized(sql));
  // No feed carries a placement policy (tidb-sql §1.5).
  const bool leaves = normalized(sql).find("PLACEMENT POLICY") == std::string::npos;
  if (cluster.role == "primary" && leaves)
    cluster.replicated.push_back({world_.next_tso(cluster), sql, session});
}

void FakeTidb::run_ddl(const std::string& sql, const DdlSession& session,
                       const std::function<void(const SentDdl&)>& sent, const Call&) {
  SentDdl mine;
  {
    const std::lock_guard lock(world_.mutex_);
    require_writable();
    mine = {here().servers.front().info.address, here().next_connection_id++};
  }
  if (sent) sent(mine);  // may write a journal: never under our mutex
  const std::lock_guard lock(world_.mutex_);
  ClusterState& cluster = here();
  refuse_under_role(sql, session);
  if (cluster.before_ddl) cluster.before_ddl(sql, session);
  if (!cluster.no_job_for.empty() && sql.find(cluster.no_job_for) != std::string::npos) return;
  DdlJob& job = new_job(sql, session);
  if (cluster.hold_next_for) {
    cluster.held = HeldDdl{mine, job.id, sql, session, *cluster.hold_next_for};
    cluster.hold_next_for.reset();
    world_.note(name_, "run_ddl_held", normalized(sql));
    throw Error(ErrorKind::ambiguous, "TIDB_ANSWER_LOST",
                name_ + ": connection lost while the DDL ran");
  }
  try {
    if (cluster.within_job) cluster.within_job(sql, session);
    apply(sql, session);
  } catch (const Error&) {
    job.state = "cancelled";
    job.schema_state = "none";
    throw;
  }
  job.state = "synced";
  world_.note(name_, "run_ddl", normalized(sql));
}

void FakeTidb::look_at_held_ddl() {
  ClusterState& cluster = here();
  if (!cluster.held || cluster.held->looks_left-- > 0) return;
  const HeldDdl held = *cluster.held;
  cluster.held.reset();
  const auto job = std::find_if(cluster.jobs.begin(), cluster.jobs.end(),
                                [&](const DdlJob& j) { return j.id == held.job; });
  if (job == cluster.jobs.end() || job->ended()) return;
  try {
    apply(held.sql, held.session);
    job->state = "synced";
    world_.note(name_, "run_ddl", normalized(held.sql));
  } catch (const Error&) {
    job->state = "cancelled";
  }
}

bool FakeTidb::session_exists(const ServerAddress&, std::uint64_t connection_id, const Call&) {
  const std::lock_guard lock(world_.mutex_);
  look_at_held_ddl();
  const bool backs_up = std::ranges::any_of(here().backups, [&](const BackupState& state) {
    return !state.task.ended && !state.dead && state.sent.connection_id == connection_id;
  });
  return backs_up || (here().held && here().held->sent.connection_id == connection_id);
}

void FakeTidb::cancel_ddl_job(std::int64_t id, const Call&) {
  const std::lock_guard lock(world_.mutex_);
  for (DdlJob& job : here().jobs) {
    if (job.id != id) continue;
    if (job.ended()) break;
    job.state = "cancelled";
    here().held.reset();
    world_.note(name_, "cancel_ddl_job", std::to_string(id));
    return;
  }
  throw Error(ErrorKind::invalid, "TIDB_SQL", "8224: DDL Job:" + std::to_string(id) + " not found");
}

}  // namespace bdrmesh::fakes
