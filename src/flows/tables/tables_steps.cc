#include "flows/tables/tables_steps.h"

#include <algorithm>

#include "flows/group/cluster_steps.h"
#include "flows/link/feed_look.h"
#include "flows/verify/row_steps.h"

namespace bdrmesh::flows {
namespace {

std::string first_row(const Json& rows) {
  if (rows.empty()) return "";
  std::string key;
  for (const Json& part : get_or(rows.front(), "key", Json::array()))
    key += (key.empty() ? "" : ", ") + (part.is_string() ? part.get<std::string>() : part.dump());
  return ", first: " + get_or<std::string>(rows.front(), "table", "?") + " (" + key + ")";
}

std::string first_gap(const Json& not_proven) {
  const Json& one = not_proven.front();
  return get_or<std::string>(one, "table", "?") + ": " + get_or<std::string>(one, "why", "?");
}

}  // namespace

Verdict RequireTablesEqual::verify(StepContext& ctx) {
  const Json report = require_fact(ctx, run_fact("verification", args_), "");
  const std::string show = "bdrmesh verify show " + ctx.operation();
  const Json unstable = get_or(report, "unstable", Json::array());
  if (const auto different = get_or<std::uint64_t>(report, "different", 0); different > 0) {
    return refused("TABLES_DIFFER",
                   std::to_string(different) + " rows are not the same on all members" +
                       first_row(get_or(report, "differences", Json::array())) +
                       "; nothing was changed, and bdrmesh does not copy them",
                   show + "; few rows: bdrmesh repair plan " + ctx.operation() +
                       " --right NAME --out repair.json; many: copy the table while nobody "
                       "writes it; then try again");
  }
  if (!unstable.empty()) {
    return refused("TABLES_IN_USE",
                   std::to_string(unstable.size()) + " rows differ and keep changing" +
                       first_row(unstable) + ": somebody writes the table on one member already",
                   "let applications leave it alone until it is carried, then try again");
  }
  const Json not_proven = get_or(report, "not_proven", Json::array());
  if (not_proven.empty() || get_or(args_, "accept_unproven", false)) return holds();
  return refused("TABLES_UNPROVEN",
                 std::to_string(not_proven.size()) +
                     " parts were not proven equal, first: " + first_gap(not_proven),
                 show + "; if that is good enough: --accept-unproven");
}

Verdict LookAgainAtTables::verify(StepContext& ctx) {
  if (Verdict verdict = gate_and_writers(ctx); verdict.kind != Verdict::Kind::holds) return verdict;
  for (const DdlJob& job : tidb().ddl_jobs(ctx.call())) {
    if (!job.ended()) return not_yet(describe(job) + " on " + cluster().value() + " to end");
  }
  return feeds(ctx);
}

Verdict LookAgainAtTables::gate_and_writers(StepContext& ctx) {
  const TokenRow row = ports_.tokens.require_ours(cluster(), ctx.call());
  if (!note_of(row, ctx.operation())) {
    return refused("GATE_NOTE_GONE", "our note has left the token row of " + cluster().value(),
                   "find out who edits bdrmesh_local.owner");
  }
  const GateView view = ports_.gate.look(cluster(), ctx.call());
  for (const ServerGate& server : view.servers) {
    if (!server.error.empty() || server.closed) continue;
    return refused("GATE_OPENED_BY_OTHER",
                   "the gate of " + cluster().value() +
                       " was opened by somebody else: " + server.server.value() + " takes writes",
                   "find out who set tidb_super_read_only = OFF there, then try again");
  }
  if (!view.closed_everywhere()) return not_yet("an answer of " + view.not_closed());
  const InTheWay writers = look_for_writers(ports_, cluster(), {}, ctx.call());
  if (!writers.incomplete.empty()) return not_yet(writers.incomplete);
  if (writers.transactions.empty()) return holds();
  return refused("WRITER_AT_THE_LINE",
                 describe(writers.transactions.front()) + " appeared on " + cluster().value() +
                     " after the drain",
                 "find out why this session may write while the cluster is read-only");
}

Verdict LookAgainAtTables::feeds(StepContext& ctx) {
  const Tso position = std::max(tso_of(require_fact(ctx, "marker", scope()), "commit_ts"),
                                tso_of(require_fact(ctx, "fence", scope()), "tso"));
  const auto sheet = ports_.feeds.look(cluster(), ports_.clock.mono(), ctx.call());
  for (const Json& one : get_required<Json>(args_, "links")) {
    const ChangefeedId old(get_required<std::string>(one, "old"));
    const ChangefeedId next(get_required<std::string>(one, "new"));
    const auto before = sheet->find(old);
    const auto after = sheet->find(next);
    if (!before || !after)
      return not_yet("changefeed " + (before ? next : old).value() + " to be on the list");
    if (!is_at_rest(*before)) {
      return refused("LINK_RUNS", "changefeed " + old.value() + " runs again: somebody resumed it",
                     "find out who, then try again");
    }
    if (!before->checkpoint.is_set()) return not_yet("the position of " + old.value());
    if (before->checkpoint <= position) {
      return refused(
          "NOT_DRAINED",
          "changefeed " + old.value() + " stopped at " + to_string(before->checkpoint) +
              ", before " + to_string(position),
          "try again: its last rows have not reached " + get_required<std::string>(one, "to"));
    }
    if (is_at_rest(*after)) {
      return refused("LINK_HALTED",
                     "changefeed " + next.value() + " is " + after->state +
                         (after->error ? ": " + after->error->code : ""),
                     "bdrmesh link list");
    }
    if (!after->checkpoint.is_set()) return not_yet("the first tick of " + next.value());
  }
  return holds();
}

void OpenGateOntoNewFeeds::execute(StepContext& ctx) {
  ctx.cross_line("opening the gate of " + cluster().value());
  OpenGate::execute(ctx);
}

Crossing OpenGateOntoNewFeeds::crossed(StepContext& ctx) {
  const GateView view = ports_.gate.look(cluster(), ctx.call());
  const auto is_open = [](const ServerGate& one) { return one.error.empty() && !one.closed; };
  if (std::ranges::any_of(view.servers, is_open)) return Crossing::yes;
  return view.closed_everywhere() ? Crossing::no : Crossing::cannot_tell_yet;
}

}  // namespace bdrmesh::flows
