#include "app/daemon/manager_view.h"

namespace bdrmesh {

Json manager_view(const ManagerInputs& inputs) {
  Json read_only_on = Json::array();
  for (const Json& cluster : inputs.clusters) {
    const Json& token = cluster.at("token");
    if (token.is_object() && !token.at("ours").get<bool>())
      read_only_on.push_back(cluster.at("name"));
  }
  const bool halted = !inputs.halted.empty();
  return {{"id", inputs.we.id},
          {"epoch", inputs.we.epoch},
          {"pid", inputs.pid},
          {"version", inputs.version},
          {"state", halted ? "halted" : "working"},
          {"why", halted ? Json(inputs.halted) : Json()},
          {"read_only_on", read_only_on}};
}

void judge_manager(const Json& manager, Overall& overall) {
  if (manager.at("state") != "halted") return;
  overall.verdict = "degraded";
  overall.reasons.insert(overall.reasons.begin(),
                         "this daemon (pid " + manager.at("pid").dump() +
                             ") only reads: it changes no cluster, closes and opens no gate and "
                             "goes on with no operation: " +
                             manager.at("why").get<std::string>());
  overall.next = "kill " + manager.at("pid").dump() +
                 ", then ask the daemon that has taken over: bdrmesh status; if there is none: "
                 "bdrmesh serve";
}

}  // namespace bdrmesh
