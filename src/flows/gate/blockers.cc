#include "flows/gate/blockers.h"

#include "base/error.h"
#include "flows/gate/gate_steps.h"

namespace bdrmesh::flows {

Json blockers_of(const FlowPorts& ports, const std::vector<ClusterName>& clusters,
                 const std::vector<TableName>& tables, const Call& call) {
  // One frozen server must not use up the time of the other clusters, which are innocent.
  static constexpr Millis kPatience{4000};
  Json blockers = Json::array();
  for (const ClusterName& name : clusters) {
    const InTheWay seen =
        look_for_writers(ports, name, tables, call.within(ports.clock.mono(), kPatience));
    if (!seen.incomplete.empty()) {
      throw Error(ErrorKind::precondition, "TRANSACTIONS_UNKNOWN",
                  "who writes on " + name.value() + " is not known: " + seen.incomplete,
                  "every tidb-server must answer before a gate is closed: bring it back or take it "
                  "out of the cluster, then try again");
    }
    for (const OpenTransaction& row : seen.transactions) {
      const auto age = (to_millis(ports.clock.now()) - to_millis(row.start_ts.time())) / 1000;
      blockers.push_back({{"cluster", name.value()},
                          {"user", row.user},
                          {"host", row.instance},
                          {"statement", row.statement},
                          {"age", std::to_string(age) + " s"},
                          {"session", row.session_id}});
    }
  }
  return blockers;
}

}  // namespace bdrmesh::flows
