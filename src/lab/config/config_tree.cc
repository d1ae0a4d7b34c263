#include "lab/config/config_tree.h"

#include <map>
#include <set>
#include <string_view>

namespace bdrmesh::lab {

namespace {

// Recorded from real servers (classic head, new architecture); v6.5 and v7.5 by their documented
// and coded members.

constexpr std::string_view kClassic65 = R"({
"memory_quota":1073741824,"case_sensitive":false,"enable_old_value":true,"force_replicate":false,
"ignore_ineligible_table":false,"check_gc_safe_point":true,"enable_sync_point":false,
"enable_table_monitor":"?bool","bdr_mode":false,
"sync_point_interval":600000000000,"sync_point_retention":86400000000000,
"filter":{"do_tables":"?any","do_dbs":"?texts","ignore_tables":"?any","ignore_dbs":"?texts",
 "rules":["*.*"],"ignore_txn_start_ts":"?uint64s","event_filters":null},
"mounter":{"worker_num":16},
"sink":{"protocol":"","schema_registry":"",
 "csv":{"delimiter":",","quote":"\"","null":"\\N","include_commit_ts":false,"binary_encoding_method":"base64"},
 "dispatchers":"?any","column_selectors":null,"transaction_atomicity":"","encoder_concurrency":16,
 "terminator":"\r\n","date_separator":"day","enable_partition_separator":true,"file_index_width":0,
 "kafka_config":null,"cloud_storage_config":"?any","advance_timeout":150},
"consistent":{"level":"none","max_log_size":64,"flush_interval":2000,"meta_flush_interval":200,
 "encoding_worker_num":16,"flush_worker_num":8,"storage":"?text","use_file_backend":false,
 "compression":"?text","flush_concurrency":"?int",
 "memory_usage":{"memory_quota_percentage":50,"event_cache_percentage":0}},
"changefeed_error_stuck_duration":1800000000000,
"sql_mode":"ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION",
"synced_status":{"synced_check_interval":300,"checkpoint_interval":15}})";

constexpr std::string_view kClassic75 = R"({
"memory_quota":1073741824,"case_sensitive":false,"force_replicate":false,"ignore_ineligible_table":false,
"check_gc_safe_point":true,"enable_sync_point":false,"bdr_mode":false,
"sync_point_interval":600000000000,"sync_point_retention":86400000000000,
"filter":{"do_tables":"?any","do_dbs":"?texts","ignore_tables":"?any","ignore_dbs":"?texts",
 "rules":["*.*"],"ignore_txn_start_ts":"?uint64s","event_filters":"?any"},
"mounter":{"worker_num":16},
"sink":{"protocol":"?text","schema_registry":"?text",
 "csv":{"delimiter":",","quote":"\"","null":"\\N","include_commit_ts":false,"binary_encoding_method":"base64"},
 "dispatchers":"?any","column_selectors":"?any","transaction_atomicity":"?text","encoder_concurrency":32,
 "terminator":"\r\n","date_separator":"day","enable_partition_separator":true,"file_index_width":"?int",
 "enable_kafka_sink_v2":false,"only_output_updated_columns":false,
 "delete_only_output_handle_key_columns":false,"content_compatible":false,"safe_mode":"?bool",
 "kafka_config":"?any","pulsar_config":"?any","mysql_config":"?any","cloud_storage_config":"?any",
 "advance_timeout":150,"send_bootstrap_interval_in_sec":120,"send_bootstrap_in_msg_count":10000,
 "send_bootstrap_to_all_partition":true,"send-all-bootstrap-at-start":false,"open":{"output_old_value":true}},
"consistent":{"level":"none","max_log_size":64,"flush_interval":2000,"meta_flush_interval":200,
 "encoding_worker_num":16,"flush_worker_num":8,"storage":"?text","use_file_backend":false,
 "compression":"?text","flush_concurrency":"?int",
 "memory_usage":{"memory_quota_percentage":50,"event_cache_percentage":0}},
"scheduler":{"enable_table_across_nodes":false,"region_threshold":100000,"write_key_threshold":0},
"integrity":{"integrity_check_level":"none","corruption_handle_level":"warn"},
"changefeed_error_stuck_duration":1800000000000,
"sql_mode":"ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION",
"synced_status":{"synced_check_interval":300,"checkpoint_interval":15}})";

constexpr std::string_view kClassic85 = R"({
"memory_quota":1073741824,"case_sensitive":false,"force_replicate":false,"ignore_ineligible_table":false,
"check_gc_safe_point":true,"enable_sync_point":false,"enable_table_monitor":false,"bdr_mode":false,
"sync_point_interval":600000000000,"sync_point_retention":86400000000000,
"filter":{"rules":["*.*"],"ignore_txn_start_ts":"?uint64s","event_filters":"?any"},
"mounter":{"worker_num":16},
"sink":{"protocol":"?text","schema_registry":"?text",
 "csv":{"delimiter":",","quote":"\"","null":"\\N","include_commit_ts":false,
  "binary_encoding_method":"base64","output_old_value":false,"output_handle_key":false,"output_field_header":false},
 "dispatchers":"?any","column_selectors":"?any","transaction_atomicity":"?text",
 "encoder_concurrency":32,"terminator":"\r\n","date_separator":"day","enable_partition_separator":true,
 "file_index_width":"?int","enable_kafka_sink_v2":false,"only_output_updated_columns":false,
 "delete_only_output_handle_key_columns":false,"content_compatible":false,"safe_mode":"?bool",
 "kafka_config":"?any","pulsar_config":"?any","mysql_config":"?any","cloud_storage_config":"?any",
 "advance_timeout":150,"send_bootstrap_interval_in_sec":120,"send_bootstrap_in_msg_count":10000,
 "send_bootstrap_to_all_partition":true,"send-all-bootstrap-at-start":false,"debezium_disable_schema":false,
 "debezium":{"output_old_value":true},"open":{"output_old_value":true}},
"consistent":{"level":"none","max_log_size":64,"flush_interval":2000,"meta_flush_interval":200,
 "encoding_worker_num":16,"flush_worker_num":8,"storage":"?text","use_file_backend":false,
 "compression":"?text","flush_concurrency":"?int","memory_usage":{"memory_quota_percentage":50}},
"scheduler":{"enable_table_across_nodes":false,"region_threshold":100000,"write_key_threshold":0},
"integrity":{"integrity_check_level":"none","corruption_handle_level":"warn"},
"changefeed_error_stuck_duration":1800000000000,
"synced_status":{"synced_check_interval":300,"checkpoint_interval":15},"sql_mode":"?text"})";

constexpr std::string_view kNewArch = R"({
"memory_quota":1073741824,"case_sensitive":false,"force_replicate":"?bool","ignore_ineligible_table":"?bool",
"check_gc_safe_point":true,"enable_sync_point":false,"enable_table_monitor":false,"bdr_mode":false,
"enable_active_active":false,"active_active_progress_interval":1800000000000,
"active_active_sync_stats_interval":60000000000,
"sync_point_interval":600000000000,"sync_point_retention":86400000000000,
"filter":{"rules":["*.*"],"ignore_txn_start_ts":"?uint64s","event_filters":"?any"},
"mounter":{"worker_num":16},
"sink":{"protocol":"?text","schema_registry":"?text",
 "csv":{"delimiter":",","quote":"\"","null":"\\N","include_commit_ts":false,
  "binary_encoding_method":"base64","output_old_value":false,"output_handle_key":false,"output_field_header":false},
 "dispatchers":"?any","column_selectors":"?any","transaction_atomicity":"?text",
 "encoder_concurrency":32,"terminator":"\r\n","date_separator":"day","enable_partition_separator":true,
 "file_index_width":"?int","only_output_updated_columns":false,
 "delete_only_output_handle_key_columns":false,"content_compatible":false,"safe_mode":"?bool",
 "kafka_config":"?any","pulsar_config":"?any","mysql_config":"?any","cloud_storage_config":"?any",
 "advance_timeout":150,"send_bootstrap_interval_in_sec":120,"send_bootstrap_in_msg_count":10000,
 "send_bootstrap_to_all_partition":true,"send-all-bootstrap-at-start":false,"debezium_disable_schema":false,
 "debezium":{"output_old_value":true},"open":{"output_old_value":true}},
"consistent":{"level":"none","max_log_size":64,"flush_interval":2000,"meta_flush_interval":200,
 "encoding_worker_num":16,"flush_worker_num":8,"storage":"","use_file_backend":false,
 "compression":"","flush_concurrency":"?int","memory_usage":{"memory_quota_percentage":50}},
"scheduler":{"enable_table_across_nodes":false,"region_threshold":10000,"region_count_per_span":100,
 "region_count_refresh_interval":300000000000,"write_key_threshold":0,"scheduling_task_count_per_node":20,
 "enable_splittable_check":false,"force_split":false,"balance_score_threshold":20,
 "min_traffic_percentage":0.8,"max_traffic_percentage":1.25},
"integrity":{"integrity_check_level":"none","corruption_handle_level":"warn"},
"changefeed_error_stuck_duration":1800000000000,
"synced_status":{"synced_check_interval":300,"checkpoint_interval":15},
"sql_mode":"?text","performance_mode":"?text","event_collector_batch_count":"?int",
"event_collector_batch_bytes":"?int"})";

std::string_view text_of(ConfigTree tree) {
  switch (tree) {
    case ConfigTree::classic_6_5:
      return kClassic65;
    case ConfigTree::classic_7_5:
      return kClassic75;
    case ConfigTree::classic_8_5:
      return kClassic85;
    case ConfigTree::new_arch:
      break;
  }
  return kNewArch;
}

bool is_hint(const OrderedJson& value) {
  return value.is_string() && value.get<std::string>().rfind('?', 0) == 0;
}

OrderedJson without_hints(const OrderedJson& tree) {
  if (!tree.is_object()) return tree;
  OrderedJson out = OrderedJson::object();
  for (const auto& [key, value] : tree.items()) {
    if (!is_hint(value)) out[key] = without_hints(value);
  }
  return out;
}

struct Trees {
  std::map<ConfigTree, OrderedJson> whole;
  std::map<ConfigTree, OrderedJson> defaults;
  Trees() {
    for (const ConfigTree tree : {ConfigTree::classic_6_5, ConfigTree::classic_7_5,
                                  ConfigTree::classic_8_5, ConfigTree::new_arch}) {
      whole[tree] = OrderedJson::parse(text_of(tree));
      defaults[tree] = without_hints(whole[tree]);
    }
  }
};

const Trees& trees() {
  static const Trees made;
  return made;
}

}  // namespace

const OrderedJson& config_tree(ConfigTree tree) { return trees().whole.at(tree); }

const OrderedJson& config_defaults(ConfigTree tree) { return trees().defaults.at(tree); }

GoType config_type(const OrderedJson& in_tree, const std::string& path) {
  static const std::set<std::string> durations = {
      "sync_point_interval", "sync_point_retention", "changefeed_error_stuck_duration",
      "active_active_progress_interval", "active_active_sync_stats_interval"};
  static const std::map<std::string, GoType> hints = {
      {"?bool", GoType::boolean},    {"?text", GoType::text}, {"?texts", GoType::texts},
      {"?uint64s", GoType::uint64s}, {"?int", GoType::int64}, {"?any", GoType::anything}};
  if (durations.contains(path)) return GoType::duration;
  if (is_hint(in_tree)) return hints.at(in_tree.get<std::string>());
  if (in_tree.is_boolean()) return GoType::boolean;
  if (in_tree.is_string()) return GoType::text;
  if (in_tree.is_array()) return GoType::texts;
  if (in_tree.is_object()) return GoType::object;
  if (in_tree.is_null()) return GoType::anything;
  if (in_tree.is_number_float()) return GoType::number;
  return path == "memory_quota" ? GoType::uint64 : GoType::int64;
}

bool is_config_pointer(ConfigTree tree, const std::string& path) {
  if (tree == ConfigTree::classic_6_5) return false;
  static const std::set<std::string> pointers = {"enable_sync_point", "enable_table_monitor",
                                                 "bdr_mode", "enable_active_active"};
  return pointers.contains(path);
}

}  // namespace bdrmesh::lab
