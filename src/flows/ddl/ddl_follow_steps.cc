#include "flows/ddl/ddl_follow_steps.h"

#include <algorithm>

#include "flows/ddl/job_tables.h"
#include "flows/group/cluster_steps.h"
#include "verify/schema_compare.h"

namespace bdrmesh::flows {
namespace {

std::string named(BdrRole role) {
  return role == BdrRole::none ? "no BDR role" : "the BDR role " + std::string(to_string(role));
}

std::int64_t noted_job(const StepContext& ctx, const std::string& scope) {
  const auto before = ctx.fact("jobs_before", scope);
  return before ? before->get<std::int64_t>() : 0;
}

bool concerns(const DdlJob& job, const std::vector<TableName>& tables,
              const std::vector<std::string>& schemas) {
  return std::ranges::any_of(tables, [&](const TableName& one) { return is_about(job, one); }) ||
         std::ranges::any_of(schemas,
                             [&](const std::string& one) { return is_about_schema(job, one); });
}

}  // namespace

std::string comparable_definition(const std::string& text) {
  static constexpr std::string_view kMark = "DEFINER=";
  const std::size_t at = text.find(kMark);
  const std::size_t end = text.find(" SQL SECURITY");
  const bool is_view = text.starts_with("CREATE ALGORITHM=");
  if (!is_view || at == std::string::npos || end == std::string::npos || end < at) return text;
  return text.substr(0, at) + text.substr(end + 1);
}

std::string describe_waiting(const DdlJob& job) {
  if (job.state == "paused" || job.state == "pausing")
    return describe(job) + ": somebody paused it, ADMIN RESUME DDL JOBS " + std::to_string(job.id) +
           " lets it go on;";
  if (job.state == "cancelling" || job.state == "rollingback")
    return describe(job) + ": it is being rolled back,";
  return describe(job);
}

Verdict RequireRole::verify(StepContext& ctx) {
  const auto wanted = bdr_role_from(get_required<std::string>(args_, "role"));
  const std::optional<BdrRole> seen = tidb().bdr_role(ctx.call());
  if (seen && wanted && *seen == *wanted) return holds();
  return refused("ROLE_CHANGED",
                 cluster().value() + " has " + (seen ? named(*seen) : "an unknown BDR role") +
                     " now, and " + named(wanted.value_or(BdrRole::none)) +
                     " when the change was planned",
                 "run the operation again: it is planned anew");
}

std::string FollowDdl::name() const {
  return ClusterStep::name() + "#" + std::to_string(get_or(args_, "number", 0));
}

Verdict FollowDdl::judge_jobs(StepContext& ctx, const std::vector<DdlJob>& jobs) const {
  const auto tables = tables_from(get_required<Json>(args_, "tables"));
  const auto schemas = get_required<std::vector<std::string>>(args_, "schemas");
  const std::int64_t before = noted_job(ctx, scope());
  const DdlJob* newest = nullptr;
  for (const DdlJob& job : jobs) {
    if (!concerns(job, tables, schemas)) continue;
    if (!job.ended()) return not_yet(describe_waiting(job) + " on " + scope() + " to end");
    if (job.id > before && (newest == nullptr || job.id > newest->id)) newest = &job;
  }
  if (newest == nullptr || !newest->final_failure()) return holds();
  return refused("DDL_FAILED",
                 describe(*newest) + " came through a feed and did not take place on " + scope(),
                 "the PRIMARY has the change: mend the cause on " + scope() +
                     " (ADMIN SHOW DDL JOBS), make the change there while its role is unset, then "
                     "bdrmesh op resume " +
                     ctx.operation());
}

std::string FollowDdl::differences(StepContext& ctx) const {
  const ClusterName primary(get_required<std::string>(args_, "primary"));
  std::string found;
  for (const TableName& table : tables_from(get_required<Json>(args_, "tables"))) {
    std::map<ClusterName, std::optional<std::string>> definitions;
    for (const ClusterName& name : {primary, cluster()}) {
      auto text = ports_.world.tidb(name).create_statement(table, ctx.call());
      if (text) *text = comparable_definition(*text);
      definitions[name] = std::move(text);
    }
    for (const verify::SchemaDifference& one : verify::compare_definitions(definitions, table)) {
      if (one.severity == verify::Severity::differs)
        found += (found.empty() ? "" : "; ") + to_string(table) + ": " + one.what;
    }
  }
  return found;
}

std::string FollowDdl::missing_schemas(const StepContext& ctx,
                                       const std::vector<DdlJob>& jobs) const {
  const std::int64_t before = noted_job(ctx, scope());
  std::string missing;
  for (const auto& schema : get_required<std::vector<std::string>>(args_, "schemas")) {
    const bool made = std::ranges::any_of(jobs, [&](const DdlJob& job) {
      return is_about_schema(job, schema) && job.id > before && job.final_success();
    });
    if (!made) missing += (missing.empty() ? "database " : ", ") + schema;
  }
  return missing;
}

bool FollowDdl::grace_is_over(StepContext& ctx, const char* key, std::int64_t fallback) const {
  const auto since = ctx.fact("follow_since", name());
  return since && to_millis(ctx.now()) - get_or<std::int64_t>(*since, "at_ms", 0) >=
                      get_or(args_, key, fallback);
}

Verdict FollowDdl::not_arrived(const std::string& what, StepContext& ctx) const {
  return refused("DDL_NOT_ARRIVED",
                 "the feeds have passed the change, and no job is under way on " + scope() +
                     ", yet it differs from the PRIMARY: " + what,
                 "an index may have been lost behind the feed: unset the role of " + scope() +
                     ", make the change there, set the role again, then bdrmesh op resume " +
                     ctx.operation());
}

Verdict FollowDdl::verify(StepContext& ctx) {
  const std::vector<DdlJob> jobs = tidb().ddl_jobs(ctx.call());
  if (Verdict verdict = judge_jobs(ctx, jobs); verdict.kind != Verdict::Kind::holds) return verdict;
  if (const std::string what = differences(ctx); !what.empty()) {
    if (grace_is_over(ctx, "grace_ms", 60000)) return not_arrived(what, ctx);
    return not_yet("the change to arrive on " + scope() + ": " + what);
  }
  const std::string schemas = missing_schemas(ctx, jobs);
  if (schemas.empty()) return holds();
  if (!grace_is_over(ctx, "schema_grace_ms", 5000))
    return not_yet(schemas + " to arrive on " + scope());
  // A feed takes "exists already" for done, and makes no job then.
  ctx.event("warning",
            "no job on " + scope() + " made " + schemas + ": it was there before, or is missing");
  return holds();
}

void FollowDdl::execute(StepContext& ctx) {
  ctx.set_fact({"follow_since", name(), FactLife::durable, {{"at_ms", to_millis(ctx.now())}}});
}

}  // namespace bdrmesh::flows
