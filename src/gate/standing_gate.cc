#include "gate/standing_gate.h"

namespace bdrmesh {
namespace {

Error note_gone(const ClusterName& cluster, const std::string& whose) {
  return {ErrorKind::conflict, "GATE_NOTE_GONE",
          "the note of " + whose + " is gone from " + cluster.value(),
          "find out who opened its gate, then run the operation again"};
}

GateNote standing_note(const std::string& role, WallTime now) {
  GateNote note;
  note.operation = standing_owner(role);
  note.reason = "it is the " + role;
  note.since = to_rfc3339(now);
  note.since_ms = to_millis(now);
  note.standing = true;
  return note;
}

}  // namespace

std::string standing_owner(const std::string& role) { return "role: " + role; }

std::string former_member_role(const std::string& group) { return "former member of " + group; }

std::string evacuated_role(const std::string& group) { return "evacuated member of " + group; }

std::string stopped_member_role(const std::string& group) {
  return "member of the stopped group " + group;
}

std::string command_to_open(const ClusterName& cluster, const GateNote& standing) {
  if (standing.operation.starts_with(standing_owner(former_member_role(""))))
    return "bdrmesh gate open " + cluster.value();
  if (standing.operation.starts_with(standing_owner(stopped_member_role(""))))
    return "bdrmesh gate open " + cluster.value();
  if (standing.operation.starts_with(standing_owner(evacuated_role(""))))
    return "bdrmesh cluster evacuate " + cluster.value() + " --back";
  return {};
}

void announce_standing(TokenKeeper& tokens, const ClusterName& cluster, const std::string& role,
                       WallTime now, const std::string& operation, const Call& call) {
  tokens.edit(
      cluster,
      [&](TokenRow& row) {
        const bool stands = note_of(row, standing_owner(role)).has_value();
        if (!operation.empty() && !stands && !note_of(row, operation))
          throw note_gone(cluster, "operation " + operation);
        if (!stands) put_note(row, standing_note(role, now));
        if (!operation.empty()) take_note(row, operation);
      },
      call);
}

void release_standing(TokenKeeper& tokens, const ClusterName& cluster, const std::string& role,
                      const GateNote& note, const Call& call) {
  tokens.edit(
      cluster,
      [&](TokenRow& row) {
        const bool stands = note_of(row, standing_owner(role)).has_value();
        if (!stands && !note_of(row, note.operation)) throw note_gone(cluster, "the " + role);
        if (stands) put_note(row, note);
        take_note(row, standing_owner(role));
      },
      call);
}

}  // namespace bdrmesh
