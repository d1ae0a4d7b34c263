#include <map>

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

/// The stages in which gates are closed, as `6 to 10`; empty when none is.
std::string closed_stages(const Json& plan) {
  std::size_t first = 0;
  std::size_t last = 0;
  std::size_t at = 0;
  const Json& stages = list_of(plan, "stages");
  // Clusters that are being filled serve nobody: no pause of anything.
  for (const Json& stage : stages) {
    ++at;
    const std::string stage_name = text_of(stage, "name");
    if (stage_name.find("the empty ones") != std::string::npos) continue;
    if (stage_name.find("the filled ones") != std::string::npos) continue;
    for (const Json& step : list_of(stage, "steps")) {
      const std::string name = text_of(step, "name");
      if (first == 0 && name.starts_with("close_gate")) first = at;
      if (first != 0 && name.starts_with("open_gate")) last = at;
    }
  }
  if (first == 0) return {};
  return std::to_string(first) + (last > first ? " to " + std::to_string(last) : " on");
}

/// What a failover gives up, before it does.
std::string loss_text(const Json& answer) {
  const Json& loss = part_of(answer, "loss");
  return loss.is_object() ? "\nLOSS  " + text_of(loss, "text") + "\n" : "";
}

std::string pause_text(const Json& answer) {
  const std::string stages = closed_stages(part_of(answer, "plan"));
  if (!part_of(answer, "expected_pause_ms").is_number()) {
    return stages.empty()
               ? "\nwrites are not paused\n"
               : "\nwrites are paused in stages " + stages + "; for how long is not estimated\n";
  }
  std::string out =
      "\nexpected pause of writes: " + span_text(part_of(answer, "expected_pause_ms")) + "\n";
  if (!stages.empty()) out += "  · in stages " + stages + "\n";
  const Json& basis = list_of(answer, "expected_pause_rests_on");
  for (const Json& one : basis) out += "  · " + value_text(one) + "\n";
  if (basis.empty())
    out +=
        "  · rests on the lag of the slowest link now and 400 ms for the gates; transactions in\n"
        "    the way and the DDL itself come on top\n";
  return out;
}

/// A line for each cluster and link: `east  role primary, version v8.5.3`. What the configuration
/// says is no news; JSON has it all.
std::string seen_text(const Json& seen) {
  TextTable table({"SEEN NOW", "AS"});
  if (!seen.is_object()) return {};
  constexpr std::size_t kLongest = 60;
  std::map<std::string, std::string> by_object;
  for (const auto& [what, value] : seen.items()) {
    const std::size_t dot = what.find('.');
    if (dot == std::string::npos || what.starts_with("config.")) continue;
    std::string& text = by_object[what.substr(0, dot)];
    text += (text.empty() ? "" : ", ") + what.substr(dot + 1) + " " +
            clipped(value_text(value), kLongest);
  }
  for (const auto& [object, text] : by_object) table.row({object, text});
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

/// What else there is to know before it is run.
std::string notes_text(const Json& notes) {
  std::string out;
  for (const Json& note : notes) out += "  · " + value_text(note) + "\n";
  return out.empty() ? "" : "\nto be known:\n" + out;
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

/// What whoever runs it must give.
std::string names_text(const Json& names) {
  std::string options;
  for (const Json& name : names) options += " --confirm " + value_text(name);
  return options.empty() ? "" : "\nprotected: it is refused without" + options + "\n";
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
  out += loss_text(answer) + pause_text(answer);
  out += notes_text(list_of(answer, "notes"));
  out += findings_text(list_of(answer, "findings"));
  out += blockers_text(list_of(answer, "blockers"));
  out += names_text(list_of(answer, "names_to_type"));
  const std::string id = text_of(answer, "plan_id");
  if (id == "-") return out;
  out += "\nplan " + id;
  if (part_of(answer, "expires").is_string()) out += ", kept until " + text_of(answer, "expires");
  return out + "\nto run exactly this: bdrmesh op run " + id + "\n";
}

}  // namespace bdrmesh
