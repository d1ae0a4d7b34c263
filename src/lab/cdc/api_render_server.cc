// Answers about the server itself (ticdc-api §1.5.10).
#include "lab/cdc/api_render.h"
#include "lab/config/json_types.h"

namespace bdrmesh::lab {

namespace {

OrderedJson table_json(const NumberedTable& table) {
  OrderedJson item;
  item["database_name"] = table.schema;
  item["table_name"] = table.name;
  item["table_id"] = table.id;
  item["is_partition"] = table.is_partitioned;
  return item;
}

/// etcd spells the config with hyphens.
OrderedJson kebab(const OrderedJson& value) {
  if (!value.is_object()) return value;
  OrderedJson out = OrderedJson::object();
  for (const auto& [key, member] : value.items()) {
    std::string spelled = key;
    for (char& c : spelled) {
      if (c == '_') c = '-';
    }
    out[spelled] = kebab(member);
  }
  return out;
}

OrderedJson stored_feed(const NodeFacts& node, const ChangefeedInfo& info) {
  OrderedJson out;
  if (node.rules.new_arch) {
    out["id"]["id"] = {{"low", info.gid_low}, {"high", info.gid_high}};
    out["id"]["display"] = {{"name", info.id}, {"keyspace", info.space}, {"namespace", info.space}};
  }
  out["upstream-id"] = node.upstream_id;
  if (!node.rules.new_arch) {
    out["namespace"] = info.space;
    out["changefeed-id"] = info.id;
  }
  out["sink-uri"] = info.sink_uri;
  out["create-time"] = go_nano_time(info.create_time);
  out["start-ts"] = info.start_ts;
  out["target-ts"] = info.target_ts;
  out["admin-job-type"] = info.admin_job;
  out["sort-engine"] = "";
  out["sort-dir"] = "";
  out["config"] = kebab(OrderedJson::parse(info.config.shown));
  out["state"] = info.state;
  out["error"] = nullptr;
  out["warning"] = nullptr;
  out["creator-version"] = node.version;
  out["epoch"] = info.start_ts;
  return out;
}

OrderedJson stored_status(const ChangefeedView& view) {
  OrderedJson out;
  out["checkpoint-ts"] = view.info.saved_checkpoint;
  out["min-table-barrier-ts"] = view.info.saved_checkpoint;
  out["admin-job-type"] = view.info.admin_job;
  return out;
}

}  // namespace

std::string render_server_status(const NodeFacts& node) {
  OrderedJson out;
  out["version"] = node.version;
  out["git_hash"] = node.git_hash;
  out["id"] = node.capture_id;
  out["cluster_id"] = "default";
  out["pid"] = node.pid;
  out["is_owner"] = node.is_owner;
  out["liveness"] = 0;
  return go_json_indented(out);
}

std::string render_captures(const std::vector<CaptureView>& captures) {
  OrderedJson items = OrderedJson::array();
  for (const CaptureView& capture : captures) {
    OrderedJson item;
    item["id"] = capture.id;
    item["is_owner"] = capture.is_owner;
    item["address"] = capture.address;
    item["cluster_id"] = "default";
    items.push_back(std::move(item));
  }
  OrderedJson out;
  out["total"] = items.size();
  out["items"] = std::move(items);
  return go_json(out);
}

std::string render_processors(const NodeFacts& node, const std::vector<ChangefeedView>& views) {
  OrderedJson items = OrderedJson::array();
  for (const ChangefeedView& view : views) {
    if (view.resolved == 0 || node.rules.new_arch) continue;  // a stub in the new architecture
    OrderedJson item;
    item[node.rules.space_key] = view.info.space;
    item["changefeed_id"] = view.info.id;
    item["capture_id"] = node.capture_id;
    items.push_back(std::move(item));
  }
  OrderedJson out;
  out["total"] = items.size();
  out["items"] = std::move(items);
  return go_json(out);
}

std::string render_processor(const std::vector<std::int64_t>& table_ids) {
  OrderedJson out;
  out["table_ids"] = table_ids;
  return go_json(out);
}

std::string render_tso(std::uint64_t tso) {
  OrderedJson out;
  out["timestamp"] = tso >> 18;
  out["logic_time"] = tso & 0x3ffff;
  return go_json_indented(out);
}

std::string render_verified(const NodeFacts& node, const std::vector<NumberedTable>& tables,
                            bool all_eligible) {
  OrderedJson eligible = OrderedJson::array();
  OrderedJson ineligible = OrderedJson::array();
  OrderedJson all = OrderedJson::array();
  for (const NumberedTable& table : tables) {
    all.push_back(table_json(table));
    if (table.is_sequence) continue;
    (all_eligible || table.is_eligible() ? eligible : ineligible).push_back(table_json(table));
  }
  OrderedJson out = OrderedJson::object();
  if (!ineligible.empty()) out["ineligible_tables"] = std::move(ineligible);
  if (!eligible.empty()) out["eligible_tables"] = std::move(eligible);
  if (node.rules.new_arch && !all.empty()) out["all_tables"] = std::move(all);
  return go_json(out);
}

std::string render_metadata(const NodeFacts& node, const std::vector<ChangefeedView>& views) {
  OrderedJson out = OrderedJson::array();
  const auto add = [&](const std::string& key, const std::string& value) {
    OrderedJson item;
    item["key"] = key;
    item["value"] = value;
    out.push_back(std::move(item));
  };
  const std::string meta = "/tidb/cdc/default/__cdc_meta__/";
  OrderedJson capture;
  capture["id"] = node.capture_id;
  capture["address"] = node.address;
  capture["version"] = node.version;
  capture["git-hash"] = node.git_hash;
  capture["deploy-path"] = "/bin/cdc";
  if (node.rules.new_arch) capture["is-new-arch"] = true;
  add(meta + "capture/" + node.capture_id, capture.dump());
  if (!node.rules.new_arch) add(meta + "meta/meta-version", "1");
  add(meta + "owner/" + node.capture_id.substr(0, 8), node.capture_id);
  for (const ChangefeedView& view : views) {
    const std::string space = "/tidb/cdc/default/" + view.info.space + "/changefeed/";
    add(space + "info/" + view.info.id, stored_feed(node, view.info).dump());
    add(space + "status/" + view.info.id, stored_status(view).dump());
  }
  return go_json_indented(out);
}

}  // namespace bdrmesh::lab
