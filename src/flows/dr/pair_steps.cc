#include "flows/dr/pair_steps.h"

#include <algorithm>

#include "flows/dr/after_turn.h"
#include "flows/gate/gate_steps.h"
#include "flows/group/cluster_steps.h"
#include "gate/standing_gate.h"
#include "mesh/pair_note.h"
#include "verify/schema_compare.h"

namespace bdrmesh::flows {
namespace {

PairNote note_from(const Json& args, const StepContext& ctx) {
  PairNote note;
  note.primary = ClusterName(get_required<std::string>(args, "primary"));
  note.term = get_required<std::uint64_t>(args, "term");
  note.how = get_or<std::string>(args, "how", "switchover");
  note.operation = ctx.operation();
  note.at = to_rfc3339(ctx.now());
  return note;
}

bool is_noted(const TokenRow& row, const Json& args) {
  const auto note = pair_note(row, GroupName(get_required<std::string>(args, "group")));
  return note && note->term >= get_required<std::uint64_t>(args, "term");
}

GateNote opening_note(const StepContext& ctx) {
  GateNote note;
  note.operation = ctx.operation();
  note.reason = get_or<std::string>(ctx.subject(), "reason", "it becomes the primary");
  note.since = to_rfc3339(ctx.now());
  note.since_ms = to_millis(ctx.now());
  note.deadline = to_rfc3339(ctx.pause_deadline());
  // Nobody but its operation may open it: the other one may not be shut yet.
  note.line_crossed = true;
  return note;
}

}  // namespace

Verdict StandClosed::verify(StepContext& ctx) {
  const std::optional<TokenRow> row = tidb().token(ctx.call());
  const std::string role = get_required<std::string>(args_, "role");
  if (!row || !note_of(*row, standing_owner(role)))
    return not_yet("the token row of " + cluster().value() + " to say that it is the " + role);
  const GateView view = ports_.gate.look(cluster(), ctx.call());
  return view.closed_everywhere() ? holds() : not_yet("writes to stop on " + view.not_closed());
}

void StandClosed::execute(StepContext& ctx) {
  announce_standing(ports_.tokens, cluster(), get_required<std::string>(args_, "role"), ctx.now(),
                    "", ctx.call());
  ports_.gate.close(cluster(), ctx.call());
}

Verdict LookAtSecondary::gate(StepContext& ctx) {
  const std::string role = get_required<std::string>(args_, "role");
  const TokenRow row = ports_.tokens.require_ours(cluster(), ctx.call());
  if (!note_of(row, standing_owner(role))) {
    return refused("NOT_SECONDARY",
                   "the gate of " + cluster().value() + " does not stand closed as " + role +
                       ": applications may have written there",
                   "bdrmesh group apply " + get_or<std::string>(args_, "group", "") +
                       " closes it; then bdrmesh verify run --level rows finds what they wrote");
  }
  const GateView view = ports_.gate.look(cluster(), ctx.call());
  for (const ServerGate& server : view.servers) {
    if (!server.error.empty() || server.closed) continue;
    return refused("GATE_OPENED_BY_OTHER",
                   "the gate of " + cluster().value() +
                       " was opened by somebody else: " + server.server.value() + " takes writes",
                   "find out who set tidb_super_read_only = OFF there, then bdrmesh verify run "
                   "--level rows finds what was written");
  }
  return view.closed_everywhere() ? holds() : not_yet("an answer of " + view.not_closed());
}

Verdict LookAtSecondary::precondition(StepContext& ctx) { return gate(ctx); }

Verdict LookAtSecondary::verify(StepContext& ctx) {
  if (Verdict verdict = gate(ctx); verdict.kind != Verdict::Kind::holds) return verdict;
  const InTheWay writers = look_for_writers(ports_, cluster(), {}, ctx.call());
  if (!writers.incomplete.empty()) return not_yet(writers.incomplete);
  if (!writers.transactions.empty()) {
    return refused("WRITER_AT_THE_LINE",
                   describe(writers.transactions.front()) + " runs on " + cluster().value() +
                       " although its gate is closed",
                   "find out why this session may write while the cluster is read-only");
  }
  const std::vector<DdlJob> open = unfinished(tidb().ddl_jobs(ctx.call()));
  if (!open.empty())
    return not_yet(describe(open.front()) + " on " + cluster().value() + " to end");
  return holds();
}

Verdict OpenNewPrimary::verify(StepContext& ctx) {
  const TokenRow row = ports_.tokens.require_ours(cluster(), ctx.call());
  if (!is_noted(row, args_) || note_of(row, standing_owner(role())))
    return not_yet("the token row of " + cluster().value() + " to say that it is the primary");
  const GateView view = ports_.gate.look(cluster(), ctx.call());
  if (view.open_everywhere() && !note_of(row, ctx.operation())) return holds();
  return not_yet("writes to start on " + view.not_open());
}

void OpenNewPrimary::execute(StepContext& ctx) {
  const TokenRow row = ports_.tokens.require_ours(cluster(), ctx.call());
  const bool begun = is_noted(row, args_);
  if (!begun || note_of(row, standing_owner(role()))) {
    // The role before the gate: whoever reads the rows must never find two that may be open.
    ports_.tokens.edit(
        cluster(), [&](TokenRow& mine) { put_pair_note(mine, group(), note_from(args_, ctx)); },
        ctx.call());
    release_standing(ports_.tokens, cluster(), role(), opening_note(ctx), ctx.call());
  }
  ports_.gate.open_if_ours(cluster(), ctx.operation(), ctx.call());
  ctx.cross_line(cluster().value() + " takes writes");
}

void OpenNewPrimary::compensate(StepContext& ctx) {
  const TokenRow row = ports_.tokens.require_ours(cluster(), ctx.call());
  if (note_of(row, ctx.operation()))
    announce_standing(ports_.tokens, cluster(), role(), ctx.now(), ctx.operation(), ctx.call());
  const auto note = pair_note(row, group());
  if (!note || note->operation != ctx.operation()) return;
  ports_.tokens.edit(
      cluster(),
      [&](TokenRow& mine) {
        const std::string before = get_or<std::string>(args_, "primary_before", "");
        PairNote back = *note;
        back.primary = ClusterName(before);
        back.term = note->term - 1;
        back.how = "undone " + note->how;
        put_pair_note(mine, group(), back);
      },
      ctx.call());
}

Crossing OpenNewPrimary::crossed(StepContext& ctx) {
  const GateView view = ports_.gate.look(cluster(), ctx.call());
  const auto is_open = [](const ServerGate& one) { return one.error.empty() && !one.closed; };
  if (std::ranges::any_of(view.servers, is_open)) return Crossing::yes;
  return view.closed_everywhere() ? Crossing::no : Crossing::cannot_tell_yet;
}

Verdict NoteNewPrimary::verify(StepContext& ctx) {
  const TokenRow row = ports_.tokens.require_ours(cluster(), ctx.call());
  return is_noted(row, args_)
             ? holds()
             : not_yet("the token row of " + cluster().value() + " to say who is the primary");
}

void NoteNewPrimary::execute(StepContext& ctx) {
  const GroupName group(get_required<std::string>(args_, "group"));
  ports_.tokens.edit(
      cluster(), [&](TokenRow& row) { put_pair_note(row, group, note_from(args_, ctx)); },
      ctx.call());
}

Verdict SetReads::verify(StepContext& ctx) {
  const bool wanted = get_or(args_, "past", false);
  ReadPoint& point = ports_.world.read_point(cluster());
  for (const TidbServerInfo& server : tidb().servers(ctx.call())) {
    if (point.reads_past(server.address, ctx.call()) != wanted) {
      return not_yet(server.address.value() + " to let new sessions read " +
                     (wanted ? "at the newest syncpoint" : "what is there now"));
    }
  }
  // Sessions keep what was set when they were opened: which these are is known only now.
  if (!wanted && ctx.fact("reads_before", scope()) && !ctx.fact("open_sessions", scope()))
    note_open_sessions(ports_, ctx, cluster());
  return holds();
}

void SetReads::execute(StepContext& ctx) {
  const bool wanted = get_or(args_, "past", false);
  if (!ctx.fact("reads_before", scope())) {
    ctx.set_fact({"reads_before", scope(), FactLife::durable, !wanted});
    ctx.checkpoint();
  }
  ports_.world.read_point(cluster()).set_reads_past(wanted, ctx.call());
}

void SetReads::compensate(StepContext& ctx) {
  const auto before = ctx.fact("reads_before", scope());
  if (before) ports_.world.read_point(cluster()).set_reads_past(before->get<bool>(), ctx.call());
}

Verdict SetTtlJobs::verify(StepContext& ctx) {
  const bool wanted = get_required<bool>(args_, "on");
  if (ports_.world.read_point(cluster()).ttl_jobs(ctx.call()) == wanted) return holds();
  return not_yet("TTL jobs to be " + std::string(wanted ? "on" : "off") + " on " +
                 cluster().value());
}

void SetTtlJobs::execute(StepContext& ctx) {
  const bool wanted = get_required<bool>(args_, "on");
  if (!ctx.fact("ttl_before", scope())) {
    ctx.set_fact({"ttl_before", scope(), FactLife::durable, !wanted});
    ctx.checkpoint();
  }
  ports_.world.read_point(cluster()).set_ttl_jobs(wanted, ctx.call());
}

void SetTtlJobs::compensate(StepContext& ctx) {
  const auto before = ctx.fact("ttl_before", scope());
  if (before) ports_.world.read_point(cluster()).set_ttl_jobs(before->get<bool>(), ctx.call());
}

Verdict ComparePairSchemas::verify(StepContext& ctx) {
  for (const TableName& table : tables_from(get_required<Json>(args_, "tables"))) {
    std::map<ClusterName, std::optional<std::string>> definitions;
    for (const Json& member : get_required<Json>(args_, "members")) {
      const ClusterName name(member.get<std::string>());
      definitions[name] = ports_.world.tidb(name).create_statement(table, ctx.call());
    }
    for (const verify::SchemaDifference& one : verify::compare_definitions(definitions, table)) {
      if (one.severity != verify::Severity::differs) continue;
      return refused("SCHEMAS_DIFFER", to_string(table) + ": " + one.what,
                     "bdrmesh verify run --group " + get_required<std::string>(args_, "group") +
                         " --level schema shows how, and what would heal it");
    }
  }
  return holds();
}

Verdict RequireReturnPath::verify(StepContext& ctx) {
  const std::string user = ports_.desired.cluster(link().to).sink.user_for(link().from);
  const std::string there = " on " + link().to.value();
  const std::optional<bool> locked = ports_.world.users(link().to).is_locked(user, ctx.call());
  if (!locked) {
    return refused("SINK_USER_MISSING",
                   "user " + user + ", as whom " + link().from.value() +
                       " is to write afterwards, does not exist" + there,
                   "bdrmesh doctor names the grants that it needs");
  }
  if (*locked) {
    return refused("SINK_USER_LOCKED", "user " + user + " is locked" + there,
                   "ALTER USER '" + user + "'@'%' ACCOUNT UNLOCK; when nothing old can use it");
  }
  const auto exempt = ports_.world.tidb(link().to).read_only_exempt_users(ctx.call());
  const bool passes = std::ranges::any_of(
      exempt, [&](const std::string& one) { return one.substr(0, one.find('@')) == user; });
  if (!passes) {
    return refused("SINK_NOT_EXEMPT",
                   "user " + user + " lacks RESTRICTED_REPLICA_WRITER_ADMIN" + there +
                       ": the closed gate would stop the new feed",
                   "GRANT RESTRICTED_REPLICA_WRITER_ADMIN ON *.* TO '" + user + "'@'%';");
  }
  if (ctx.line_crossed() || !look_at_feed(ctx.call())) return holds();
  return refused(
      "FEED_EXISTS",
      "TiCDC of " + link().from.value() + " has a changefeed " + changefeed().value() + " already",
      "bdrmesh group plan " + get_or<std::string>(args_, "group", ""));
}

}  // namespace bdrmesh::flows
