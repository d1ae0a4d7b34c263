#include <map>

#include "doctor/checks.h"

namespace bdrmesh::doctor {
namespace {

void judge_gates(const ClusterName& name, const TokenRow& row, Findings& findings) {
  for (const Json& note : row.gates) {
    findings.warn("GATE_NOTED", name,
                  "operation " + get_or<std::string>(note, "operation", "unknown") + " noted on " +
                      name.value() + " that it closes the gate, since " +
                      get_or<std::string>(note, "since", "unknown"),
                  "bdrmesh gate list");
  }
}

}  // namespace

std::vector<Finding> Tokens::run(CheckContext& ctx) const {
  Findings findings;
  std::map<std::string, std::string> managers;  // manager to the clusters that it holds
  for (const ClusterName& name : ctx.members_in(ctx.with_tidb)) {
    ctx.asked(findings, name, "token row", [&] {
      const auto row = ctx.world.tidb(name).token(ctx.call);
      if (!row) return;
      if (!row->manager.empty()) {
        std::string& held = managers[row->manager];
        held += (held.empty() ? "" : ", ") + name.value();
      }
      judge_gates(name, *row, findings);
    });
  }
  if (managers.size() == 1) {
    findings.ok("ONE_MANAGER", ClusterName(),
                "manager " + managers.begin()->first + " holds " + managers.begin()->second);
  } else if (managers.size() > 1) {
    std::string who;
    for (const auto& [manager, clusters] : managers) {
      if (!who.empty()) who += "; ";
      who.append(manager).append(" holds ").append(clusters);
    }
    findings.error(
        "MANAGERS_DIFFER", ClusterName(),
        "the clusters are not all held by the same manager: " + who,
        "stop the manager that is not wanted; the other's `group apply` says how to take over");
  }
  return findings.take();
}

}  // namespace bdrmesh::doctor
