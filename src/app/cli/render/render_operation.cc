#include "app/cli/render/narrator.h"
#include "app/cli/render/render.h"
#include "app/cli/render/render_text.h"
#include "app/cli/render/render_verification.h"
#include "app/cli/render/timeline.h"

namespace bdrmesh {
namespace {

void field(std::string& out, const std::string& name, const std::string& value) {
  out += "  " + name + std::string(name.size() < 20 ? 20 - name.size() : 1, ' ') + value + "\n";
}

std::string line_text(const Json& line) {
  const std::string when = text_of(line, "crossed_when");
  if (!is_true(line, "crossed")) return "not crossed (it is crossed when " + when + ")";
  const std::string evidence = text_of(line, "evidence");
  return "crossed: " + (evidence == "-" ? when : evidence);
}

std::string error_text(const Json& error) {
  std::string out = "  (" + text_of(error, "code") + ") " + text_of(error, "text") + "\n";
  if (text_of(error, "remedy") != "-") out += "  → " + text_of(error, "remedy") + "\n";
  return out;
}

TextTable rows_as_table(const Json& rows) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : rows.front().items()) keys.push_back(key);
  TextTable table(keys);
  for (const Json& row : rows) {
    std::vector<std::string> cells;
    cells.reserve(keys.size());
    for (const std::string& key : keys) cells.push_back(evidence_value(part_of(row, key.c_str())));
    table.row(std::move(cells));
  }
  return table;
}

/// Of links: what was proven of each; positions stand in the evidence.
TextTable proofs(const Json& links) {
  TextTable table({"LINK", "PROVEN", "ROUND TRIP", "AT", "WHY NOT"});
  for (const Json& link : links) {
    table.row({text_of(link, "link"), text_of(link, "proven"),
               span_text(part_of(link, "round_trip_ms")), text_of(link, "at"),
               text_of(link, "why")});
  }
  return table;
}

std::string list_text(const Json& list) {
  std::string text;
  for (const Json& item : list) text += (text.empty() ? "" : ", ") + value_text(item);
  return text.empty() ? "none" : text;
}

std::string result_text(const Json& result) {
  if (result.is_object() && result.contains("level")) return render_verification(result);
  std::string out;
  std::string tables;
  if (!result.is_object()) return out;
  for (const auto& [key, value] : result.items()) {
    if (key == "links" && value.is_array()) {
      tables += "\n" + proofs(value).text(2);
    } else if (value.is_array() && !value.empty() && value.front().is_object()) {
      tables += "\n" + key + ":\n" + rows_as_table(value).text(2);
    } else {
      field(out, key, value.is_array() ? list_text(value) : value_text(value));
    }
  }
  return out + tables;
}

void pause_lines(std::string& out, const Json& pause) {
  if (!pause.is_object()) return;
  if (part_of(pause, "expected_ms").is_number())
    field(out, "expected pause", span_text(part_of(pause, "expected_ms")));
  std::string measured = span_text(part_of(pause, "measured_ms"));
  if (part_of(pause, "limit_ms").is_number())
    measured += " (limit " + span_text(part_of(pause, "limit_ms")) + ")";
  field(out, "measured pause", measured);
}

std::string steps_text(const Json& stages) {
  TextTable table({"STEP", "STATE", "TOOK", "STARTED", "NAME", "NOTE"});
  bool drawn = false;
  for (const Json& stage : stages) {
    if (!drawn && is_true(stage, "behind_line")) {
      drawn = true;
      table.row({"── point of no return ──"});
    }
    for (const Json& step : list_of(stage, "steps")) {
      const auto took = between(part_of(step, "started"), part_of(step, "ended"), WallTime{});
      const std::string waiting = text_of(step, "waiting_for");
      const std::string note = text_of(step, "note");
      table.row({text_of(step, "id"), text_of(step, "state"),
                 part_of(step, "ended").is_string() && took ? span_text(took->count()) : "-",
                 text_of(step, "started"), text_of(step, "name"),
                 waiting != "-" ? waits(waiting)
                 : note == "-"  ? ""
                                : note});
    }
  }
  return table.empty() ? "" : "\n" + table.text();
}

std::string calls_text(const Json& operation) {
  if (!part_of(operation, "calls").is_array()) return {};
  TextTable table({"AT", "STEP", "TOOK", "ANSWER", "TARGET", "CALL"});
  for (const Json& call : list_of(operation, "calls")) {
    const std::string left_out = text_of(call, "left_out");
    table.row(
        {text_of(call, "at"), text_of(call, "step"), span_text(part_of(call, "took_ms")),
         text_of(call, "answer"), text_of(call, "target"),
         text_of(call, "what") +
             (left_out == "-" || left_out == "0" ? "" : " (" + left_out + " like it left out)")});
  }
  return "\n" + (table.empty() ? std::string("no call to a cluster is recorded\n") : table.text());
}

std::string evidence_text(const Json& facts) {
  TextTable table({"EVIDENCE", "OF", "VALUE"});
  for (const Json& fact : facts)
    table.row(
        {text_of(fact, "name"), text_of(fact, "scope"), evidence_value(part_of(fact, "value"))});
  return table.empty() ? "" : "\n" + table.text();
}

}  // namespace

std::string render_outcome(const Json& operation) {
  std::string out = text_of(operation, "kind") + " " + text_of(operation, "state") + ": " +
                    text_of(operation, "title") + "\n";
  if (part_of(operation, "error").is_object()) out += error_text(part_of(operation, "error"));
  field(out, "operation", text_of(operation, "id"));
  const std::string by = text_of(operation, "requested_by");
  field(out, "asked for", text_of(operation, "created") + (by == "-" ? "" : " by " + by));
  const auto took = between(part_of(operation, "created"), part_of(operation, "ended"), WallTime{});
  field(out, "ended",
        text_of(operation, "ended") + (part_of(operation, "ended").is_string() && took
                                           ? " (after " + span_text(took->count()) + ")"
                                           : ""));
  pause_lines(out, part_of(operation, "pause"));
  if (part_of(operation, "line").is_object())
    field(out, "point of no return", line_text(part_of(operation, "line")));
  return out + result_text(part_of(operation, "result"));
}

std::string render_operation(const Json& operation) {
  const std::string moments = timeline(operation);
  return render_outcome(operation) + (moments.empty() ? "" : "\n" + moments) +
         steps_text(list_of(operation, "stages")) + evidence_text(list_of(operation, "facts")) +
         calls_text(operation);
}

}  // namespace bdrmesh
