#include "app/cli/render/render.h"
#include "app/cli/render/render_text.h"

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
    for (const std::string& key : keys) cells.push_back(text_of(row, key.c_str()));
    table.row(std::move(cells));
  }
  return table;
}

std::string list_text(const Json& list) {
  std::string text;
  for (const Json& item : list) text += (text.empty() ? "" : ", ") + value_text(item);
  return text.empty() ? "none" : text;
}

std::string result_text(const Json& result) {
  std::string out;
  std::string tables;
  if (!result.is_object()) return out;
  for (const auto& [key, value] : result.items()) {
    if (value.is_array() && !value.empty() && value.front().is_object()) {
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

void stage_rows(TextTable& table, const Json& stage) {
  const std::string name =
      text_of(stage, "name") + (is_true(stage, "behind_line") ? " (behind the line)" : "");
  bool first = true;
  for (const Json& step : list_of(stage, "steps")) {
    const std::string waiting = text_of(step, "waiting_for");
    const std::string note = text_of(step, "note");
    table.row({first ? name : "", text_of(step, "name"), text_of(step, "state"),
               text_of(step, "started"), text_of(step, "ended"),
               waiting == "-" ? note : "waits for " + waiting});
    first = false;
  }
}

std::string stages_text(const Json& stages) {
  TextTable table({"STAGE", "STEP", "STATE", "STARTED", "ENDED", "NOTE"});
  bool drawn = false;
  for (const Json& stage : stages) {
    if (!drawn && is_true(stage, "behind_line")) {
      table.row({"── point of no return ──"});
      drawn = true;
    }
    stage_rows(table, stage);
  }
  return table.text();
}

}  // namespace

std::string render_outcome(const Json& operation) {
  std::string out = text_of(operation, "kind") + " " + text_of(operation, "state") + ": " +
                    text_of(operation, "title") + "\n";
  if (part_of(operation, "error").is_object()) out += error_text(part_of(operation, "error"));
  field(out, "operation", text_of(operation, "id"));
  field(out, "started", text_of(operation, "created"));
  field(out, "ended", text_of(operation, "ended"));
  pause_lines(out, part_of(operation, "pause"));
  if (part_of(operation, "line").is_object())
    field(out, "point of no return", line_text(part_of(operation, "line")));
  return out + result_text(part_of(operation, "result"));
}

std::string render_operation(const Json& operation) {
  std::string out = render_outcome(operation) + "\n" + stages_text(list_of(operation, "stages"));
  TextTable facts({"FACT", "SCOPE", "VALUE"});
  for (const Json& fact : list_of(operation, "facts")) {
    facts.row({text_of(fact, "name"), text_of(fact, "scope"), text_of(fact, "value")});
  }
  if (!facts.empty()) out += "\n" + facts.text();
  TextTable events({"AT", "SEVERITY", "EVENT"});
  for (const Json& event : list_of(operation, "events")) {
    events.row({text_of(event, "at"), text_of(event, "severity"), text_of(event, "text")});
  }
  if (!events.empty()) out += "\n" + events.text();
  return out;
}

std::string render_dry_run(const Json& answer) {
  const Json& plan = part_of(answer, "plan");
  std::string out = "plan: " + text_of(plan, "title") + " (nothing is changed)\n";
  TextTable statements({"STATEMENT", "CLASS", "STRATEGY", "REASON"});
  for (const Json& item : list_of(answer, "classification")) {
    statements.row({text_of(item, "statement"), text_of(item, "class"), text_of(item, "strategy"),
                    text_of(item, "reason")});
  }
  if (!statements.empty()) out += "\n" + statements.text();
  out += "\n" + stages_text(list_of(plan, "stages"));
  if (part_of(answer, "expected_pause_ms").is_number()) {
    out += "\nexpected pause of writes: " + span_text(part_of(answer, "expected_pause_ms")) + "\n";
  }
  TextTable findings({"STEP", "VERDICT", "REASON", "REMEDY"});
  for (const Json& item : list_of(answer, "findings")) {
    if (text_of(item, "verdict") == "holds") continue;
    findings.row({text_of(item, "step"), text_of(item, "verdict"), text_of(item, "reason"),
                  text_of(item, "remedy")});
  }
  if (!findings.empty()) out += "\n" + findings.text();
  TextTable blockers({"IN THE WAY ON", "USER", "HOST", "AGE", "STATEMENT"});
  for (const Json& item : list_of(answer, "blockers")) {
    blockers.row({text_of(item, "cluster"), text_of(item, "user"), text_of(item, "host"),
                  text_of(item, "age"), text_of(item, "statement")});
  }
  return out + (blockers.empty() ? "\nnobody is in the way\n" : "\n" + blockers.text());
}

}  // namespace bdrmesh
