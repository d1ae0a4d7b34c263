#include "gate/write_gate.h"

#include <algorithm>

namespace bdrmesh {

void put_note(TokenRow& row, const GateNote& note) {
  Json kept = Json::array();
  for (const Json& other : row.gates) {
    if (get_or<std::string>(other, "operation", "") != note.operation) kept.push_back(other);
  }
  kept.push_back(to_json(note));
  row.gates = std::move(kept);
}

void take_note(TokenRow& row, const std::string& operation) {
  Json kept = Json::array();
  for (const Json& other : row.gates) {
    if (get_or<std::string>(other, "operation", "") != operation) kept.push_back(other);
  }
  row.gates = std::move(kept);
}

Json to_json(const GateNote& note) {
  Json json{{"operation", note.operation},
            {"reason", note.reason},
            {"since", note.since},
            {"since_ms", note.since_ms},
            {"deadline", note.deadline},
            {"line_crossed", note.line_crossed},
            {"undo", "SET GLOBAL tidb_super_read_only = OFF"}};
  if (!note.standing) return json;
  json["standing"] = true;
  json["undo"] = "none: the cluster's role wants it closed";
  return json;
}

GateNote gate_note_from(const Json& json) {
  GateNote note;
  note.operation = get_or<std::string>(json, "operation", "");
  note.reason = get_or<std::string>(json, "reason", "");
  note.since = get_or<std::string>(json, "since", "");
  note.since_ms = get_or<std::int64_t>(json, "since_ms", 0);
  note.deadline = get_or<std::string>(json, "deadline", "");
  note.line_crossed = get_or(json, "line_crossed", false);
  note.standing = get_or(json, "standing", false);
  return note;
}

void ReadOnlyGate::announce(const ClusterName& cluster, const GateNote& note, const Call& call) {
  tokens_.edit(
      cluster, [&](TokenRow& row) { put_note(row, note); }, call);
}

void ReadOnlyGate::announce_line(const ClusterName& cluster, const std::string& operation,
                                 const Call& call) {
  tokens_.edit(
      cluster,
      [&](TokenRow& row) {
        std::optional<GateNote> note = note_of(row, operation);
        if (!note) {
          throw Error(ErrorKind::conflict, "GATE_NOTE_GONE",
                      "the note of operation " + operation + " is gone from " + cluster.value(),
                      "find out who opened its gate, then run the operation again");
        }
        note->line_crossed = true;
        put_note(row, *note);
      },
      call);
}

void ReadOnlyGate::close(const ClusterName& cluster, const Call& call) {
  world_.tidb(cluster).set_super_read_only(true, call);
}

GateView ReadOnlyGate::look(const ClusterName& cluster, const Call& call) {
  return look_at_gate(world_.tidb(cluster), clock_, server_patience_, call);
}

bool ReadOnlyGate::open_if_ours(const ClusterName& cluster, const std::string& operation,
                                const Call& call) {
  const std::optional<TokenRow> row = world_.tidb(cluster).token(call);
  if (!row || !note_of(*row, operation)) return false;
  tokens_.claim(cluster, call);  // an old process must not open what a newer one has closed
  const bool others = std::ranges::any_of(
      gate_notes(*row), [&](const GateNote& note) { return note.operation != operation; });
  if (!others) world_.tidb(cluster).set_super_read_only(false, call);
  tokens_.edit(
      cluster, [&](TokenRow& edited) { take_note(edited, operation); }, call);
  return true;
}

std::vector<GateNote> gate_notes(const TokenRow& row) {
  std::vector<GateNote> notes;
  for (const Json& note : row.gates) notes.push_back(gate_note_from(note));
  return notes;
}

std::optional<GateNote> note_of(const TokenRow& row, const std::string& operation) {
  for (const GateNote& note : gate_notes(row)) {
    if (note.operation == operation) return note;
  }
  return std::nullopt;
}

}  // namespace bdrmesh
