#include "app/cli/render/render.h"
#include "app/cli/render/render_text.h"

namespace bdrmesh {
namespace {

std::string stages_text(const Json& plan) {
  std::string out;
  const Json& stages = list_of(plan, "stages");
  bool drawn = false;
  for (std::size_t at = 0; at < stages.size(); ++at) {
    const Json& stage = stages[at];
    if (!drawn && is_true(stage, "behind_line")) {
      drawn = true;
      out += "  ── point of no return: " + text_of(part_of(plan, "line"), "crossed_when") +
             "; before it everything is undone on failure ──\n";
    }
    out += "  " + std::to_string(at + 1) + ". " + text_of(stage, "name") + "\n";
    std::string line = "       ";
    for (const Json& step : list_of(stage, "steps")) {
      const std::string name = text_of(step, "name");
      constexpr std::size_t kWidth = 80;
      if (line.size() + name.size() + 2 > kWidth && line.size() > 7) {
        out += line + "\n";
        line = "       ";
      }
      line += " " + name + ",";
    }
    if (line.ends_with(',')) line.pop_back();
    out += line + "\n";
  }
  if (!drawn) out += "  no point of no return: everything is undone on failure\n";
  return out;
}

std::string pause_text(const Json& answer) {
  if (!part_of(answer, "expected_pause_ms").is_number())
    return "\nwrites are not paused, as far as the plan tells\n";
  std::string out =
      "\nexpected pause of writes: " + span_text(part_of(answer, "expected_pause_ms")) + "\n";
  const Json& basis = list_of(answer, "expected_pause_rests_on");
  for (const Json& one : basis) out += "  · " + value_text(one) + "\n";
  if (basis.empty())
    out += "  rests on the lag of the slowest link now, and 400 ms for the gates\n";
  return out;
}

std::string seen_text(const Json& seen) {
  TextTable table({"SEEN NOW", "VALUE"});
  if (!seen.is_object()) return {};
  constexpr std::size_t kLongest = 60;
  for (const auto& [what, value] : seen.items()) {
    // Definitions of tables are compared, not read here; JSON has them whole.
    table.row({what, clipped(value_text(value), kLongest)});
  }
  return table.empty() ? "" : "\n" + table.text();
}

std::string findings_text(const Json& findings) {
  std::string out;
  for (const Json& item : findings) {
    if (text_of(item, "verdict") == "holds") continue;
    out += "  " + text_of(item, "verdict") + "  " + text_of(item, "step") + ": " +
           text_of(item, "reason") + "\n";
    if (text_of(item, "remedy") != "-") out += "      → " + text_of(item, "remedy") + "\n";
  }
  return out.empty() ? "" : "\nnot as it must be:\n" + out;
}

std::string blockers_text(const Json& blockers) {
  TextTable table({"IN THE WAY ON", "USER", "HOST", "AGE", "STATEMENT"});
  for (const Json& item : blockers) {
    table.row({text_of(item, "cluster"), text_of(item, "user"), text_of(item, "host"),
               text_of(item, "age"), text_of(item, "statement")});
  }
  if (table.empty()) return "\nnobody is in the way\n";
  return "\n" + table.text() + "they are waited for; with --kill they are ended at the deadline\n";
}

}  // namespace

std::string render_dry_run(const Json& answer) {
  const Json& plan = part_of(answer, "plan");
  std::string out = "plan: " + text_of(plan, "title") + " (nothing is changed)\n";
  TextTable statements({"STRATEGY", "CLASS", "STATEMENT"});
  for (const Json& item : list_of(answer, "classification")) {
    statements.row({text_of(item, "strategy"), text_of(item, "class"), text_of(item, "statement")});
  }
  if (!statements.empty()) out += "\n" + statements.text();
  out += "\n" + stages_text(plan);
  out += seen_text(part_of(answer, "seen"));
  out += pause_text(answer);
  out += findings_text(list_of(answer, "findings"));
  out += blockers_text(list_of(answer, "blockers"));
  const std::string id = text_of(answer, "plan_id");
  if (id == "-") return out;
  out += "\nplan " + id;
  if (part_of(answer, "expires").is_string()) out += ", kept until " + text_of(answer, "expires");
  return out + "\nto run exactly this: bdrmesh op run " + id + "\n";
}

}  // namespace bdrmesh
