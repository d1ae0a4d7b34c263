#include "lab/cdc/api_render.h"

#include <algorithm>
#include <cstdio>

#include "lab/config/json_types.h"
#include "lab/feed/sink_uri.h"
#include "model/tso.h"

namespace bdrmesh::lab {

namespace {

constexpr const char* kZeroTime = "0001-01-01T00:00:00Z";

bool shows_errors(const std::string& state) {
  return state == feed_state::kWarning || state == feed_state::kPending ||
         state == feed_state::kFailed;
}

OrderedJson error_json(const NodeFacts& node, const FeedError& error) {
  OrderedJson out;
  out["time"] = go_nano_time(error.time);
  out["addr"] = node.address;
  out["code"] = error.code;
  out["message"] = error.message;
  return out;
}

/// The present trouble: classic keeps two slots, the new architecture one.
const std::optional<FeedError>& any_error(const ChangefeedInfo& info) {
  return info.error ? info.error : info.warning;
}

OrderedJson detail_head(const NodeFacts& node, const ChangefeedView& view, bool mask_password) {
  const ChangefeedInfo& info = view.info;
  OrderedJson out;
  out["upstream_id"] = node.upstream_id;
  if (!node.rules.new_arch) out[node.rules.space_key] = info.space;
  out["id"] = info.id;
  if (node.rules.new_arch) out[node.rules.space_key] = info.space;
  out["sink_uri"] = mask_password ? masked_sink_uri(info.sink_uri) : info.sink_uri;
  out["create_time"] = go_nano_time(info.create_time);
  out["start_ts"] = info.start_ts;
  if (info.target_ts != 0) out["target_ts"] = info.target_ts;
  // A feed that waits for its next try counts as stopped (recorded answers).
  const int admin_job = info.state == feed_state::kPending ? 1 : info.admin_job;
  if (admin_job != 0 && !node.rules.new_arch) out["admin_job_type"] = admin_job;
  return out;
}

void add_positions(OrderedJson& out, const NodeFacts& node, const ChangefeedInfo& info,
                   std::uint64_t resolved, std::uint64_t checkpoint) {
  out["creator_version"] = node.version;
  // The new architecture shows its checkpoint twice (ticdc-api §1.5.3).
  out["resolved_ts"] = node.rules.new_arch ? checkpoint : resolved;
  out["checkpoint_ts"] = checkpoint;
  out["checkpoint_time"] = go_json_time(checkpoint);
  if (!node.rules.new_arch) return;
  out["gid"]["low"] = info.gid_low;
  out["gid"]["high"] = info.gid_high;
}

bool is_listed(const ChangefeedView& view, const std::string& asked) {
  const std::string& state = view.info.state;
  if (asked == "all") return true;
  if (asked.empty()) return state != feed_state::kFinished;
  return state == asked;
}

OrderedJson list_item(const NodeFacts& node, const ChangefeedView& view) {
  const ChangefeedInfo& info = view.info;
  OrderedJson item;
  item["upstream_id"] = node.upstream_id;
  if (!node.rules.new_arch) item[node.rules.space_key] = info.space;
  item["id"] = info.id;
  if (node.rules.new_arch) item[node.rules.space_key] = info.space;
  // The list calls a pending feed `warning` (measured.md A7).
  item["state"] = info.state == feed_state::kPending ? feed_state::kWarning : info.state;
  item["checkpoint_tso"] = view.checkpoint;
  item["checkpoint_time"] = go_json_time(view.checkpoint);
  const auto& error = any_error(info);
  const bool shown = error && (node.rules.new_arch || shows_errors(info.state));
  item["error"] = shown ? error_json(node, *error) : OrderedJson();
  return item;
}

/// Which of the errors a status shows: only what is later than the checkpoint, and in the new
/// architecture only what fits the state.
void add_last_errors(OrderedJson& out, const NodeFacts& node, const ChangefeedView& view) {
  const ChangefeedInfo& info = view.info;
  const auto is_later = [&](const std::optional<FeedError>& error) {
    return error && error->time > Tso(view.checkpoint).time();
  };
  if (node.rules.new_arch) {
    const auto& error = any_error(info);
    if (!is_later(error)) return;
    if (info.state == feed_state::kFailed) out["last_error"] = error_json(node, *error);
    if (info.state == feed_state::kWarning) out["last_warning"] = error_json(node, *error);
    return;
  }
  if (is_later(info.error)) out["last_error"] = error_json(node, *info.error);
  if (is_later(info.warning)) out["last_warning"] = error_json(node, *info.warning);
}

/// The error object of a detail has no time in classic, and Go's zero time in the new architecture.
void add_detail_error(OrderedJson& out, const NodeFacts& node, const ChangefeedInfo& info) {
  const auto& error = node.rules.new_arch ? any_error(info) : info.error;
  if (!error || !shows_errors(info.state)) return;
  OrderedJson shown = error_json(node, *error);
  if (node.rules.new_arch) {
    shown["time"] = kZeroTime;
  } else {
    shown.erase("time");
  }
  out["error"] = std::move(shown);
}

std::string doubtful_info(const ApiRules& rules) {
  const std::string begin =
      "Please check whether PD is online and TiKV Regions are all available. If PD is offline or "
      "some TiKV regions are not available, it means that the data syncing process is complete. ";
  const std::string where =
      "To check whether TiKV regions are all available, you can view 'TiKV-Details' > "
      "'Resolved-Ts' > 'Max Leader Resolved TS gap' on Grafana. ";
  const std::string end =
      "If the gap is large, such as a few minutes, it means that some regions in TiKV are "
      "unavailable. Otherwise, if the gap is small and PD is online, it means the data syncing is "
      "incomplete, so please wait";
  return begin + (rules.new_arch ? "" : where) + end;
}

}  // namespace

std::string go_json_time(std::uint64_t tso) {
  if (tso == 0) return "0001-01-01 00:00:00.000";
  std::string out = to_rfc3339(Tso(tso).time());
  out[10] = ' ';
  out.pop_back();
  return out;
}

std::string go_nano_time(std::chrono::sys_time<std::chrono::nanoseconds> time) {
  const auto millis = std::chrono::floor<std::chrono::milliseconds>(time);
  std::string out = to_rfc3339(millis);
  out.pop_back();
  char rest[16];
  std::snprintf(rest, sizeof(rest), "%06lld", static_cast<long long>((time - millis).count()));
  out += rest;
  while (out.back() == '0') out.pop_back();
  if (out.back() == '.') out.pop_back();
  return out + "Z";
}

std::string render_error(const std::string& message, const std::string& code) {
  OrderedJson out;
  out["error_msg"] = message;
  out["error_code"] = code;
  return go_json_indented(out);
}

std::string render_created(const NodeFacts& node, const ChangefeedView& view, bool created) {
  OrderedJson out = detail_head(node, view, true);
  // An update repeats the members that a feed's load takes away; only of a given config.
  out["config"] = OrderedJson::parse(view.info.config.answer);
  out["state"] = view.info.state;
  add_positions(out, node, view.info, created ? view.info.start_ts : view.resolved,
                created ? view.info.start_ts : view.checkpoint);
  return go_json(out);
}

std::string render_detail(const NodeFacts& node, const ChangefeedView& view,
                          const std::vector<std::int64_t>& table_ids, bool mask_password) {
  const ChangefeedInfo& info = view.info;
  OrderedJson out = detail_head(node, view, mask_password);
  out["config"] = OrderedJson::parse(info.config.shown);
  out["state"] = info.state;
  add_detail_error(out, node, info);
  add_positions(out, node, info, view.resolved, view.checkpoint);
  if (info.state != feed_state::kNormal) return go_json(out);
  if (node.rules.new_arch) {
    if (view.resolved != 0) out["maintainer_addr"] = node.address;
  } else {
    OrderedJson task;
    task["capture_id"] = node.capture_id;
    task["table_ids"] = table_ids;
    out["task_status"] = OrderedJson::array({task});
  }
  return go_json(out);
}

std::string render_list(const NodeFacts& node, const std::vector<ChangefeedView>& views,
                        const std::string& state) {
  std::vector<const ChangefeedView*> shown;
  for (const ChangefeedView& view : views) {
    if (is_listed(view, state)) shown.push_back(&view);
  }
  // Classic sorts by id; in the new architecture the order means nothing.
  if (node.rules.new_arch) {
    std::sort(shown.begin(), shown.end(), [](const ChangefeedView* a, const ChangefeedView* b) {
      return a->info.gid_low < b->info.gid_low;
    });
  }
  OrderedJson items = OrderedJson::array();
  for (const ChangefeedView* view : shown) items.push_back(list_item(node, *view));
  OrderedJson out;
  out["total"] = items.size();
  out["items"] = std::move(items);
  return go_json(out);
}

std::string render_status(const NodeFacts& node, const ChangefeedView& view) {
  OrderedJson out;
  out["state"] = view.info.state;
  out["resolved_ts"] = node.rules.new_arch ? view.checkpoint : view.resolved;
  out["checkpoint_ts"] = view.checkpoint;
  add_last_errors(out, node, view);
  return go_json(out);
}

std::string render_synced(const NodeFacts& node, const ChangefeedView& view, std::uint64_t now) {
  const auto time = [](std::uint64_t tso) { return Tso(tso).time(); };
  const auto checkpoint_age = time(now) - time(view.checkpoint);
  const bool quiet = time(now) - time(view.last_synced) > view.info.config.synced_check_interval;
  const bool near_now = checkpoint_age < view.info.config.checkpoint_interval;
  const bool puller_stands =
      time(view.puller_resolved) - time(view.checkpoint) < view.info.config.checkpoint_interval;
  std::string info = "The data syncing is not finished, please wait";
  if (quiet && near_now) {
    info = node.rules.new_arch ? "The data syncing is finished" : "Data syncing is finished";
  } else if (quiet && puller_stands) {
    info = doubtful_info(node.rules);
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

}  // namespace bdrmesh::lab
