#include "lab/config/replica_config.h"

#include <set>

#include "lab/config/config_tree.h"
#include "lab/config/go_duration.h"
#include "lab/config/json_types.h"

namespace bdrmesh::lab {

namespace {

/// The members of `config` in the order in which the server prints them.
OrderedJson in_order(const OrderedJson& config, const OrderedJson& tree) {
  if (!config.is_object() || !tree.is_object()) return config;
  OrderedJson ordered = OrderedJson::object();
  for (const auto& [key, value] : tree.items()) {
    if (config.contains(key)) ordered[key] = in_order(config[key], value);
  }
  return ordered;
}

/// Durations are stored and shown in nanoseconds, however they were given.
OrderedJson normal_form(const OrderedJson& value, GoType type) {
  if (type != GoType::duration) return value;
  if (value.is_string()) return parse_go_duration(value.get<std::string>())->count();
  return static_cast<std::int64_t>(value.get<double>());
}

void decode_over(OrderedJson& target, const OrderedJson& given, const std::string& prefix,
                 const OrderedJson& in_tree, ConfigTree tree) {
  for (const auto& [key, value] : given.items()) {
    const std::string path = prefix + key;
    const auto known = in_tree.find(key);
    if (known == in_tree.end()) continue;
    if (value.is_null()) {
      if (is_config_pointer(tree, path)) target.erase(key);
      continue;
    }
    const GoType type = config_type(*known, path);
    require_type(value, type, "ChangefeedConfig.replica_config." + path);
    if (type == GoType::object) {
      decode_over(target[key], value, path + ".", *known, tree);
    } else {
      target[key] = normal_form(value, type);
    }
  }
}

/// What a MySQL sink has no use for is taken away when the feed is loaded; v6.5 and the new
/// architecture keep it.
OrderedJson without_foreign_sinks(OrderedJson config, ConfigTree tree) {
  if (tree == ConfigTree::classic_6_5 || tree == ConfigTree::new_arch) return config;
  for (const char* foreign :
       {"protocol", "schema_registry", "csv", "dispatchers", "encoder_concurrency", "terminator",
        "date_separator", "enable_partition_separator", "file_index_width", "enable_kafka_sink_v2",
        "only_output_updated_columns", "kafka_config", "cloud_storage_config"}) {
    config["sink"].erase(foreign);
  }
  config["sink"]["delete_only_output_handle_key_columns"] = nullptr;
  config["sink"]["content_compatible"] = nullptr;
  return in_order(config, config_tree(tree));
}

template <class T>
T member(const OrderedJson& object, const char* key, T fallback) {
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? fallback : found->get<T>();
}

ReplicaConfig from_json(const OrderedJson& decoded, ConfigTree tree) {
  const OrderedJson json = in_order(decoded, config_tree(tree));
  using std::chrono::nanoseconds;
  using std::chrono::seconds;
  ReplicaConfig config;
  config.answer = json.dump();
  config.shown = without_foreign_sinks(json, tree).dump();
  config.bdr_mode = member(json, "bdr_mode", false);
  config.case_sensitive = member(json, "case_sensitive", false);
  config.force_replicate = member(json, "force_replicate", false);
  config.ignore_ineligible_table = member(json, "ignore_ineligible_table", false);
  config.safe_mode = member(json["sink"], "safe_mode", false);
  config.sync_point = member(json, "enable_sync_point", false);
  config.sync_point_interval = nanoseconds(member<std::int64_t>(json, "sync_point_interval", 0));
  config.sync_point_retention = nanoseconds(member<std::int64_t>(json, "sync_point_retention", 0));
  config.stuck_duration =
      nanoseconds(member<std::int64_t>(json, "changefeed_error_stuck_duration", 0));
  const OrderedJson& synced = json["synced_status"];
  config.synced_check_interval = seconds(member<std::int64_t>(synced, "synced_check_interval", 0));
  config.checkpoint_interval = seconds(member<std::int64_t>(synced, "checkpoint_interval", 0));
  config.rules = member<std::vector<std::string>>(json["filter"], "rules", {});
  if (config.rules.empty()) config.rules = {"*.*"};
  config.ignored_start_ts =
      member<std::vector<std::uint64_t>>(json["filter"], "ignore_txn_start_ts", {});
  const OrderedJson filters = json["filter"].value("event_filters", OrderedJson());
  if (filters.is_array() && !filters.empty()) config.event_filters = filters.dump();
  config.redo_level = member<std::string>(json["consistent"], "level", "none");
  config.redo_storage = member<std::string>(json["consistent"], "storage", "");
  return config;
}

OrderedJson parse_given(const std::string& json) {
  OrderedJson given = json.empty() ? OrderedJson::object() : OrderedJson::parse(json);
  require_type(given, GoType::object, "ChangefeedConfig.replica_config");
  return given;
}

/// The new architecture names the compression of a redo log also when none was chosen.
void settle(OrderedJson& config, ConfigTree tree) {
  if (tree != ConfigTree::new_arch) return;
  OrderedJson& redo = config["consistent"];
  if (redo["level"] == "eventual" && redo["compression"] == "") redo["compression"] = "none";
}

/// What a decoding into an empty struct leaves in place of the defaults (ticdc-api §1.5.4).
OrderedJson config_of_nothing(ConfigTree tree) {
  OrderedJson config = config_defaults(tree);
  for (const char* pointer : {"enable_sync_point", "enable_table_monitor"}) {
    if (is_config_pointer(tree, pointer)) config.erase(pointer);
  }
  if (tree == ConfigTree::new_arch) return config;
  for (const char* scalar :
       {"case_sensitive", "force_replicate", "ignore_ineligible_table", "check_gc_safe_point"}) {
    config[scalar] = false;
  }
  if (is_config_pointer(tree, "bdr_mode")) config.erase("bdr_mode");
  if (tree == ConfigTree::classic_6_5) config["enable_old_value"] = false;
  config.erase("sql_mode");
  return config;
}

/// A section that is given replaces the whole one, also what it does not name.
void empty_given_sections(OrderedJson& config, const OrderedJson& given, ConfigTree tree) {
  const auto names = [&](const char* section) {
    return given.contains(section) && given[section].is_object();
  };
  if (names("filter")) {
    config["filter"] = OrderedJson::object();
    if (tree == ConfigTree::classic_6_5) config["filter"]["event_filters"] = nullptr;
  }
  if (!names("sink") || tree == ConfigTree::classic_6_5) return;
  OrderedJson sink = OrderedJson::object();
  sink["delete_only_output_handle_key_columns"] = nullptr;
  sink["content_compatible"] = nullptr;
  config["sink"] = std::move(sink);
}

}  // namespace

ReplicaConfig replica_config_for_create(const std::string& json, ConfigTree tree) {
  OrderedJson config = config_defaults(tree);
  decode_over(config, parse_given(json), "", config_tree(tree), tree);
  settle(config, tree);
  return from_json(config, tree);
}

ReplicaConfig replica_config_for_update(const std::string& json, ConfigTree tree) {
  OrderedJson config = config_of_nothing(tree);
  const OrderedJson given = parse_given(json);
  empty_given_sections(config, given, tree);
  decode_over(config, given, "", config_tree(tree), tree);
  if (config["memory_quota"] == 0) config["memory_quota"] = config_defaults(tree)["memory_quota"];
  settle(config, tree);
  return from_json(config, tree);
}

ReplicaConfig with_sink_parameters(const ReplicaConfig& config, const SinkUri& sink,
                                   ConfigTree tree) {
  const auto atomicity = sink.parameters.find("transaction-atomicity");
  if (atomicity == sink.parameters.end() || atomicity->second.empty()) return config;
  OrderedJson json = OrderedJson::parse(config.answer);
  json["sink"]["transaction_atomicity"] = atomicity->second;
  return from_json(json, tree);
}

}  // namespace bdrmesh::lab
