#include "app/cli/render/render.h"

#include <algorithm>
#include <cctype>

#include "app/cli/render/narrator.h"
#include "app/cli/render/render_text.h"

namespace bdrmesh {
namespace {

constexpr std::size_t kShort =
    40;  ///< of an error in an overview: the reasons above it say everything
constexpr std::size_t kLong = 2000;

/// For overviews: what decides whether somebody has to get up.
TextTable link_table(const Json& links) {
  TextTable table({"LINK", "VERDICT", "LAG", "PROVEN AT", "ERROR"});
  for (const Json& link : links) {
    table.row({text_of(link, "from") + " → " + text_of(link, "to"), text_of(link, "verdict"),
               span_text(part_of(link, "lag_ms")), text_of(link, "proven_at"),
               clipped(text_of(part_of(link, "error"), "message"), kShort)});
  }
  return table;
}

std::string servers_text(const Json& cluster) {
  const Json& servers = list_of(cluster, "servers");
  std::size_t reachable = 0;
  for (const Json& server : servers) reachable += is_true(server, "reachable") ? 1 : 0;
  return std::to_string(reachable) + "/" + std::to_string(servers.size());
}

std::string token_text(const Json& token) {
  if (!token.is_object()) return "-";
  return is_true(token, "ours") ? "ours" : "held by " + text_of(token, "manager");
}

TextTable cluster_table(const Json& clusters, std::size_t longest_error) {
  TextTable table({"CLUSTER", "TIDB", "SERVERS", "ROLE", "GATE", "TICDC", "TOKEN", "ERROR"});
  for (const Json& cluster : clusters) {
    const Json& ticdc = part_of(cluster, "ticdc");
    const std::string cdc =
        text_of(ticdc, "version") + (is_true(ticdc, "healthy") ? "" : " (unhealthy)");
    table.row({text_of(cluster, "name"), text_of(cluster, "version"), servers_text(cluster),
               text_of(cluster, "role"), text_of(cluster, "gate"), cdc,
               token_text(part_of(cluster, "token")),
               clipped(text_of(cluster, "error"), longest_error)});
  }
  return table;
}

std::string took_text(const Json& operation) {
  const auto took = between(part_of(operation, "created"), part_of(operation, "ended"), WallTime{});
  return part_of(operation, "ended").is_string() && took ? span_text(took->count()) : "-";
}

TextTable operation_table(const Json& operations) {
  TextTable table({"OPERATION", "STATE", "KIND", "CREATED", "TOOK", "STAGE", "TITLE"});
  for (const Json& op : operations) {
    table.row({text_of(op, "id"), text_of(op, "state"), text_of(op, "kind"), text_of(op, "created"),
               took_text(op), text_of(op, "stage"), text_of(op, "title")});
  }
  return table;
}

/// One gate in a few lines: whoever reads it has to know how long and how to undo it.
std::string gate_lines(const Json& gate) {
  std::string state = text_of(gate, "state");
  std::ranges::transform(state, state.begin(), [](unsigned char c) { return std::toupper(c); });
  std::string out = "GATE  " + state + " on " + text_of(gate, "cluster");
  if (part_of(gate, "age_ms").is_number()) out += " for " + span_text(part_of(gate, "age_ms"));
  if (part_of(gate, "since").is_string()) out += ", since " + text_of(gate, "since");
  out += "\n";
  if (part_of(gate, "reason").is_string()) out += "      why: " + text_of(gate, "reason") + "\n";
  if (part_of(gate, "operation").is_string()) {
    out += "      operation " + text_of(gate, "operation") +
           (is_true(gate, "line_crossed") ? ", past its point of no return" : "") + "\n";
  }
  if (part_of(gate, "undo").is_string()) out += "      undo: " + text_of(gate, "undo") + "\n";
  return out;
}

std::string group_heading(const Json& group) {
  std::string line = "group " + text_of(group, "name") + "  " + text_of(group, "kind") + "  " +
                     text_of(group, "verdict");
  if (part_of(group, "ddl_primary").is_string())
    line += "  DDL primary " + text_of(group, "ddl_primary");
  return line + "\n";
}

}  // namespace

std::string render_status(const Json& status) {
  std::string out = text_of(status, "verdict") + "  " + text_of(status, "at") + "\n";
  // Applications that cannot write come before everything else.
  for (const Json& gate : list_of(status, "gates")) out += gate_lines(gate);
  for (const Json& reason : list_of(status, "reasons")) out += "  · " + value_text(reason) + "\n";
  if (text_of(status, "next") != "-") out += "next: " + text_of(status, "next") + "\n";
  if (!list_of(status, "operations").empty())
    out += "\n" + operation_table(list_of(status, "operations")).text();
  out += "\n" + cluster_table(list_of(status, "clusters"), kShort).text();
  for (const Json& group : list_of(status, "groups")) {
    out += "\n" + group_heading(group) + link_table(list_of(group, "links")).text(2);
  }
  return out;
}

std::string render_clusters(const Json& answer) {
  return cluster_table(list_of(answer, "clusters"), kLong).text();
}

std::string render_group(const Json& group) {
  const std::string findings = render_findings(list_of(group, "findings"));
  return group_heading(group) + link_table(list_of(group, "links")).text(2) +
         (findings.empty() ? "" : "\n" + findings);
}

std::string render_group_plan(const Json& plan) {
  TextTable table({"OBJECT", "PROPERTY", "CHANGE", "WANTED", "SEEN", "WHY"});
  for (const Json& change : list_of(plan, "changes")) {
    if (text_of(change, "change") == "none") continue;
    table.row({text_of(change, "object"), text_of(change, "property"), text_of(change, "change"),
               text_of(change, "wanted"), text_of(change, "seen"), text_of(change, "why")});
  }
  const std::string name = text_of(plan, "group");
  const std::string findings = render_findings(list_of(plan, "findings"));
  if (table.empty() && findings.empty()) return "group " + name + " is as configured\n";
  std::string out = table.empty() ? "every object is as configured\n" : table.text();
  if (!findings.empty()) out += "\n" + findings;
  return out + "\nnext: bdrmesh group apply " + name + "\n";
}

std::string render_links(const Json& answer) {
  TextTable table({"GROUP", "LINK", "VERDICT", "LAG", "STATE", "CHECKPOINT", "AT", "PROVEN AT"});
  for (const Json& link : list_of(answer, "links")) {
    table.row({text_of(link, "group"), text_of(link, "from") + " → " + text_of(link, "to"),
               text_of(link, "verdict"), span_text(part_of(link, "lag_ms")), text_of(link, "state"),
               text_of(link, "checkpoint"), text_of(link, "checkpoint_time"),
               text_of(link, "proven_at")});
  }
  return table.text();
}

std::string render_link(const Json& link) {
  std::string out = "link " + text_of(link, "from") + " → " + text_of(link, "to") + " of group " +
                    text_of(link, "group") + "\n";
  const auto line = [&out](const std::string& name, const std::string& value) {
    out += "  " + name + std::string(name.size() < 12 ? 12 - name.size() : 1, ' ') + value + "\n";
  };
  line("verdict", text_of(link, "verdict") + " since " + text_of(link, "since"));
  line("changefeed",
       text_of(link, "changefeed") + " (incarnation " + text_of(link, "incarnation") + ")");
  line("state", text_of(link, "state"));
  line("checkpoint", text_of(link, "checkpoint") + "  " + text_of(link, "checkpoint_time"));
  line("lag", span_text(part_of(link, "lag_ms")));
  line("proven at", text_of(link, "proven_at"));
  if (text_of(link, "why") != "-") line("why", text_of(link, "why"));
  const Json& gc = part_of(link, "gc");
  if (gc.is_object() && text_of(gc, "dies_at") != "-")
    line("history", text_of(gc, "level") + "; if nothing moves, gone at " + text_of(gc, "dies_at"));
  const Json& error = part_of(link, "error");
  if (error.is_object()) line("error", text_of(error, "code") + ": " + text_of(error, "message"));
  return out;
}

std::string render_operations(const Json& answer) {
  const TextTable table = operation_table(list_of(answer, "operations"));
  return table.empty() ? "no operation yet\n" : table.text();
}

std::string render_events(const Json& answer) {
  TextTable table({"NUMBER", "AT", "SEVERITY", "OPERATION", "SUBJECT", "TEXT"});
  for (const Json& event : list_of(answer, "events")) {
    table.row({text_of(event, "number"), text_of(event, "at"), text_of(event, "severity"),
               text_of(event, "operation"), text_of(event, "subject"), text_of(event, "text")});
  }
  return table.empty() ? "nothing has happened yet\n" : table.text();
}

std::string render_gates(const Json& answer) {
  std::string out;
  for (const Json& gate : list_of(answer, "gates")) out += gate_lines(gate);
  return out.empty() ? "no gate is known to be closed\n" : out;
}

std::string render_doctor(const Json& answer) {
  TextTable table({"SEVERITY", "CLUSTER", "CODE", "FINDING"});
  std::string remedies;
  for (const Json& finding : list_of(answer, "findings")) {
    table.row({text_of(finding, "severity"), text_of(finding, "cluster"), text_of(finding, "code"),
               text_of(finding, "text")});
    const std::string remedy = text_of(finding, "remedy");
    if (remedy != "-")
      remedies +=
          text_of(finding, "cluster") + ": " + text_of(finding, "code") + "\n  → " + remedy + "\n";
  }
  std::string out = is_true(answer, "ok") ? "everything that was looked at is in order\n"
                                          : "something must be mended first\n";
  if (!table.empty()) out += "\n" + table.text();
  return remedies.empty() ? out : out + "\n" + remedies;
}

}  // namespace bdrmesh
