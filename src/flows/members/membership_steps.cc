#include "flows/members/membership_steps.h"

#include <algorithm>

#include "flows/gate/gate_steps.h"
#include "flows/group/cluster_steps.h"
#include "flows/group/proof_steps.h"
#include "flows/link/feed_look.h"
#include "gate/standing_gate.h"
#include "mesh/membership.h"

namespace bdrmesh::flows {
namespace {

EndedMembership ended_from(const Json& args) {
  EndedMembership ended;
  ended.group = GroupName(get_required<std::string>(args, "group"));
  ended.cluster = ClusterName(get_required<std::string>(args, "member"));
  ended.how = get_required<std::string>(args, "how");
  return ended;
}

std::optional<EndedMembership> told_by(const TokenRow& row, const EndedMembership& wanted) {
  for (const EndedMembership& one : ended_memberships(row)) {
    if (one.group == wanted.group && one.cluster == wanted.cluster) return one;
  }
  return std::nullopt;
}

GateNote note_of_ours(const StepContext& ctx) {
  GateNote note;
  note.operation = ctx.operation();
  note.reason = get_or<std::string>(ctx.subject(), "reason", "coordinated operation");
  note.since = to_rfc3339(ctx.now());
  note.since_ms = to_millis(ctx.now());
  note.deadline = to_rfc3339(ctx.pause_deadline());
  return note;
}

}  // namespace

Verdict NoteEnded::verify(StepContext& ctx) {
  const TokenRow row = ports_.tokens.require_ours(cluster(), ctx.call());
  const EndedMembership wanted = ended_from(args_);
  const auto told = told_by(row, wanted);
  if (told && told->operation == ctx.operation()) return holds();
  return not_yet("the token row of " + cluster().value() + " to say that " +
                 wanted.cluster.value() + " " + wanted.how);
}

void NoteEnded::execute(StepContext& ctx) {
  EndedMembership ended = ended_from(args_);
  ended.operation = ctx.operation();
  ended.at = to_rfc3339(ctx.now());
  ports_.tokens.edit(
      cluster(), [&](TokenRow& row) { note_ended(row, ended); }, ctx.call());
}

void NoteEnded::compensate(StepContext& ctx) {
  const EndedMembership ended = ended_from(args_);
  // A state file from before the line may undo what was finished since: then it stays true.
  if (ended.how == "left") {
    const auto row = ports_.world.tidb(ended.cluster).token(ctx.call());
    const std::string finished = standing_owner(former_member_role(ended.group.value()));
    if (row && note_of(*row, finished)) return;
  }
  ports_.tokens.edit(
      cluster(),
      [&](TokenRow& row) {
        const auto told = told_by(row, ended);
        if (told && told->operation == ctx.operation())
          forget_ended(row, ended.group, ended.cluster);
      },
      ctx.call());
}

Verdict KeepGateClosed::verify(StepContext& ctx) {
  const TokenRow row = ports_.tokens.require_ours(cluster(), ctx.call());
  const std::string role = get_required<std::string>(args_, "role");
  if (note_of(row, standing_owner(role)) && !note_of(row, ctx.operation())) return holds();
  return not_yet("the gate of " + cluster().value() + " to stand closed as " + role);
}

void KeepGateClosed::execute(StepContext& ctx) {
  announce_standing(ports_.tokens, cluster(), get_required<std::string>(args_, "role"), ctx.now(),
                    ctx.operation(), ctx.call());
}

void KeepGateClosed::compensate(StepContext& ctx) {
  const TokenRow row = ports_.tokens.require_ours(cluster(), ctx.call());
  const std::string role = get_required<std::string>(args_, "role");
  // Opened with us meanwhile: there is nothing left to give back.
  if (!note_of(row, standing_owner(role))) return;
  release_standing(ports_.tokens, cluster(), role, note_of_ours(ctx), ctx.call());
}

Verdict TakeOverGate::precondition(StepContext& ctx) {
  const std::optional<TokenRow> row = tidb().token(ctx.call());
  if (row && (note_of(*row, standing_owner(role())) || note_of(*row, ctx.operation())))
    return holds();
  if (was_opened_since(ctx)) return holds();
  return refused("GATE_NOT_OURS",
                 "the gate of " + cluster().value() + " does not stand closed as " + role(),
                 "bdrmesh gate list");
}

Verdict TakeOverGate::verify(StepContext& ctx) {
  const std::optional<TokenRow> row = tidb().token(ctx.call());
  if (!row || !note_of(*row, ctx.operation())) {
    if (was_opened_since(ctx)) return holds();
    return not_yet("our note on the token row of " + cluster().value());
  }
  const GateView view = ports_.gate.look(cluster(), ctx.call());
  if (view.closed_everywhere()) return holds();
  if (view.open_everywhere()) {
    return refused("GATE_OPENED_BY_OTHER",
                   "the gate of " + cluster().value() + " was opened by somebody else",
                   "find out who set tidb_super_read_only = OFF there");
  }
  return not_yet("an answer of " + view.not_closed());
}

bool TakeOverGate::was_opened_since(StepContext& ctx) const {
  if (!get_or(args_, "to_open", false) || !ctx.fact("gate_taken", scope())) return false;
  const std::optional<TokenRow> row = tidb().token(ctx.call());
  return row && gate_notes(*row).empty();
}

void TakeOverGate::execute(StepContext& ctx) {
  ctx.set_fact({"gate_taken", scope(), FactLife::durable, role()});
  ctx.checkpoint();
  release_standing(ports_.tokens, cluster(), role(), note_of_ours(ctx), ctx.call());
}

void TakeOverGate::compensate(StepContext& ctx) {
  const TokenRow row = ports_.tokens.require_ours(cluster(), ctx.call());
  if (!note_of(row, ctx.operation())) return;  // never taken over, or opened since
  announce_standing(ports_.tokens, cluster(), role(), ctx.now(), ctx.operation(), ctx.call());
}

Verdict LookAgainToLeave::verify(StepContext& ctx) {
  for (Verdict (LookAgainToLeave::*look)(StepContext&) :
       {&LookAgainToLeave::gate_and_writers, &LookAgainToLeave::ddl_and_role,
        &LookAgainToLeave::feeds}) {
    if (Verdict verdict = (this->*look)(ctx); verdict.kind != Verdict::Kind::holds) return verdict;
  }
  return holds();
}

Verdict LookAgainToLeave::gate_and_writers(StepContext& ctx) {
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

Verdict LookAgainToLeave::ddl_and_role(StepContext& ctx) {
  const std::vector<DdlJob> open = unfinished(tidb().ddl_jobs(ctx.call()));
  if (!open.empty()) return not_yet(describe(open.front()) + " to end");
  if (get_or(args_, "roles", true) && tidb().bdr_role(ctx.call()) == BdrRole::primary) {
    return refused("IS_DDL_PRIMARY",
                   cluster().value() + " has been made the PRIMARY of its group meanwhile",
                   "give the role to another member first: bdrmesh group apply");
  }
  return holds();
}

Verdict LookAgainToLeave::feeds(StepContext& ctx) {
  Tso position = tso_of(require_fact(ctx, "marker", scope()), "commit_ts");
  position = std::max(position, tso_of(require_fact(ctx, "fence", scope()), "tso"));
  for (const Json& one : get_required<Json>(args_, "links")) {
    const Link link{ClusterName(get_required<std::string>(one, "from")),
                    ClusterName(get_required<std::string>(one, "to"))};
    const ChangefeedId id(get_required<std::string>(one, "changefeed"));
    const auto feed = ports_.feeds.look(link.from, ports_.clock.mono(), ctx.call())->find(id);
    if (!feed || !feed->checkpoint.is_set())
      return not_yet("changefeed " + id.value() + " to be on the list, with its position");
    if (!is_at_rest(*feed)) {
      return refused("LINK_RUNS", "changefeed " + id.value() + " runs again: somebody resumed it",
                     "find out who, then try again");
    }
    if (link.from == cluster() && feed->checkpoint <= position) {
      return refused("NOT_DRAINED",
                     "changefeed " + id.value() + " stopped at " + to_string(feed->checkpoint) +
                         ", before " + to_string(position),
                     "try again: its last rows have not reached " + link.to.value());
    }
  }
  return holds();
}

Verdict ReportDeparture::verify(StepContext& ctx) {
  return ctx.fact("result", "") ? holds() : not_yet("the report");
}

void ReportDeparture::execute(StepContext& ctx) {
  const std::string cluster = get_required<std::string>(args_, "member");
  Json positions = Json::array();
  for (const Fact& fact : ctx.facts("position")) {
    positions.push_back({{"link", fact.scope},
                         {"everything up to", fact.value.at("tso")},
                         {"time", to_rfc3339(tso_of(fact.value, "tso").time())}});
  }
  const std::string gate = get_required<std::string>(args_, "gate");
  const std::string file = get_required<std::string>(args_, "configuration");
  ctx.set_fact({"result",
                "",
                FactLife::durable,
                {{"left", cluster},
                 {"group", get_required<std::string>(args_, "group")},
                 {"gate", gate},
                 {"configuration", file},
                 {"positions", positions}}});
  ctx.event("info", cluster + " has left; its data stays. " + gate);
  ctx.event("info", "the configuration still names it: " + file);
}

}  // namespace bdrmesh::flows
