#include "lab/cdc/api_render.h"

#include <algorithm>
#include <cstdio>

#include "lab/cdc/json_types.h"
#include "lab/feed/sink_uri.h"
#include "model/tso.h"

namespace bdrmesh::lab {

namespace {

bool shows_errors(const std::string& state) {
  return state == feed_state::kWarning || state == feed_state::kPending ||
         state == feed_state::kFailed;
}

/// RFC 3339 in UTC with nanoseconds.
std::string nano_time(std::chrono::sys_time<std::chrono::nanoseconds> time) {
  const auto millis = std::chrono::floor<std::chrono::milliseconds>(time);
  std::string out = to_rfc3339(millis);
  out.pop_back();
  char rest[16];
  std::snprintf(rest, sizeof(rest), "%06lldZ", static_cast<long long>((time - millis).count()));
  return out + rest;
}

OrderedJson error_json(const NodeFacts& node, const FeedError& error) {
  OrderedJson out;
  out["time"] = nano_time(error.time);
  out["addr"] = node.address;
  out["code"] = error.code;
  out["message"] = error.message;
  return out;
}

OrderedJson detail_head(const NodeFacts& node, const ChangefeedView& view, bool mask_password) {
  const ChangefeedInfo& info = view.info;
  OrderedJson out;
  out["upstream_id"] = node.upstream_id;
  out["namespace"] = info.space;
  out["id"] = info.id;
  out["sink_uri"] = mask_password ? masked_sink_uri(info.sink_uri) : info.sink_uri;
  out["create_time"] = nano_time(info.create_time);
  out["start_ts"] = info.start_ts;
  if (info.target_ts != 0) out["target_ts"] = info.target_ts;
  if (info.admin_job != 0) out["admin_job_type"] = info.admin_job;
  return out;
}

void add_positions(OrderedJson& out, const NodeFacts& node, std::uint64_t resolved,
                   std::uint64_t checkpoint) {
  out["creator_version"] = node.version;
  out["resolved_ts"] = resolved;
  out["checkpoint_ts"] = checkpoint;
  out["checkpoint_time"] = go_json_time(checkpoint);
}

bool is_listed(const ChangefeedView& view, const std::string& asked) {
  const std::string& state = view.info.state;
  if (asked == "all") return true;
  if (asked.empty()) return state != feed_state::kFinished;
  return state == asked;
}

}  // namespace

std::string go_json_time(std::uint64_t tso) {
  if (tso == 0) return "0001-01-01 00:00:00.000";
  std::string out = to_rfc3339(Tso(tso).time());
  out[10] = ' ';
  out.pop_back();
  return out;
}

std::string render_error(const std::string& message, const std::string& code) {
  OrderedJson out;
  out["error_msg"] = message;
  out["error_code"] = code;
  return go_json_indented(out);
}

std::string render_created(const NodeFacts& node, const ChangefeedView& view, bool created) {
  OrderedJson out = detail_head(node, view, true);
  out["config"] = OrderedJson::parse(created ? view.info.config.answer : view.info.config.shown);
  out["state"] = view.info.state;
  add_positions(out, node, created ? view.info.start_ts : view.resolved,
                created ? view.info.start_ts : view.checkpoint);
  return go_json(out);
}

std::string render_detail(const NodeFacts& node, const ChangefeedView& view,
                          const std::vector<std::int64_t>& table_ids, bool mask_password) {
  const ChangefeedInfo& info = view.info;
  OrderedJson out = detail_head(node, view, mask_password);
  out["config"] = OrderedJson::parse(info.config.shown);
  out["state"] = info.state;
  if (info.error && shows_errors(info.state)) {
    OrderedJson error = error_json(node, *info.error);
    error.erase("time");
    out["error"] = error;
  }
  add_positions(out, node, view.resolved, view.checkpoint);
  if (info.state == feed_state::kNormal) {
    OrderedJson task;
    task["capture_id"] = node.capture_id;
    task["table_ids"] = table_ids;
    out["task_status"] = OrderedJson::array({task});
  }
  return go_json(out);
}

std::string render_list(const NodeFacts& node, const std::vector<ChangefeedView>& views,
                        const std::string& state) {
  OrderedJson items = OrderedJson::array();
  for (const ChangefeedView& view : views) {
    if (!is_listed(view, state)) continue;
    const ChangefeedInfo& info = view.info;
    OrderedJson item;
    item["upstream_id"] = node.upstream_id;
    item["namespace"] = info.space;
    item["id"] = info.id;
    // The list calls a pending feed `warning` (measured.md A7).
    item["state"] = info.state == feed_state::kPending ? feed_state::kWarning : info.state;
    item["checkpoint_tso"] = view.checkpoint;
    item["checkpoint_time"] = go_json_time(view.checkpoint);
    const auto& error = info.error ? info.error : info.warning;
    item["error"] = error && shows_errors(info.state) ? error_json(node, *error) : OrderedJson();
    items.push_back(std::move(item));
  }
  OrderedJson out;
  out["total"] = items.size();
  out["items"] = std::move(items);
  return go_json(out);
}

std::string render_status(const NodeFacts& node, const ChangefeedView& view) {
  const auto is_later = [&](const std::optional<FeedError>& error) {
    return error && error->time > Tso(view.checkpoint).time();
  };
  OrderedJson out;
  out["state"] = view.info.state;
  out["resolved_ts"] = view.resolved;
  out["checkpoint_ts"] = view.checkpoint;
  if (is_later(view.info.error)) out["last_error"] = error_json(node, *view.info.error);
  if (is_later(view.info.warning)) out["last_warning"] = error_json(node, *view.info.warning);
  return go_json(out);
}

std::string render_synced(const ChangefeedView& view, std::uint64_t now) {
  const auto time = [](std::uint64_t tso) { return Tso(tso).time(); };
  const auto checkpoint_age = time(now) - time(view.checkpoint);
  const bool quiet = time(now) - time(view.last_synced) > view.info.config.synced_check_interval;
  const bool near_now = checkpoint_age < view.info.config.checkpoint_interval;
  const bool puller_stands =
      time(view.puller_resolved) - time(view.checkpoint) < view.info.config.checkpoint_interval;
  std::string info = "The data syncing is not finished, please wait";
  if (quiet && near_now) {
    info = "Data syncing is finished";
  } else if (quiet && puller_stands) {
    info =
        "Please check whether PD is online and TiKV Regions are all available. If PD is offline or "
        "some TiKV regions are not available, it means that the data syncing process is complete. "
        "To check whether TiKV regions are all available, you can view 'TiKV-Details' > "
        "'Resolved-Ts' > 'Max Leader Resolved TS gap' on Grafana. If the gap is large, such as a "
        "few minutes, it means that some regions in TiKV are unavailable. Otherwise, if the gap is "
        "small and PD is online, it means the data syncing is incomplete, so please wait";
  }
  const auto or_epoch = [](std::uint64_t tso) {
    return tso == 0 ? std::string("1970-01-01 00:00:00.000") : go_json_time(tso);
  };
  std::string now_text = go_json_time(now);
  now_text.replace(now_text.size() - 3, 3, "000");
  OrderedJson out;
  out["synced"] = quiet && near_now;
  out["sink_checkpoint_ts"] = go_json_time(view.checkpoint);
  out["puller_resolved_ts"] = or_epoch(view.puller_resolved);
  out["last_synced_ts"] = or_epoch(view.last_synced);
  out["now_ts"] = now_text;
  out["info"] = info;
  return go_json(out);
}

std::string render_server_status(const NodeFacts& node) {
  OrderedJson out;
  out["version"] = node.version;
  out["git_hash"] = node.git_hash;
  out["id"] = node.capture_id;
  out["cluster_id"] = "default";
  out["pid"] = node.pid;
  out["is_owner"] = true;
  out["liveness"] = 0;
  return go_json_indented(out);
}

std::string render_captures(const NodeFacts& node) {
  OrderedJson item;
  item["id"] = node.capture_id;
  item["is_owner"] = true;
  item["address"] = node.address;
  item["cluster_id"] = "default";
  OrderedJson out;
  out["total"] = 1;
  out["items"] = OrderedJson::array({item});
  return go_json(out);
}

std::string render_processors(const NodeFacts& node, const std::vector<ChangefeedView>& views) {
  OrderedJson items = OrderedJson::array();
  for (const ChangefeedView& view : views) {
    if (view.resolved == 0) continue;
    OrderedJson item;
    item["namespace"] = view.info.space;
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

std::string render_verified(const std::vector<NumberedTable>& tables, bool all_eligible) {
  OrderedJson eligible = OrderedJson::array();
  OrderedJson ineligible = OrderedJson::array();
  for (const NumberedTable& table : tables) {
    OrderedJson item;
    item["database_name"] = table.table.schema;
    item["table_name"] = table.table.name;
    item["table_id"] = table.id;
    item["is_partition"] = false;
    const bool fits = all_eligible || table.table.is_view || table.table.has_key;
    (fits ? eligible : ineligible).push_back(std::move(item));
  }
  OrderedJson out = OrderedJson::object();
  if (!ineligible.empty()) out["ineligible_tables"] = std::move(ineligible);
  if (!eligible.empty()) out["eligible_tables"] = std::move(eligible);
  return go_json(out);
}

std::string render_server_config(const NodeFacts& node, std::int64_t gc_ttl_seconds) {
  OrderedJson out;
  out["addr"] = node.address;
  out["advertise-addr"] = node.address;
  out["log-file"] = "";
  out["log-level"] = "info";
  out["data-dir"] = "";
  out["gc-ttl"] = gc_ttl_seconds;
  out["tz"] = "UTC";
  out["capture-session-ttl"] = 10;
  out["owner-flush-interval"] = 50000000;
  out["processor-flush-interval"] = 50000000;
  out["security"] = {{"ca-path", ""},
                     {"cert-path", ""},
                     {"key-path", ""},
                     {"cert-allowed-cn", nullptr},
                     {"mtls", false},
                     {"client-user-required", false},
                     {"client-allowed-user", nullptr}};
  out["cluster-id"] = "default";
  out["gc-tuner-memory-threshold"] = 0;
  out["per-table-memory-quota"] = 0;
  out["max-memory-percentage"] = 0;
  return go_json(out);
}

}  // namespace bdrmesh::lab
