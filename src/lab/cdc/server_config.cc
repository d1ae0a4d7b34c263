// GET /config: the configuration with which each family's server runs, as one that nobody
// configured prints it (recorded from real servers).
#include <string_view>

#include "lab/cdc/api_render.h"
#include "lab/config/json_types.h"

namespace bdrmesh::lab {

namespace {

constexpr std::string_view kClassic =
    R"({"addr":"","advertise-addr":"","log-file":"","log-level":"info",
"log":{"file":{"max-size":300,"max-days":0,"max-backups":0},"error-output":"stderr"},"data-dir":"",
"gc-ttl":86400,"tz":"System","capture-session-ttl":10,"owner-flush-interval":50000000,
"processor-flush-interval":50000000,
"sorter":{"sort-dir":"/tmp/sorter","cache-size-in-mb":128,"max-memory-percentage":0,"max-memory-consumption":0,
 "num-workerpool-goroutine":0,"num-concurrent-worker":0,"chunk-size-limit":0},
"security":{"ca-path":"","cert-path":"","key-path":"","cert-allowed-cn":null,"mtls":false,
 "client-user-required":false,"client-allowed-user":null},
"kv-client":{"enable-multiplexing":true,"worker-concurrent":8,"grpc-stream-concurrent":1,
 "advance-interval-in-ms":300,"frontier-concurrent":8,"worker-pool-size":0,"region-scan-limit":40,
 "region-retry-duration":60000000000},
"debug":{"db":{"count":8,"max-open-files":10000,"block-size":65536,"writer-buffer-size":8388608,
  "compression":"snappy","write-l0-pause-trigger":2147483647,"compaction-l0-trigger":16},
 "messages":{"client-max-batch-interval":10000000,"client-max-batch-size":67108864,"client-max-batch-count":1024,
  "client-retry-rate-limit":1,"server-max-pending-message-count":102400,"server-ack-interval":100000000,
  "server-worker-pool-size":8,"max-recv-msg-size":268435456,"keep-alive-time":30000000000,
  "keep-alive-timeout":10000000000},
 "scheduler":{"heartbeat-tick":2,"collect-stats-tick":200,"max-task-concurrency":10,
  "check-balance-interval":60000000000,"add-table-batch-size":50},
 "cdc-v2":{"enable":false,"meta-store":{"uri":"","ssl-ca":"","ssl-cert":"","ssl-key":""}},
 "puller":{"enable-resolved-ts-stuck-detection":false,"resolved-ts-stuck-interval":300000000000,
  "log-region-details":false}},
"cluster-id":"default","gc-tuner-memory-threshold":0,"per-table-memory-quota":0,"max-memory-percentage":0})";

constexpr std::string_view kNewArch =
    R"({"newarch":true,"addr":"","advertise-addr":"","log-file":"",
"log-level":"info","log":{"file":{"max-size":300,"max-days":0,"max-backups":0},"error-output":"stderr"},
"data-dir":"","gc-ttl":86400,"tz":"System","capture-session-ttl":10,"owner-flush-interval":50000000,
"processor-flush-interval":50000000,
"sorter":{"sort-dir":"/tmp/sorter","cache-size-in-mb":128,"max-memory-percentage":0,"max-memory-consumption":0,
 "num-workerpool-goroutine":0,"num-concurrent-worker":0,"chunk-size-limit":0},
"security":{"ca-path":"","cert-path":"","key-path":"","cert-allowed-cn":null,"mtls":false,
 "client-user-required":false,"client-allowed-user":null},
"kv-client":{"enable-multiplexing":true,"worker-concurrent":8,"grpc-stream-concurrent":1,
 "advance-interval-in-ms":100,"frontier-concurrent":8,"worker-pool-size":0,"region-scan-limit":40,
 "region-retry-duration":60000000000},
"encryption":{"enable_encryption":false,"meta_refresh_interval":3600000000000,"meta_cache_ttl":3600000000000,
 "allow_degrade_on_error":true,"kms":{
  "aws":{"region":"","endpoint":"","profile":"","access_key":"","secret_access_key":"","session_token":""},
  "gcp":{"endpoint":"","credentials_file":"","credentials_json":""}}},
"debug":{"db":{"count":8,"max-open-files":10000,"block-size":65536,"writer-buffer-size":8388608,
  "compression":"snappy","write-l0-pause-trigger":2147483647,"compaction-l0-trigger":16},
 "messages":{"client-max-batch-interval":10000000,"client-max-batch-size":67108864,"client-max-batch-count":1024,
  "client-retry-rate-limit":1,"server-max-pending-message-count":102400,"server-ack-interval":100000000,
  "server-worker-pool-size":8,"max-recv-msg-size":268435456,"keep-alive-time":30000000000,
  "keep-alive-timeout":10000000000},
 "scheduler":{"heartbeat-tick":2,"collect-stats-tick":200,"max-task-concurrency":10,
  "check-balance-interval":15000000000,"add-table-batch-size":10000,"balance-move-batch-size":1024},
 "puller":{"enable_resolved_ts_stuck_detection":false,"resolved_ts_stuck_interval":300000000000,
  "log_region_details":false,"pending_region_request_queue_size":32},
 "event_store":{"compression_threshold":16384,"enable_zstd_compression":false,"enable_data_sharing":false},
 "schema_store":{"enable_gc":false,"ignore_ddl_commit_ts":[]},
 "event_service":{"scan_task_queue_size":8192,"scan_limit_in_bytes":268435456,"dml_event_max_rows":256,
  "dml_event_max_bytes":1048576,"enable_remote_event_service":true}},
"cluster-id":"default","gc-tuner-memory-threshold":0,"memory-limit-percentage":0.75,"per-table-memory-quota":0,
"max-memory-percentage":0})";

}  // namespace

std::string render_server_config(const NodeFacts& node, std::int64_t gc_ttl_seconds) {
  OrderedJson out = OrderedJson::parse(node.rules.new_arch ? kNewArch : kClassic);
  out["addr"] = node.address;
  out["advertise-addr"] = node.address;
  out["gc-ttl"] = gc_ttl_seconds;
  if (!node.client_users.empty()) {
    out["security"]["client-user-required"] = true;
    out["security"]["client-allowed-user"] = node.client_users;
  }
  return go_json(out);
}

}  // namespace bdrmesh::lab
