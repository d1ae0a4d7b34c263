#include "gate/rescue.h"

#include <algorithm>
#include <set>

namespace bdrmesh {
namespace {

constexpr Millis kServerPatience{2000};
constexpr Millis kPoll{100};

/// What is known of one operation from all notes that could be read.
struct OperationSeen {
  bool before_its_line = false;  ///< some note proves it: the line is announced everywhere first
};

std::map<std::string, OperationSeen> operations_in(const RescueLook& look) {
  std::map<std::string, OperationSeen> seen;
  for (const FoundGate& gate : look.gates) {
    if (!gate.note.line_crossed) seen[gate.note.operation].before_its_line = true;
  }
  return seen;
}

std::string silent_clusters(const RescueLook& look) {
  std::string names;
  for (const auto& [name, why] : look.silent) names += (names.empty() ? "" : ", ") + name.value();
  return names;
}

bool deadline_has_passed(const GateNote& note, WallTime now) {
  // RFC 3339 in UTC with a fixed number of digits: the order of the texts is that of the times.
  return note.deadline.empty() || note.deadline < to_rfc3339(now);
}

RescueDecision judge(const FoundGate& gate, const RescueLook& look, bool before_its_line,
                     WallTime now, bool manager_is_dead) {
  if (gate.note.standing) {
    return {gate, RescueAct::standing, gate.note.reason + ": it takes no writes, by its role",
            "closed is right; to let it take writes make it the primary"};
  }
  if (!before_its_line && !look.silent.empty()) {
    return {gate, RescueAct::unproven,
            "operation " + gate.note.operation +
                " may have crossed its point of no return, and what it noted on " +
                silent_clusters(look) + " cannot be read",
            "bring " + silent_clusters(look) + " back, then run rescue again"};
  }
  if (!before_its_line) {
    return {gate, RescueAct::line_crossed,
            "operation " + gate.note.operation +
                " may have crossed its point of no return: schemas may differ between clusters",
            "start the manager on its state file and: bdrmesh op show " + gate.note.operation +
                "; without it compare the schemas by hand (ADMIN SHOW DDL JOBS, SHOW CREATE TABLE) "
                "before SET GLOBAL tidb_super_read_only = OFF on every cluster"};
  }
  if (!manager_is_dead && !deadline_has_passed(gate.note, now)) {
    return {gate, RescueAct::wait,
            "a manager that lives opens it by itself until " + gate.note.deadline,
            "run rescue again after " + gate.note.deadline +
                ", or at once with --manager-is-dead when you know that it is"};
  }
  return {gate, RescueAct::open,
          "operation " + gate.note.operation + " has not crossed its point of no return", ""};
}

constexpr const char* kRescued = "rescued";

void note_rescued(TokenRow& row, const std::string& operation) {
  Json& list = row.remembered[kRescued];
  if (!list.is_array()) list = Json::array();
  if (!was_rescued(row, operation)) list.push_back(operation);
}

}  // namespace

bool was_rescued(const TokenRow& row, const std::string& operation) {
  const Json list = row.remembered.value(kRescued, Json::array());
  return std::ranges::find(list, Json(operation)) != list.end();
}

std::string_view to_string(RescueAct act) {
  switch (act) {
    case RescueAct::open:
      return "open";
    case RescueAct::wait:
      return "wait";
    case RescueAct::line_crossed:
      return "line crossed";
    case RescueAct::unproven:
      return "unproven";
    case RescueAct::standing:
      return "standing";
  }
  return "";
}

std::vector<RescueDecision> judge_rescue(const RescueLook& look, WallTime now,
                                         bool manager_is_dead) {
  auto operations = operations_in(look);
  std::vector<RescueDecision> decisions;
  std::set<ClusterName> held;  // clusters with a note that must stay: their gate stays closed
  for (const FoundGate& gate : look.gates) {
    const bool before = operations[gate.note.operation].before_its_line;
    decisions.push_back(judge(gate, look, before, now, manager_is_dead));
    if (decisions.back().act != RescueAct::open) held.insert(gate.cluster);
  }
  for (RescueDecision& decision : decisions) {
    if (decision.act != RescueAct::open || !held.contains(decision.gate.cluster)) continue;
    decision.act = RescueAct::wait;
    decision.why = "something else holds the gate of " + decision.gate.cluster.value() + " too";
    decision.next = "see what is said of the other note";
  }
  return decisions;
}

RescueLook Rescue::look(Millis patience, const std::stop_token& stop) const {
  RescueLook look;
  for (const ClusterName& name : clusters_) {
    const Call call{clock_.mono() + patience, stop};
    try {
      TidbCluster& tidb = world_.tidb(name);
      const std::optional<TokenRow> row = tidb.token(call);
      const std::vector<GateNote> notes = row ? gate_notes(*row) : std::vector<GateNote>{};
      for (const GateNote& note : notes)
        look.gates.push_back({name, row->manager, row->epoch, note});
      const std::string at = row ? holder_address(*row) : "";
      if (!at.empty() && std::ranges::find(look.holders, at) == look.holders.end())
        look.holders.push_back(at);
      if (!notes.empty()) continue;
      const GateView view = look_at_gate(tidb, clock_, kServerPatience, call);
      if (!view.open_everywhere()) look.unexplained.push_back({name, view.not_open()});
    } catch (const Error& e) {
      if (e.kind() == ErrorKind::cancelled) throw;
      look.silent[name] = e.code() + ": " + e.message();
    }
  }
  return look;
}

TokenRow Rescue::found_again(const FoundGate& gate, const Call& call) const {
  const std::optional<TokenRow> row = world_.tidb(gate.cluster).token(call);
  const std::optional<GateNote> note =
      row && row->manager == gate.manager ? note_of(*row, gate.note.operation) : std::nullopt;
  if (note && note->line_crossed == gate.note.line_crossed) return *row;
  throw Error(
      ErrorKind::conflict, "RESCUE_TOO_LATE",
      "the token row of " + gate.cluster.value() + " has changed meanwhile: a manager is at work",
      "bdrmesh op list");
}

void Rescue::take(const FoundGate& gate, const Call& call) const {
  const TokenRow row = found_again(gate, call);
  // One more than its manager had, and no more: the manager's next start must be able to follow.
  const bool outdated = row.epoch != gate.epoch || held_by_rescue(row);
  const std::uint64_t epoch = outdated ? row.epoch : gate.epoch + 1;
  TokenKeeper keeper(world_, {gate.manager, epoch, kRescueStart});
  keeper.edit(
      gate.cluster, [&](TokenRow& edited) { note_rescued(edited, gate.note.operation); }, call);
}

void Rescue::open(const FoundGate& gate, const Call& call) const {
  take(gate, call);
  TidbCluster& tidb = world_.tidb(gate.cluster);
  TokenKeeper keeper(world_, {gate.manager, found_again(gate, call).epoch, kRescueStart});
  ReadOnlyGate write_gate(world_, keeper, clock_, kServerPatience);
  write_gate.open_if_ours(gate.cluster, gate.note.operation, call);
  const std::optional<TokenRow> after = tidb.token(call);
  if (after && !gate_notes(*after).empty()) return;  // the last note of the cluster opens it
  for (;;) {
    const GateView view = write_gate.look(gate.cluster, call);
    if (view.open_everywhere()) return;
    if (clock_.mono() >= call.deadline) {
      throw Error(ErrorKind::transient, "GATE_NOT_SEEN_OPEN",
                  "the gate of " + gate.cluster.value() + " was opened, but is not seen open on " +
                      view.not_open(),
                  "look at these tidb-servers; the others take writes");
    }
    if (!clock_.wait_for(kPoll, call.stop))
      throw Error(ErrorKind::cancelled, "CANCELLED", "asked to stop");
  }
}

}  // namespace bdrmesh
