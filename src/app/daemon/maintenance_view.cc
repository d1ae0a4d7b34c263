#include "app/daemon/maintenance_view.h"

namespace bdrmesh::views {

Maintenances maintenances(const StateStore& store, WallTime now) {
  Maintenances all;
  for (const OperationRecord& record : store.unfinished_operations()) {
    if (record.kind != "maintenance.start") continue;
    const Json subject = get_or<Json>(record.plan, "subject", Json::object());
    for (const FactRecord& fact : store.facts(record.id)) {
      if (fact.name != "maintenance") continue;
      if (get_or<std::int64_t>(fact.value, "until_ms", 0) <= to_millis(now)) continue;
      all[fact.scope] = {{"operation", record.id},
                         {"reason", get_or<std::string>(subject, "reason", "")},
                         {"until", get_or<std::string>(fact.value, "until", "")}};
    }
  }
  return all;
}

Maintenances MaintenanceBook::now() const {
  static constexpr Millis kFresh{300};
  const std::scoped_lock lock(mutex_);
  const MonoTime now = clock_.mono();
  if (!known_ || now - read_ >= kFresh) {
    all_ = maintenances(store_, clock_.now());
    read_ = now;
    known_ = true;
  }
  return all_;
}

void add_maintenance_of_cluster(Json& cluster, const Maintenances& all) {
  const auto found = all.find(cluster.at("name").get<std::string>());
  cluster["maintenance"] = found == all.end() ? Json() : found->second;
}

void add_maintenance_of_link(Json& link, const Maintenances& all) {
  link["maintenance"] = nullptr;
  for (const char* end : {"from", "to"}) {
    const std::string cluster = link.at(end).get<std::string>();
    const auto found = all.find(cluster);
    if (found == all.end()) continue;
    link["maintenance"] = found->second;
    const std::string word = link.at("verdict");
    if (word == "moving" || word == "missing" || word == "maintenance") return;
    const std::string why = get_or<std::string>(link, "why", "");
    link["why"] = cluster + " is in maintenance until " +
                  found->second.at("until").get<std::string>() + "; else it would be " + word +
                  (why.empty() ? "" : ": " + why);
    link["verdict"] = "maintenance";
    return;
  }
}

}  // namespace bdrmesh::views
