#include "lab/cdc/open_api.h"

#include <algorithm>
#include <random>
#include <regex>

#include "lab/feed/api_error.h"
#include "lab/feed/sink_session.h"

namespace bdrmesh::lab {

namespace {

constexpr Millis kPatience{5000};
constexpr std::chrono::seconds kCreatingTtl{3600};

HttpResponse ok(std::string body) {
  HttpResponse response;
  response.body = std::move(body);
  return response;
}

HttpResponse failure(const ApiError& error) {
  HttpResponse response;
  response.status = error.status;
  if (error.plain_text_header) response.content_type = "text/plain; charset=utf-8";
  response.body = render_error(error.message(), error.code);
  return response;
}

HttpResponse not_found() {
  HttpResponse response;
  response.status = 404;
  response.content_type = "text/plain";
  response.body = "404 page not found";
  return response;
}

/// What Go's server does on a handler that panics: no body at all.
HttpResponse panicked() {
  HttpResponse response;
  response.status = 500;
  response.content_type.clear();
  return response;
}

/// A trailing slash is sent to the path without it (ticdc-api §1.2).
HttpResponse redirected(const HttpRequest& request, const std::string& path) {
  HttpResponse response;
  response.headers.emplace_back("Location", path);
  if (request.method == "GET") {
    response.status = 301;
    response.content_type = "text/html; charset=utf-8";
    response.body = "<a href=\"" + path + "\">Moved Permanently</a>.\n\n";
  } else {
    response.status = 307;
    response.content_type.clear();
  }
  return response;
}

std::string random_uuid() {
  std::random_device source;
  std::string out;
  for (int i = 0; i < 32; ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) out += '-';
    unsigned digit = source() & 15U;
    if (i == 12) digit = 4;
    if (i == 16) digit = 8 | (digit & 3U);
    out += "0123456789abcdef"[digit];
  }
  return out;
}

void require_name(const std::string& name, const std::string& what) {
  static const std::regex shape("^[a-zA-Z0-9]+(-[a-zA-Z0-9]+)*$");
  constexpr std::size_t kLongest = 128;
  if (name.size() > kLongest || !std::regex_match(name, shape)) {
    throw invalid_param("invalid " + what + ": " + name);
  }
}

void require_bdr_scheme(const SinkUri& uri, const std::string& text) {
  if (uri.is_mysql()) return;
  throw ApiError(
      400, "CDC:ErrSinkURIInvalid",
      "sink uri scheme is not supported in BDR mode, sink uri: " + masked_sink_uri(text));
}

void require_sync_point_scheme(const SinkUri& uri, const std::string& text) {
  if (uri.is_mysql()) return;
  throw ApiError(
      400, "CDC:ErrSinkURIInvalid",
      "sink uri scheme is not supported with syncpoint enabledsink uri: " + masked_sink_uri(text));
}

/// Steps 11 to 13 of the real order: what the sink itself is asked (ticdc-api §3.1).
void require_sink(const std::string& text, const ReplicaConfig& config) {
  const SinkUri uri = parse_sink_uri(text);
  if (config.sync_point) require_sync_point_scheme(uri, text);
  if (config.bdr_mode) require_bdr_scheme(uri, text);
  require_usable(uri);
  probe_downstream(uri, text, config.bdr_mode);
}

ApiError refused_update(const std::string& cause) {
  return {400, "CDC:ErrChangefeedUpdateRefused", cause};
}

}  // namespace

OpenApi::OpenApi(ClusterState& cluster, Owner& owner, NodeFacts node, std::int64_t gc_ttl_seconds,
                 Hooks hooks)
    : cluster_(cluster),
      owner_(owner),
      node_(std::move(node)),
      gc_ttl_seconds_(gc_ttl_seconds),
      hooks_(std::move(hooks)) {}

HttpResponse OpenApi::handle(const HttpRequest& request) {
  try {
    return route(request);
  } catch (const ApiError& e) {
    return failure(e);
  } catch (const Error& e) {
    return failure(ApiError(500, "", e.message()));
  }
}

HttpResponse OpenApi::route(const HttpRequest& request) {
  const std::string& path = request.path;
  if (path == "/config" && request.method == "GET") {
    return ok(render_server_config(node_, gc_ttl_seconds_));
  }
  if (path == "/status" && request.method == "GET") return ok(render_server_status(node_));
  const std::string prefix = "/api/v2/";
  if (path.rfind(prefix, 0) != 0) return not_found();
  if (path.back() == '/' && path.size() > prefix.size()) {
    return redirected(request, path.substr(0, path.size() - 1));
  }
  const std::string what = path.substr(prefix.size());
  const std::string call = request.method + " " + what;
  if (call == "GET health") return ok("{}");
  if (call == "GET status") return ok(render_server_status(node_));
  if (call == "GET captures") return ok(render_captures(node_));
  if (call == "GET processors") return ok(render_processors(node_, owner_.list()));
  if (call == "POST changefeeds") return create(request);
  if (call == "GET changefeeds") {
    return ok(render_list(node_, owner_.list(), request.query_or("state", "")));
  }
  if (call == "POST verify_table") return verify_table(request);
  if (call == "POST tso") {
    bind_object(request.body);
    return ok(render_tso(cluster_.oracle.next()));
  }
  if (call == "POST owner/resign") {
    hooks_.resign();
    return ok("{}");
  }
  if (call == "POST log") {
    const std::string level = bind_log_level(request.body);
    if (level != "debug" && level != "info" && level != "warn" && level != "error") {
      throw invalid_param("fail to change log level: " + level);
    }
    return ok("{}");
  }
  if (what.rfind("processors/", 0) == 0 && request.method == "GET") {
    const std::string id = what.substr(std::string("processors/").size());
    return processor(id.substr(0, id.find('/')));
  }
  const std::string feeds = "changefeeds/";
  if (what.rfind(feeds, 0) != 0) return not_found();
  const std::string id = what.substr(feeds.size());
  const std::size_t slash = id.find('/');
  return route_changefeed(request, id.substr(0, slash),
                          slash == std::string::npos ? "" : id.substr(slash + 1));
}

HttpResponse OpenApi::route_changefeed(const HttpRequest& request, const std::string& id,
                                       const std::string& rest) {
  require_name(id, "changefeed_id");
  const std::string call = request.method + " " + rest;
  if (call == "GET ") {
    const ChangefeedView view = owner_.view(id);
    return ok(render_detail(node_, view, table_ids(view.info.config), true));
  }
  if (call == "GET meta_info") {
    const ChangefeedView view = owner_.view(id);
    return ok(render_detail(node_, view, table_ids(view.info.config), false));
  }
  if (call == "GET status") return ok(render_status(node_, owner_.view(id)));
  if (call == "GET synced") return synced(id);
  if (call == "PUT ") return update(id, request);
  if (call == "POST pause") return pause(id);
  if (call == "POST resume") return resume(id, request);
  if (call == "DELETE ") {
    owner_.remove(id);  // what does not exist, or is newborn, is answered the same (measured.md A3)
    return ok("{}");
  }
  return not_found();
}

HttpResponse OpenApi::create(const HttpRequest& request) {
  const ChangefeedRequest asked = bind_changefeed(request.body);
  if (asked.replica_config_is_null) return panicked();
  const ReplicaConfig config = replica_config_for_create(asked.replica_config.value_or(""));
  if (asked.sink_uri.empty()) {
    throw ApiError(
        400, "CDC:ErrSinkURIInvalid",
        "sink uri invalid 'sink_uri is empty, cannot create a changefeed without sink_uri'");
  }
  ChangefeedInfo info;
  info.id = asked.id.empty() ? random_uuid() : asked.id;
  info.space = asked.space;
  require_name(info.id, "changefeed_id");
  require_name(info.space, "namespace");
  if (owner_.exists(info.id)) {
    throw ApiError(500, "CDC:ErrChangeFeedAlreadyExists", "changefeed already exists, " + info.id);
  }
  choose_positions(asked, info);
  require_valid(config);
  require_eligible_tables(config);
  require_sink(asked.sink_uri, config);
  info.sink_uri = asked.sink_uri;
  info.config = config;
  info.create_time = cluster_.clock.now();
  owner_.create(info);
  return ok(render_created(node_, ChangefeedView{info, 0, 0, 0, 0, 0}, true));
}

void OpenApi::choose_positions(const ChangefeedRequest& request, ChangefeedInfo& info) {
  const std::uint64_t now = cluster_.oracle.next();
  info.start_ts = request.start_ts == 0 ? now : request.start_ts;
  info.target_ts = request.target_ts;
  if (info.start_ts > now) {
    throw invalid_param("invalid start-ts " + std::to_string(info.start_ts) +
                        ", larger than current tso " + std::to_string(now));
  }
  hold_gc(owner_.gc_service() + "-creating-default_" + info.id, info.start_ts);
  if (info.target_ts != 0 && info.target_ts <= info.start_ts) {
    throw ApiError(400, "CDC:ErrTargetTsBeforeStartTs",
                   "fail to create changefeed because target-ts " + std::to_string(info.target_ts) +
                       " is earlier than start-ts " + std::to_string(info.start_ts));
  }
}

/// Keeps history from `ts` for an hour; a refused create leaves the entry behind (measured.md A17).
void OpenApi::hold_gc(const std::string& service, std::uint64_t ts) {
  const std::uint64_t least = owner_.gc_safepoint();
  if (ts - 1 < least) {
    throw ApiError(400, "CDC:ErrStartTsBeforeGC",
                   "fail to create or maintain changefeed because start-ts " + std::to_string(ts) +
                       " is earlier than or equal to GC safepoint at " + std::to_string(least));
  }
  cluster_.safepoints.set(service, ts - 1, kCreatingTtl);
}

std::vector<NumberedTable> OpenApi::numbered_tables(const ReplicaConfig& config) {
  SqlSession session(engine_login(cluster_), kPatience);
  std::vector<NumberedTable> out;
  const TableFilter filter(config.rules, config.case_sensitive);
  for (TableFacts& table : tables_of(session, filter)) {
    // Stable and unlikely to meet another one's.
    const std::size_t hash = std::hash<std::string>{}(table.schema + "." + table.name);
    out.push_back({std::move(table), static_cast<std::int64_t>(hash % 1000000 + 1000)});
  }
  return out;
}

std::vector<std::int64_t> OpenApi::table_ids(const ReplicaConfig& config) {
  std::vector<std::int64_t> ids;
  for (const NumberedTable& table : numbered_tables(config)) {
    if (table.table.has_key && !table.table.is_view) ids.push_back(table.id);
  }
  return ids;
}

void OpenApi::require_eligible_tables(const ReplicaConfig& config) {
  std::string names;
  for (const NumberedTable& table : numbered_tables(config)) {
    if (table.table.has_key || table.table.is_view) continue;
    names += (names.empty() ? "" : " ") + table.table.schema + "." + table.table.name;
  }
  if (names.empty() || config.force_replicate || config.ignore_ineligible_table) return;
  throw ApiError(400, "CDC:ErrTableIneligible",
                 "some tables are not eligible to replicate([" + names +
                     "]), if you want to ignore these tables, please set ignore_ineligible_table "
                     "to true");
}

HttpResponse OpenApi::update(const std::string& id, const HttpRequest& request) {
  const ChangefeedRequest asked = bind_changefeed(request.body);
  ChangefeedInfo info = owner_.stored(id);
  if (info.state != feed_state::kStopped && info.state != feed_state::kFailed) {
    throw refused_update(
        "changefeed update error: can only update changefeed config when it is stopped or failed");
  }
  if (asked.target_ts != 0) {
    if (asked.target_ts <= info.start_ts) {
      throw refused_update("can not update target_ts:" + std::to_string(asked.target_ts) +
                           " less than start_ts:" + std::to_string(info.start_ts));
    }
    info.target_ts = asked.target_ts;
  }
  const ChangefeedInfo old = owner_.stored(id);
  if (asked.replica_config) info.config = replica_config_for_update(*asked.replica_config);
  if (!asked.sink_uri.empty()) info.sink_uri = asked.sink_uri;
  const bool same = info.sink_uri == old.sink_uri && info.target_ts == old.target_ts &&
                    info.config.shown == old.config.shown;
  if (same) {
    throw refused_update(
        "changefeed update error: changefeed config is the same with the old one, do nothing");
  }
  if (asked.sink_uri.empty()) {
    // A sink that is down now is reported as such; only a new one's failure is wrapped (measured.md
    // §1.5.4).
    probe_downstream(parse_sink_uri(info.sink_uri), info.sink_uri, false);
  }
  try {
    require_valid(info.config);
    require_eligible_tables(info.config);
    require_sink(info.sink_uri, info.config);
  } catch (const ApiError& e) {
    throw refused_update("changefeed update error: " + e.message());
  }
  owner_.update(info);
  ChangefeedView view = owner_.view(id);
  view.info = info;
  return ok(render_created(node_, view, false));
}

HttpResponse OpenApi::pause(const std::string& id) {
  if (owner_.pause(id) == Owner::Asked::killed) return died();
  return ok("{}");
}

HttpResponse OpenApi::synced(const std::string& id) {
  if (owner_.is_deadly(id)) return died();
  return ok(render_synced(owner_.view(id), cluster_.oracle.next()));
}

/// The request that kills the process is never answered.
HttpResponse OpenApi::died() {
  hooks_.die();
  HttpResponse response;
  response.close_without_answer = true;
  return response;
}

HttpResponse OpenApi::resume(const std::string& id, const HttpRequest& request) {
  owner_.view(id);
  const std::uint64_t overwrite = bind_resume(request.body);
  const ChangefeedView view = owner_.view(id);
  const std::uint64_t from = overwrite != 0 ? overwrite : view.checkpoint;
  const std::uint64_t now = cluster_.oracle.next();
  if (from > now) {
    throw invalid_param("invalid checkpoint-ts " + std::to_string(from) +
                        ", larger than current tso " + std::to_string(now));
  }
  hold_gc(owner_.gc_service() + "-creating-default_" + id, from);
  probe_downstream(parse_sink_uri(view.info.sink_uri), view.info.sink_uri, false);
  owner_.resume(id, overwrite);
  return ok("{}");
}

HttpResponse OpenApi::verify_table(const HttpRequest& request) {
  const ChangefeedRequest asked = bind_changefeed(request.body);
  if (asked.replica_config_is_null) return panicked();
  const ReplicaConfig config = replica_config_for_create(asked.replica_config.value_or(""));
  if (asked.start_ts == 0) {
    throw ApiError(500, "CDC:ErrMetaListDatabases",
                   "meta store list databases: [tikv:9006]GC life time is shorter than transaction "
                   "duration, transaction starts at 0");
  }
  return ok(render_verified(numbered_tables(config), config.force_replicate));
}

HttpResponse OpenApi::processor(const std::string& id) {
  const ChangefeedView view = owner_.view(id);
  if (view.resolved == 0) {
    throw invalid_param("invalid api parameter: changefeed in abnormal state: " + view.info.state +
                        ", can'duration get processor of an abnormal changefeed");
  }
  return ok(render_processor(table_ids(view.info.config)));
}

}  // namespace bdrmesh::lab
