#include "flows/ddl/ddl_steps.h"

#include <algorithm>

#include "flows/ddl/by_hand.h"
#include "flows/ddl/ddl_follow_steps.h"
#include "flows/ddl/take_back_steps.h"
#include "flows/group/cluster_steps.h"
#include "flows/own_tables.h"
#include "verify/schema_compare.h"

namespace bdrmesh::flows {
namespace {

DdlSession session_from(const Json& args) {
  DdlSession session;
  session.schema = get_or<std::string>(args, "schema", "");
  session.sql_mode = get_or<std::string>(args, "sql_mode", "");
  return session;
}

}  // namespace

Verdict Rehearse::verify(StepContext& ctx) {
  return ctx.fact("rehearsed", scope()) ? holds()
                                        : not_yet("the rehearsal on " + cluster().value());
}

void Rehearse::execute(StepContext& ctx) {
  require_role_off(tidb(), cluster(), ctx.call());
  // What interrupted rehearsals left, of this operation and of any before.
  drop_own_tables(tidb(), cluster(), own_tables(tidb(), kRehearsalPrefix, ctx.call()), ctx);
  run_on_copies(ctx);
  drop_copies(ctx);
  ctx.set_fact({"rehearsed", scope(), FactLife::durable, to_rfc3339(ctx.now())});
}

void Rehearse::run_on_copies(StepContext& ctx) {
  for (const Json& copy : get_required<Json>(args_, "copies")) {
    const TableName from{get_required<std::string>(copy, "schema"),
                         get_required<std::string>(copy, "table")};
    const TableName to{kTokenSchema, get_required<std::string>(copy, "copy")};
    if (tidb().create_statement(from, ctx.call())) tidb().copy_empty_table(from, to, ctx.call());
  }
  for (const Json& statement : get_required<Json>(args_, "statements")) {
    try {
      tidb().run_ddl(
          statement.get<std::string>(), session_from(args_), [](const SentDdl&) {}, ctx.call());
    } catch (const Error& e) {
      if (e.code() != "DDL_REFUSED") throw;
      throw Error(
          ErrorKind::precondition, "REHEARSAL_FAILED",
          "on an empty copy, " + cluster().value() + " refuses the statement: " + e.message(),
          "nothing was changed; correct the statement, or the table on " + cluster().value());
    }
  }
}

void Rehearse::drop_copies(StepContext& ctx) {
  std::vector<TableName> copies;
  for (const Json& copy : get_required<Json>(args_, "copies"))
    copies.push_back({kTokenSchema, get_required<std::string>(copy, "copy")});
  drop_own_tables(tidb(), cluster(), copies, ctx);
}

void Rehearse::compensate(StepContext& ctx) { drop_copies(ctx); }

Verdict NoteDdlJobs::verify(StepContext& ctx) {
  return ctx.fact("jobs_before", scope()) ? holds()
                                          : not_yet("the newest DDL job of " + cluster().value());
}

void NoteDdlJobs::execute(StepContext& ctx) {
  std::int64_t newest = 0;
  for (const DdlJob& job : tidb().ddl_jobs(ctx.call())) newest = std::max(newest, job.id);
  ctx.set_fact({"jobs_before", scope(), FactLife::durable, newest});
}

ApplyDdl::ApplyDdl(FlowPorts ports, const PlannedStep& planned)
    : ClusterStep(ports, planned),
      statement_(get_required<std::string>(planned.args, "statement")),
      number_(get_required<int>(planned.args, "number")) {}

std::string ApplyDdl::name() const { return ClusterStep::name() + "#" + ordinal(); }

std::string ApplyDdl::tag(const StepContext& ctx) const {
  // Within the first 64 characters of the statement, and no tag is the beginning of another.
  return "bdrmesh:" + ctx.operation() + ":" + ordinal() + ":" + cluster().value() + " ";
}

std::string ApplyDdl::sent_scope() const { return cluster().value() + "#" + ordinal(); }

Verdict ApplyDdl::done(StepContext& ctx, const Json& how) {
  ctx.set_fact({"ddl_done", sent_scope(), FactLife::durable, how});
  return holds();
}

Verdict ApplyDdl::verify(StepContext& ctx) {
  if (is_the_change() && given_up(ctx, args_, number_ - 1)) return holds();
  const std::optional<DdlJob> job = tidb().find_ddl_job(tag(ctx), ctx.call());
  if ((!job || job->final_failure()) && done_by_hand(ctx)) return done(ctx, {{"by", "hand"}});
  if (!job && ctx.fact("ddl_no_job", sent_scope())) return done(ctx, {{"by", "nothing to do"}});
  if (!job) return not_yet("the DDL to be sent to " + cluster().value());
  if (job->final_failure()) return failed(ctx, *job);
  if (!job->final_success())
    return not_yet(describe_waiting(*job) + " on " + cluster().value() + " to be synced");
  ctx.cross_line(describe(*job) + " on " + cluster().value());
  ctx.set_fact({"ddl_job",
                sent_scope(),
                FactLife::durable,
                {{"job", job->id}, {"at", to_rfc3339(ctx.now())}}});
  return done(ctx, {{"by", "job"}});
}

Verdict ApplyDdl::failed(StepContext& ctx, const DdlJob& job) {
  const auto reported = ctx.fact("ddl_failed", sent_scope());
  const bool told = reported && get_or<std::int64_t>(*reported, "job", 0) == job.id;
  // Whoever resumes behind the line wants it sent again.
  if (told && ctx.resumed_by_person() && ctx.line_crossed())
    return not_yet("the DDL to be sent to " + cluster().value() + " again, after " + describe(job));
  if (!told) ctx.set_fact({"ddl_failed", sent_scope(), FactLife::durable, {{"job", job.id}}});
  note_what_is_left(ctx);
  std::string text = describe(job) + " did not take place on " + cluster().value();
  if (const auto answer = ctx.fact("ddl_refusal", sent_scope()))
    text += ": " + get_or<std::string>(*answer, "text", "");
  const std::string way_back =
      is_the_change() && ctx.subject().contains("undo")
          ? "; or take it back where it took place: bdrmesh ddl undo " + ctx.operation()
          : "";
  return refused("DDL_FAILED", text,
                 "mend the cause on " + cluster().value() +
                     " (ADMIN SHOW DDL JOBS, the data there) or make the change there by hand; "
                     "then bdrmesh op resume " +
                     ctx.operation() + way_back);
}

void ApplyDdl::note_what_is_left(StepContext& ctx) {
  // Whatever the line says now: another cluster may cross it while this one is refused.
  if (ctx.fact("ddl_left", sent_scope())) return;
  const Json left = definitions_on(ports_, cluster(),
                                   tables_from(get_or(args_, "tables", Json::array())), ctx.call());
  ctx.set_fact({"ddl_left", sent_scope(), FactLife::durable, left});
}

bool ApplyDdl::done_by_hand(StepContext& ctx) {
  const auto left = ctx.fact("ddl_left", sent_scope());
  if (!left) return false;
  const std::string number = "#" + ordinal();
  for (const Fact& done : ctx.facts("ddl_job")) {
    if (!done.scope.ends_with(number) || done.scope == sent_scope()) continue;
    const ClusterName changed(done.scope.substr(0, done.scope.size() - number.size()));
    if (!made_by_hand(ports_, cluster(), changed,
                      tables_from(get_or(args_, "tables", Json::array())), *left, ctx.call()))
      return false;
    ctx.event("info", "the change was made on " + cluster().value() +
                          " by hand: its tables are as those of " + changed.value());
    return true;
  }
  return false;
}

bool ApplyDdl::may_still_arrive(StepContext& ctx) {
  const auto sent = ctx.fact("ddl_sent", sent_scope());
  if (!sent) return false;
  return tidb().session_exists(ServerAddress(get_required<std::string>(*sent, "server")),
                               get_required<std::uint64_t>(*sent, "connection"), ctx.call());
}

void ApplyDdl::execute(StepContext& ctx) {
  // A lost connection says nothing about its DDL: before sending again, no job carries the tag and
  // the sender is gone.
  const std::optional<DdlJob> job = tidb().find_ddl_job(tag(ctx), ctx.call());
  if (job && !job->final_failure()) return;
  if (may_still_arrive(ctx)) return;
  ports_.tokens.require_ours(cluster(),
                             ctx.call());  // a process that was replaced must not send anything
  const auto remember = [&](const SentDdl& sent) {
    ctx.set_fact({"ddl_sent",
                  sent_scope(),
                  FactLife::durable,
                  {{"server", sent.server.value()},
                   {"connection", sent.connection_id},
                   {"at", to_rfc3339(ctx.now())}}});
    ctx.checkpoint();
  };
  try {
    tidb().run_ddl("/* " + tag(ctx) + "*/ " + statement_, session_from(args_), remember,
                   ctx.call());
    note_that_nothing_was_to_do(ctx);
  } catch (const Error& e) {
    if (e.code() == "TIDB_BDR_ROLE") try_once_more(ctx, e);
    if (e.code() != "DDL_REFUSED") throw;
    // What became a job is judged by its job, and only there; here is merely what the server said.
    ctx.set_fact({"ddl_refusal", sent_scope(), FactLife::durable, {{"text", e.message()}}});
    const std::optional<DdlJob> refused_job = tidb().find_ddl_job(tag(ctx), ctx.call());
    if (refused_job && !(job && refused_job->id == job->id)) return;
    note_what_is_left(ctx);
    throw;
  }
}

void ApplyDdl::note_that_nothing_was_to_do(StepContext& ctx) {
  // IF [NOT] EXISTS with nothing to do makes no job; the comparison afterwards tells whether what
  // is there is what was wanted.
  if (tidb().find_ddl_job(tag(ctx), ctx.call())) return;
  ctx.set_fact({"ddl_no_job", sent_scope(), FactLife::durable, to_rfc3339(ctx.now())});
  ctx.event("info", "nothing was to do on " + cluster().value() + ": " + statement_);
}

void ApplyDdl::try_once_more(StepContext& ctx, const Error& refusal) {
  // Jobs that wait together are refused together: a stranger's statement may have been meant
  // (tidb-sql §1.3).
  if (ctx.fact("role_refusal", sent_scope())) return;
  ctx.set_fact({"role_refusal", sent_scope(), FactLife::durable, refusal.message()});
  throw Error(ErrorKind::transient, refusal.code(), refusal.message(), refusal.remedy());
}

Crossing ApplyDdl::crossed(StepContext& ctx) {
  const std::optional<DdlJob> job = tidb().find_ddl_job(tag(ctx), ctx.call());
  if (job && job->final_success()) return Crossing::yes;
  if (job && !job->ended()) return Crossing::cannot_tell_yet;
  return may_still_arrive(ctx) ? Crossing::cannot_tell_yet : Crossing::no;
}

Verdict CompareSchemas::verify(StepContext& ctx) {
  std::string differences;
  for (const TableName& table : tables_from(get_required<Json>(args_, "tables"))) {
    std::map<ClusterName, std::optional<std::string>> definitions;
    for (const Json& cluster : get_required<Json>(args_, "clusters")) {
      const ClusterName name(cluster.get<std::string>());
      auto text = ports_.world.tidb(name).create_statement(table, ctx.call());
      if (text) *text = comparable_definition(*text);
      definitions[name] = std::move(text);
    }
    for (const verify::SchemaDifference& difference :
         verify::compare_definitions(definitions, table)) {
      if (difference.severity == verify::Severity::differs)
        differences +=
            (differences.empty() ? "" : "; ") + to_string(table) + ": " + difference.what;
    }
  }
  if (differences.empty()) return holds();
  return refused("SCHEMAS_DIFFER", differences,
                 "make the definitions equal, then bdrmesh op resume " + ctx.operation());
}

}  // namespace bdrmesh::flows
