#include "flows/gate/gate_steps.h"

#include <algorithm>

#include "flows/gate/left_transactions.h"
#include "gate/rescue.h"
#include "gate/standing_gate.h"

namespace bdrmesh::flows {
namespace {

std::vector<std::int64_t> ids_of(TidbCluster& tidb, const std::vector<TableName>& tables,
                                 const Call& call) {
  std::vector<std::int64_t> ids;
  for (const TableName& table : tables) {
    if (const auto id = tidb.table_id(table, call)) ids.push_back(*id);
  }
  return ids;
}

std::string missing_instances(const TransactionLook& look,
                              const std::vector<TidbServerInfo>& servers) {
  std::string missing;
  for (const TidbServerInfo& server : servers) {
    if (look.instances_seen.contains(server.status_address)) continue;
    missing += (missing.empty() ? "" : ", ") + server.address.value();
  }
  return missing;
}

Verdict opened_by_other(const ClusterName& cluster, const GateView& view) {
  return refused(
      "GATE_OPENED_BY_OTHER",
      "the gate of " + cluster.value() + " was opened by somebody else: " + view.not_closed(),
      "find out who set tidb_super_read_only = OFF there, then run the operation again");
}

}  // namespace

std::vector<std::string> exempt_users(const Desired& desired, const ClusterName& cluster) {
  const ClusterSpec& spec = desired.cluster(cluster);
  std::vector<std::string> users{spec.user};
  for (const ClusterSpec& other : desired.clusters) {
    if (other.name != cluster) users.push_back(spec.sink.user_for(other.name));
  }
  return users;
}

std::string describe(const OpenTransaction& transaction) {
  return "session " + std::to_string(transaction.session_id) + " of user '" + transaction.user +
         "' on " + transaction.instance + " (" + transaction.state + ", since " +
         transaction.started + ")";
}

InTheWay in_the_way(const TransactionLook& look, const std::vector<TidbServerInfo>& servers,
                    const std::vector<std::string>& exempt,
                    const std::vector<std::int64_t>& tables) {
  InTheWay result;
  if (!look.warnings.empty()) {
    result.incomplete = "CLUSTER_TIDB_TRX answered with a warning: " + look.warnings.front();
  } else if (const std::string missing = missing_instances(look, servers);
             !missing.empty() || servers.empty()) {
    result.incomplete = "the list of transactions does not show our own on " +
                        (missing.empty() ? "any server" : missing);
  }
  for (const OpenTransaction& row : look.rows) {
    if (std::ranges::find(exempt, row.user) != exempt.end()) continue;
    const bool touches = std::ranges::any_of(row.related_tables, [&](std::int64_t id) {
      return std::ranges::find(tables, id) != tables.end();
    });
    if (row.state != "Idle" || touches) result.transactions.push_back(row);
  }
  return result;
}

InTheWay look_for_writers(const FlowPorts& ports, const ClusterName& cluster,
                          const std::vector<TableName>& tables, const Call& call) {
  TidbCluster& tidb = ports.world.tidb(cluster);
  const std::vector<TidbServerInfo> servers = tidb.servers(call);
  return in_the_way(tidb.look_at_transactions(servers, call), servers,
                    exempt_users(ports.desired, cluster), ids_of(tidb, tables, call));
}

Verdict CloseGate::precondition(StepContext& ctx) {
  const std::optional<TokenRow> row = tidb().token(ctx.call());
  if (row && note_of(*row, ctx.operation())) return holds();
  if (row && !gate_notes(*row).empty()) {
    return refused("GATE_TAKEN",
                   "the gate of " + cluster().value() + " is held by operation " +
                       gate_notes(*row).front().operation,
                   "bdrmesh gate list");
  }
  const GateView view = ports_.gate.look(cluster(), ctx.call());
  if (view.open_everywhere()) return holds();
  return refused(
      "GATE_NOT_OPEN",
      "before we close the gate of " + cluster().value() + " it is not open on " + view.not_open(),
      "find out who set tidb_super_read_only there, or bring that tidb-server back; then try "
      "again");
}

Verdict CloseGate::verify(StepContext& ctx) {
  const std::optional<TokenRow> row = tidb().token(ctx.call());
  if (row && was_rescued(*row, ctx.operation())) {
    return refused("RESCUED",
                   "somebody ended this pause on " + cluster().value() +
                       " with bdrmesh rescue while no manager was there",
                   "run the operation again");
  }
  // What the operation ends with: then its note has given way to that of the role.
  const std::string role = get_or<std::string>(args_, "stands_as", "");
  const bool stands = row && !role.empty() && note_of(*row, standing_owner(role));
  if (!stands && (!row || !note_of(*row, ctx.operation())))
    return not_yet("our note on the token row of " + cluster().value());
  const GateView view = ports_.gate.look(cluster(), ctx.call());
  if (view.closed_everywhere()) return holds();
  if (was_undone(ctx, view)) return opened_by_other(cluster(), view);
  return not_yet("writes to stop on " + view.not_closed());
}

bool CloseGate::was_undone(StepContext& ctx, const GateView& view) const {
  // The server that took our SET shows it at once and the others within a moment (tidb-sql §2.2):
  // all of them open after that long is nobody's delay.
  static constexpr Millis kLongestDelay{1000};
  const std::optional<Json> set_at = ctx.fact("gate_set", scope());
  return set_at && view.open_everywhere() &&
         to_millis(ctx.now()) - set_at->at("at_ms").get<std::int64_t>() >= kLongestDelay.count();
}

void CloseGate::execute(StepContext& ctx) {
  GateNote note;
  note.operation = ctx.operation();
  note.reason = get_or<std::string>(ctx.subject(), "reason", "coordinated operation");
  note.since = to_rfc3339(ctx.now());
  note.since_ms = to_millis(ctx.now());
  const Millis span{get_or<std::int64_t>(args_, "for_ms", 0)};
  note.deadline = to_rfc3339(span.count() > 0 ? ctx.now() + span : ctx.pause_deadline());
  // On the cluster first: whoever finds it closed must find out why and how to undo it.
  ports_.gate.announce(cluster(), note, ctx.call());
  ports_.gate.close(cluster(), ctx.call());
  ctx.set_fact({"gate_set", scope(), FactLife::durable, {{"at_ms", to_millis(ctx.now())}}});
}

void CloseGate::compensate(StepContext& ctx) {
  const WallTime opened = ctx.now();
  if (!ports_.gate.open_if_ours(cluster(), ctx.operation(), ctx.call())) return;
  name_left_transactions(ports_, ctx, cluster(), opened, false);
  const GateView view = ports_.gate.look(cluster(), ctx.call());
  if (!view.open_everywhere())
    ctx.event("warning", "gate of " + cluster().value() + " is opening, not seen open yet on " +
                             view.not_open());
}

Verdict AnnounceLine::verify(StepContext& ctx) {
  const TokenRow row = ports_.tokens.require_ours(cluster(), ctx.call());
  const std::optional<GateNote> note = note_of(row, ctx.operation());
  if (note && note->line_crossed) return holds();
  return not_yet("our note on " + cluster().value() + " to name the line");
}

void AnnounceLine::execute(StepContext& ctx) {
  ports_.gate.announce_line(cluster(), ctx.operation(), ctx.call());
}

Verdict DrainTransactions::verify(StepContext& ctx) {
  const InTheWay seen = look_for_writers(
      ports_, cluster(), tables_from(get_or(args_, "tables", Json::array())), ctx.call());
  if (!seen.incomplete.empty()) return not_yet(seen.incomplete);
  if (seen.transactions.empty()) return holds();
  return not_yet(std::to_string(seen.transactions.size()) + " transactions to end on " +
                 cluster().value() + ", first: " + describe(seen.transactions.front()));
}

void DrainTransactions::execute(StepContext& ctx) {
  if (!get_or(args_, "kill", false)) return;
  if (!ports_.clock.wait_for(Millis{get_or(args_, "grace_ms", 500)}, ctx.call().stop)) return;
  const InTheWay seen = look_for_writers(
      ports_, cluster(), tables_from(get_or(args_, "tables", Json::array())), ctx.call());
  const std::vector<TidbServerInfo> servers = tidb().servers(ctx.call());
  for (const OpenTransaction& row : seen.transactions) {
    const auto server = std::ranges::find(servers, row.instance, &TidbServerInfo::status_address);
    if (server == servers.end()) continue;
    ctx.event("warning", "killed " + describe(row) + ": it was in the way");
    tidb().kill_session(server->address, row.session_id, ctx.call());
  }
}

Verdict OpenGate::verify(StepContext& ctx) {
  const std::optional<TokenRow> row = tidb().token(ctx.call());
  if (row && note_of(*row, ctx.operation()))
    return not_yet("the gate of " + cluster().value() + " to be opened");
  const GateView view = ports_.gate.look(cluster(), ctx.call());
  if (view.open_everywhere()) return holds();
  return not_yet("writes to be possible again on " + view.not_open());
}

void OpenGate::execute(StepContext& ctx) {
  if (!ctx.fact("opening", scope())) {
    ctx.set_fact(
        {"opening", scope(), FactLife::durable, tso_fact("tso", tidb().current_tso(ctx.call()))});
    ctx.checkpoint();
  }
  ports_.gate.open_if_ours(cluster(), ctx.operation(), ctx.call());
}

Verdict RequireGateClosed::verify(StepContext& ctx) {
  const TokenRow row = ports_.tokens.require_ours(cluster(), ctx.call());
  const GateView view = ports_.gate.look(cluster(), ctx.call());
  if (note_of(row, ctx.operation()) && view.closed_everywhere()) return holds();
  return opened_by_other(cluster(), view);
}

Verdict ReopenGateOf::precondition(StepContext& ctx) {
  const std::string owner = get_required<std::string>(args_, "operation");
  const std::optional<TokenRow> row = tidb().token(ctx.call());
  if (row && note_of(*row, owner)) return holds();
  // Taken anew after a restart, when this operation had opened it already.
  if (ports_.gate.look(cluster(), ctx.call()).open_everywhere()) return holds();
  return refused("GATE_NOT_OURS",
                 "no note of operation " + owner + " stands on " + cluster().value(),
                 "bdrmesh gate list");
}

Verdict ReopenGateOf::verify(StepContext& ctx) {
  const std::optional<TokenRow> row = tidb().token(ctx.call());
  if (row && note_of(*row, get_required<std::string>(args_, "operation")))
    return not_yet("the gate of " + cluster().value() + " to be opened");
  const GateView view = ports_.gate.look(cluster(), ctx.call());
  return view.open_everywhere() ? holds()
                                : not_yet("writes to be possible again on " + view.not_open());
}

void ReopenGateOf::execute(StepContext& ctx) {
  ports_.gate.open_if_ours(cluster(), get_required<std::string>(args_, "operation"), ctx.call());
}

}  // namespace bdrmesh::flows
