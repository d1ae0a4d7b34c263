#include "lab/cdc/replica_config.h"

#include <array>
#include <cstdint>
#include <map>
#include <set>

#include "lab/cdc/go_duration.h"
#include "lab/cdc/json_types.h"

namespace bdrmesh::lab {

namespace {

// In the order in which a real server answered to a create without replica_config (classic).
constexpr std::string_view kDefaults = R"({
"memory_quota":1073741824,"case_sensitive":false,"force_replicate":false,"ignore_ineligible_table":false,
"check_gc_safe_point":true,"enable_sync_point":false,"enable_table_monitor":false,"bdr_mode":false,
"sync_point_interval":600000000000,"sync_point_retention":86400000000000,
"filter":{"rules":["*.*"]},"mounter":{"worker_num":16},
"sink":{"csv":{"delimiter":",","quote":"\"","null":"\\N","include_commit_ts":false,
  "binary_encoding_method":"base64","output_old_value":false,"output_handle_key":false,"output_field_header":false},
 "encoder_concurrency":32,"terminator":"\r\n","date_separator":"day","enable_partition_separator":true,
 "enable_kafka_sink_v2":false,"only_output_updated_columns":false,
 "delete_only_output_handle_key_columns":false,"content_compatible":false,
 "advance_timeout":150,"send_bootstrap_interval_in_sec":120,"send_bootstrap_in_msg_count":10000,
 "send_bootstrap_to_all_partition":true,"send-all-bootstrap-at-start":false,"debezium_disable_schema":false,
 "debezium":{"output_old_value":true},"open":{"output_old_value":true}},
"consistent":{"level":"none","max_log_size":64,"flush_interval":2000,"meta_flush_interval":200,
 "encoding_worker_num":16,"flush_worker_num":8,"use_file_backend":false,
 "memory_usage":{"memory_quota_percentage":50}},
"scheduler":{"enable_table_across_nodes":false,"region_threshold":100000,"write_key_threshold":0},
"integrity":{"integrity_check_level":"none","corruption_handle_level":"warn"},
"changefeed_error_stuck_duration":1800000000000,
"synced_status":{"synced_check_interval":300,"checkpoint_interval":15}})";

const OrderedJson& defaults() {
  static const OrderedJson json = OrderedJson::parse(kDefaults);
  return json;
}

/// Members that have no default and so stand in no answer until they are given.
const std::map<std::string, GoType>& optional_members() {
  static const std::map<std::string, GoType> members = {
      {"sql_mode", GoType::text},
      {"filter.ignore_txn_start_ts", GoType::uint64s},
      {"filter.event_filters", GoType::anything},
      {"sink.transaction_atomicity", GoType::text},
      {"sink.protocol", GoType::text},
      {"sink.schema_registry", GoType::text},
      {"sink.dispatchers", GoType::anything},
      {"sink.column_selectors", GoType::anything},
      {"sink.safe_mode", GoType::boolean},
      {"sink.mysql_config", GoType::anything},
      {"sink.kafka_config", GoType::anything},
      {"sink.pulsar_config", GoType::anything},
      {"sink.cloud_storage_config", GoType::anything},
      {"sink.file_index_width", GoType::int64},
      {"consistent.storage", GoType::text},
      {"consistent.compression", GoType::text},
      {"consistent.flush_concurrency", GoType::int64}};
  return members;
}

/// Switches that are pointers on the server: null takes them away.
bool is_pointer(const std::string& path) {
  static const std::set<std::string> pointers = {"enable_sync_point", "enable_table_monitor",
                                                 "bdr_mode"};
  return pointers.contains(path);
}

bool is_duration(const std::string& path) {
  static const std::set<std::string> durations = {"sync_point_interval", "sync_point_retention",
                                                  "changefeed_error_stuck_duration"};
  return durations.contains(path);
}

GoType type_of_default(const OrderedJson& value, const std::string& path) {
  if (is_duration(path)) return GoType::duration;
  if (value.is_boolean()) return GoType::boolean;
  if (value.is_string()) return GoType::text;
  if (value.is_array()) return GoType::texts;
  if (value.is_object()) return GoType::object;
  return path == "memory_quota" ? GoType::uint64 : GoType::int64;
}

/// The members of `config` in the order of the defaults, those without default behind them.
OrderedJson in_order(const OrderedJson& config) {
  OrderedJson ordered = OrderedJson::object();
  for (const auto& item : defaults().items()) {
    if (config.contains(item.key())) ordered[item.key()] = config[item.key()];
  }
  for (const auto& item : config.items()) ordered[item.key()] = item.value();
  return ordered;
}

/// Durations are stored and shown in nanoseconds, however they were given.
OrderedJson normal_form(const OrderedJson& value, GoType type) {
  if (type != GoType::duration) return value;
  if (value.is_string()) return parse_go_duration(value.get<std::string>())->count();
  return static_cast<std::int64_t>(value.get<double>());
}

void decode_over(OrderedJson& target, const OrderedJson& given, const std::string& prefix,
                 const OrderedJson& defaults) {
  for (const auto& [key, value] : given.items()) {
    const std::string path = prefix + key;
    const auto known = defaults.find(key);
    const auto optional = optional_members().find(path);
    if (known == defaults.end() && optional == optional_members().end()) continue;
    if (value.is_null()) {
      if (is_pointer(path)) target.erase(key);
      continue;
    }
    const GoType type = known == defaults.end() ? optional->second : type_of_default(*known, path);
    require_type(value, type, "ChangefeedConfig.replica_config." + path);
    if (type == GoType::object) {
      decode_over(target[key], value, path + ".", *known);
    } else {
      target[key] = normal_form(value, type);
    }
  }
}

OrderedJson without_foreign_sinks(OrderedJson config) {
  static const std::set<std::string> kept = {"transaction_atomicity",
                                             "safe_mode",
                                             "mysql_config",
                                             "advance_timeout",
                                             "send_bootstrap_interval_in_sec",
                                             "send_bootstrap_in_msg_count",
                                             "send_bootstrap_to_all_partition",
                                             "send-all-bootstrap-at-start",
                                             "debezium_disable_schema",
                                             "debezium",
                                             "open"};
  OrderedJson sink = OrderedJson::object();
  const OrderedJson& all = config["sink"];
  if (all.contains("transaction_atomicity")) {
    sink["transaction_atomicity"] = all["transaction_atomicity"];
  }
  sink["delete_only_output_handle_key_columns"] = nullptr;
  sink["content_compatible"] = nullptr;
  if (all.contains("safe_mode")) sink["safe_mode"] = all["safe_mode"];
  for (const auto& [key, value] : all.items()) {
    if (kept.contains(key)) sink[key] = value;
  }
  config["sink"] = std::move(sink);
  return config;
}

template <class T>
T member(const OrderedJson& object, const char* key, T fallback) {
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? fallback : found->get<T>();
}

ReplicaConfig from_json(const OrderedJson& decoded) {
  const OrderedJson json = in_order(decoded);
  using std::chrono::nanoseconds;
  using std::chrono::seconds;
  ReplicaConfig config;
  config.answer = json.dump();
  config.shown = without_foreign_sinks(json).dump();
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
  config.ignored_start_ts =
      member<std::vector<std::uint64_t>>(json["filter"], "ignore_txn_start_ts", {});
  config.redo_level = member<std::string>(json["consistent"], "level", "none");
  config.redo_storage = member<std::string>(json["consistent"], "storage", "");
  return config;
}

OrderedJson parse_given(const std::string& json) {
  OrderedJson given = json.empty() ? OrderedJson::object() : OrderedJson::parse(json);
  require_type(given, GoType::object, "ChangefeedConfig.replica_config");
  return given;
}

ApiError invalid_config(const std::string& text) {
  return {500, "CDC:ErrInvalidReplicaConfig", "invalid replica config, " + text};
}

void require_storage(const ReplicaConfig& config) {
  static const std::set<std::string> schemes = {"s3",  "gcs",   "gs",   "azblob", "azure",
                                                "nfs", "local", "file", "noop",   "blackhole"};
  const std::size_t end = config.redo_storage.find(':');
  const std::string scheme = end == std::string::npos ? "" : config.redo_storage.substr(0, end);
  if (!schemes.contains(scheme)) {
    throw ApiError(500, "CDC:ErrConsistentStorage",
                   "consistent storage (" + scheme + ") not support");
  }
  throw ApiError(500, "CDC:ErrStorageInitialize",
                 "fail to open storage for redo log: the lab keeps no redo log yet");
}

void require_no_event_filters(const ReplicaConfig& config) {
  const OrderedJson filter = OrderedJson::parse(config.answer)["filter"];
  const auto found = filter.find("event_filters");
  if (found != filter.end() && !found->empty()) {
    throw invalid_config("the lab has no event filters");
  }
}

}  // namespace

ReplicaConfig replica_config_for_create(const std::string& json) {
  OrderedJson config = defaults();
  decode_over(config, parse_given(json), "", defaults());
  return from_json(config);
}

ReplicaConfig replica_config_for_update(const std::string& json) {
  OrderedJson config = defaults();
  for (const char* scalar :
       {"case_sensitive", "force_replicate", "ignore_ineligible_table", "check_gc_safe_point"}) {
    config[scalar] = false;
  }
  for (const char* pointer : {"enable_sync_point", "enable_table_monitor", "bdr_mode"}) {
    config.erase(pointer);
  }
  const OrderedJson given = parse_given(json);
  decode_over(config, given, "", defaults());
  if (config["memory_quota"] == 0) config["memory_quota"] = defaults()["memory_quota"];
  return from_json(config);
}

void require_valid(const ReplicaConfig& config) {
  using namespace std::chrono_literals;
  if (config.sync_point) {
    if (config.sync_point_interval < 30s) {
      throw invalid_config("The SyncPointInterval:" + to_go_text(config.sync_point_interval) +
                           " must be larger than 30s");
    }
    if (config.sync_point_retention < 1h) {
      throw invalid_config("The SyncPointRetention:" + to_go_text(config.sync_point_retention) +
                           " must be larger than 1h0m0s");
    }
  }
  if (config.stuck_duration < 30min) {
    const double seconds = std::chrono::duration<double>(config.stuck_duration).count();
    throw invalid_config("The ChangefeedErrorStuckDuration:" + std::to_string(seconds) +
                         " must be larger than 1800.000000 Seconds");
  }
  if (config.redo()) require_storage(config);
  require_no_event_filters(config);
}

}  // namespace bdrmesh::lab
