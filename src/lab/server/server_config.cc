#include "lab/server/server_config.h"

#include "base/json.h"

namespace bdrmesh::lab {

namespace {

constexpr Version kKnowsShortIds{7, 3, 0};

Json config_of(const ClusterState& cluster, std::size_t server) {
  const std::string address = cluster.front_end(server).address;
  const std::size_t colon = address.rfind(':');
  const std::string port = colon == std::string::npos ? "0" : address.substr(colon + 1);
  Json config = {
      {"host", "127.0.0.1"},
      {"advertise-address", "127.0.0.1"},
      {"port", std::stoi(port)},
      {"store", "tikv"},
      {"path", cluster.pd_address()},
      {"lease", "45s"},
      {"split-table", true},
      {"token-limit", 1000},
      {"enable-table-lock", cluster.faults.table_locks_enabled()},
      {"delay-clean-table-lock", 0},
      {"enable-global-kill", true},
      {"new_collations_enabled_on_first_bootstrap", true},
      {"security", {{"skip-grant-table", false}, {"enable-sem", false}, {"ssl-ca", ""}}}};
  if (cluster.profile.tidb >= kKnowsShortIds) config["enable-32bits-connection-id"] = true;
  return config;
}

std::string shown(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

void flatten(const Json& config, const std::string& prefix, ConfigItem item,
             std::vector<ConfigItem>& items) {
  for (const auto& [key, value] : config.items()) {
    if (value.is_object()) {
      flatten(value, prefix + key + ".", item, items);
      continue;
    }
    item.name = prefix + key;
    item.value = shown(value);
    items.push_back(item);
  }
}

}  // namespace

std::string tidb_config(const ClusterState& cluster, std::size_t server) {
  return config_of(cluster, server).dump();
}

std::vector<ConfigItem> config_items(const ClusterState& cluster) {
  std::vector<ConfigItem> items;
  for (std::size_t server = 0; server < ClusterState::kServers; ++server) {
    const FrontEndView view = cluster.front_end(server);
    if (view.alive) flatten(config_of(cluster, server), "", {"tidb", view.address, "", ""}, items);
  }
  for (const ComponentView& part : cluster.components()) {
    if (part.type == "pd") {
      items.push_back({"pd", part.address, "pd-server.min-resolved-ts-persistence-interval", "1s"});
      items.push_back({"pd", part.address, "replication.max-replicas", "3"});
    } else if (part.type == "tikv") {
      items.push_back({"tikv", part.address, "resolved-ts.enable", "true"});
      items.push_back({"tikv", part.address, "cdc.min-ts-interval", "200ms"});
    }
  }
  return items;
}

}  // namespace bdrmesh::lab
