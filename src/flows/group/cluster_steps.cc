#include "flows/group/cluster_steps.h"

#include <algorithm>

namespace bdrmesh::flows {

std::vector<DdlJob> unfinished(const std::vector<DdlJob>& jobs) {
  std::vector<DdlJob> open;
  std::ranges::copy_if(jobs, std::back_inserter(open),
                       [](const DdlJob& job) { return !job.ended(); });
  return open;
}

std::string describe(const DdlJob& job) {
  return "DDL job " + std::to_string(job.id) + " (" + job.type + " on " + job.schema + "." +
         job.table + ", " + job.state + ")";
}

Verdict ClaimToken::verify(StepContext& ctx) {
  const std::optional<TokenRow> row = tidb().token(ctx.call());
  if (row && ports_.tokens.holds(*row)) return holds();
  return not_yet("the token row of " + cluster().value() + " to name this manager");
}

void ClaimToken::execute(StepContext& ctx) { ports_.tokens.claim(cluster(), ctx.call()); }

Verdict SetSourceId::verify(StepContext& ctx) {
  const int wanted = get_required<int>(args_, "id");
  const int seen = tidb().source_id(ctx.call());
  if (seen == wanted) return holds();
  return not_yet("tidb_source_id of " + cluster().value() + " to be " + std::to_string(wanted) +
                 ", it is " + std::to_string(seen));
}

void SetSourceId::execute(StepContext& ctx) {
  if (!ctx.fact("source_id_before", scope())) {
    ctx.set_fact({"source_id_before", scope(), FactLife::durable, tidb().source_id(ctx.call())});
    ctx.checkpoint();
  }
  tidb().set_source_id(get_required<int>(args_, "id"), ctx.call());
}

void SetSourceId::compensate(StepContext& ctx) {
  if (const auto before = ctx.fact("source_id_before", scope())) {
    tidb().set_source_id(before->get<int>(), ctx.call());
  }
}

Verdict MakeMarkerSchema::verify(StepContext& ctx) {
  if (tidb().create_statement({kMarkerSchema, "marker"}, ctx.call())) return holds();
  return not_yet("the marker schema on " + cluster().value());
}

void MakeMarkerSchema::execute(StepContext& ctx) { tidb().make_marker_schema(ctx.call()); }

BdrRole SetRole::wanted() const {
  const auto role = bdr_role_from(get_required<std::string>(args_, "role"));
  if (!role) throw Error(ErrorKind::bug, "BAD_PLAN", "the plan names an unknown BDR role");
  return *role;
}

Verdict SetRole::precondition(StepContext& ctx) {
  if (tidb().bdr_role(ctx.call())) return holds();
  return refused(
      "ROLE_UNKNOWN",
      cluster().value() + " answers ADMIN SHOW BDR ROLE with a word that no release uses",
      "look at the cluster's version; bdrmesh does not act on roles it does not know");
}

Verdict SetRole::verify(StepContext& ctx) {
  const std::string what = "BDR role of " + cluster().value();
  if (tidb().bdr_role(ctx.call()) != wanted()) return not_yet("the " + what);
  const std::vector<DdlJob> open = unfinished(tidb().ddl_jobs(ctx.call()));
  if (!open.empty()) return not_yet(describe(open.front()) + " to end under the " + what);
  return holds();
}

void SetRole::execute(StepContext& ctx) {
  if (!ctx.fact("role_before", scope())) {
    const auto before = tidb().bdr_role(ctx.call());
    if (!before)
      throw Error(ErrorKind::precondition, "ROLE_UNKNOWN",
                  "the BDR role of " + cluster().value() + " is no known word");
    ctx.set_fact({"role_before", scope(), FactLife::durable, std::string(to_string(*before))});
    ctx.checkpoint();
  }
  if (tidb().bdr_role(ctx.call()) != wanted()) tidb().set_bdr_role(wanted(), ctx.call());
}

void SetRole::compensate(StepContext& ctx) {
  const auto before = ctx.fact("role_before", scope());
  if (!before) return;
  const auto role = bdr_role_from(before->get<std::string>());
  if (role && tidb().bdr_role(ctx.call()) != role) tidb().set_bdr_role(*role, ctx.call());
}

Verdict RestoreRole::verify(StepContext& ctx) {
  const auto before = ctx.fact("role_before", scope());
  const auto only = get_or<std::string>(args_, "only", "");
  if (!before || (!only.empty() && before->get<std::string>() != only)) return holds();
  if (tidb().bdr_role(ctx.call()) == bdr_role_from(before->get<std::string>())) return holds();
  return not_yet("the BDR role of " + cluster().value() + " to be '" + before->get<std::string>() +
                 "' again");
}

void RestoreRole::execute(StepContext& ctx) {
  const Json before = require_fact(ctx, "role_before", scope());
  tidb().set_bdr_role(bdr_role_from(before.get<std::string>()).value_or(BdrRole::none), ctx.call());
}

Verdict RequireQuietDdlQueue::verify(StepContext& ctx) {
  const std::vector<DdlJob> open = unfinished(tidb().ddl_jobs(ctx.call()));
  if (open.empty()) return holds();
  return refused("DDL_RUNNING", describe(open.front()) + " is under way on " + cluster().value(),
                 "wait until it ends, or stop it there: ADMIN CANCEL DDL JOBS " +
                     std::to_string(open.front().id));
}

}  // namespace bdrmesh::flows
