#include "lab/cdc/open_api.h"

#include <algorithm>
#include <array>

#include "lab/cdc/api_answers.h"
#include "lab/cdc/api_auth.h"
#include "lab/cdc/metrics_page.h"

namespace bdrmesh::lab {

namespace {

const std::string kV2 = "/api/v2/";

NodeFacts with_rules(NodeFacts node, const Profile& profile) {
  node.rules = rules_of(profile);
  return node;
}

/// Of any other method the server does not even answer (measured.md §2.B, §3.29).
bool is_common_method(const std::string& method) {
  constexpr std::array kCommon = {"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS"};
  return std::find(kCommon.begin(), kCommon.end(), method) != kCommon.end();
}

}  // namespace

OpenApi::OpenApi(ClusterState& cluster, Owner& owner, NodeFacts node, std::int64_t gc_ttl_seconds,
                 Hooks hooks)
    : context_{cluster, owner, with_rules(std::move(node), cluster.profile), gc_ttl_seconds,
               std::move(hooks)},
      feeds_(cluster.profile.is_classic() ? make_classic_changefeeds(context_)
                                          : make_new_arch_changefeeds(context_)),
      server_(context_),
      tables_(context_) {
  add_common_routes();
  if (context_.rules().new_arch) {
    add_new_arch_routes();
  } else {
    add_classic_routes();
  }
}

void OpenApi::add_common_routes() {
  const auto add = [this](const char* method, const std::string& path, ApiRouter::Handler handler) {
    router_.add(method, kV2 + path, std::move(handler));
  };
  const auto guarded = [this](const char* method, const std::string& path,
                              ApiRouter::Handler handler) {
    router_.add(method, kV2 + path, std::move(handler), ApiRouter::Access::authenticated);
  };
  guarded("POST", "changefeeds", [this](const ApiCall& call) { return feeds_->create(call); });
  guarded("PUT", "changefeeds/:id", [this](const ApiCall& call) { return feeds_->update(call); });
  guarded("DELETE", "changefeeds/:id",
          [this](const ApiCall& call) { return feeds_->remove(call); });
  guarded("POST", "changefeeds/:id/pause",
          [this](const ApiCall& call) { return feeds_->pause(call); });
  guarded("POST", "changefeeds/:id/resume",
          [this](const ApiCall& call) { return feeds_->resume(call); });
  add("GET", "changefeeds", [this](const ApiCall& call) { return feeds_->list(call); });
  add("GET", "changefeeds/:id", [this](const ApiCall& call) { return feeds_->detail(call); });
  add("POST", "verify_table", [this](const ApiCall& call) { return feeds_->verify_table(call); });

  add("GET", "health", [this](const ApiCall&) { return server_.health(); });
  add("GET", "status", [this](const ApiCall&) { return server_.status(); });
  add("GET", "captures", [this](const ApiCall&) { return server_.captures(); });
  add("GET", "processors", [this](const ApiCall&) { return server_.processors(); });
  add("GET", "processors/:id/:capture",
      [this](const ApiCall& call) { return server_.processor(call); });
  add("POST", "tso", [this](const ApiCall& call) { return server_.tso(call); });
  add("POST", "log", [this](const ApiCall& call) { return server_.log_level(call); });
  add("POST", "owner/resign", [this](const ApiCall&) { return server_.resign(); });
  guarded("GET", "unsafe/metadata", [this](const ApiCall&) { return server_.metadata(); });
  guarded("POST", "unsafe/resolve_lock",
          [this](const ApiCall& call) { return server_.resolve_lock(call); });
  guarded("DELETE", "unsafe/service_gc_safepoint",
          [this](const ApiCall& call) { return server_.delete_gc_safepoint(call); });

  router_.add("GET", "/status", [this](const ApiCall&) { return server_.status(); });
  router_.add("GET", "/debug/info", [this](const ApiCall&) { return server_.debug_info(); });
  router_.add("POST", "/admin/log",
              [this](const ApiCall& call) { return server_.log_level(call); });
  router_.add("GET", "/metrics", [this](const ApiCall&) { return metrics_page(context_); });
  if (context_.rules().has_config_page) {
    router_.add("GET", "/config", [this](const ApiCall&) { return server_.config(); });
  }
}

void OpenApi::add_classic_routes() {
  const auto add = [this](const char* method, const std::string& path, ApiRouter::Handler handler) {
    router_.add(method, kV2 + path, std::move(handler));
  };
  add("GET", "changefeeds/:id/status",
      [this](const ApiCall& call) { return feeds_->status(call); });
  add("GET", "changefeeds/:id/synced",
      [this](const ApiCall& call) { return feeds_->synced(call); });
  // The sink's password in clear, for anybody (ticdc-api §1.2).
  add("GET", "changefeeds/:id/meta_info",
      [this](const ApiCall& call) { return feeds_->detail(call); });
  add("POST", "captures/:capture/drain",
      [this](const ApiCall& call) { return server_.drain(call); });
}

void OpenApi::add_new_arch_routes() {
  const auto add = [this](const char* method, const std::string& path, ApiRouter::Handler handler,
                          ApiRouter::Access access = ApiRouter::Access::open) {
    router_.add(method, kV2 + path, std::move(handler), access);
  };
  const auto guard = ApiRouter::Access::authenticated;
  add(
      "GET", "changefeeds/:id/status", [this](const ApiCall& call) { return feeds_->status(call); },
      guard);
  add(
      "GET", "changefeeds/:id/synced", [this](const ApiCall& call) { return feeds_->synced(call); },
      guard);
  add(
      "POST", "changefeeds/:id/move_table",
      [this](const ApiCall& call) { return tables_.move(call); }, guard);
  add(
      "POST", "changefeeds/:id/move_split_table",
      [this](const ApiCall& call) { return tables_.move(call); }, guard);
  add(
      "POST", "changefeeds/:id/split_table_by_region_count",
      [this](const ApiCall& call) { return tables_.split(call); }, guard);
  add(
      "POST", "changefeeds/:id/merge_table",
      [this](const ApiCall& call) { return tables_.merge(call); }, guard);
  add("GET", "changefeeds/:id/get_dispatcher_count",
      [this](const ApiCall& call) { return tables_.count(call); });
  add("GET", "changefeeds/:id/tables", [this](const ApiCall& call) { return tables_.list(call); });
  add("POST", "get_all_tables", [this](const ApiCall& call) { return feeds_->verify_table(call); });
  add("POST", "log/redact", [this](const ApiCall& call) { return server_.log_redaction(call); });
  // The wrappers that keep tools of API v1 alive: bare lists, the rest as in v2.
  router_.add("GET", "/api/v1/changefeeds",
              [this](const ApiCall& call) { return feeds_->bare_list(call); });
  router_.add("GET", "/api/v1/changefeeds/:id",
              [this](const ApiCall& call) { return feeds_->detail(call); });
  router_.add("GET", "/api/v1/status", [this](const ApiCall&) { return server_.status(); });
  router_.add("GET", "/debug/failpoints", [](const ApiCall&) { return ok("[]"); });
}

HttpResponse OpenApi::handle(const HttpRequest& request, const std::stop_token& stop) {
  try {
    return route(request, stop);
  } catch (const ApiError& e) {
    return failure(e);
  } catch (const Error& e) {
    return failure(ApiError(500, "", e.message()));
  }
}

HttpResponse OpenApi::route(const HttpRequest& request, const std::stop_token& stop) {
  if (!is_common_method(request.method)) return unanswered();
  ApiRouter::Match match = router_.find(request.method, request.path);
  if (match.handler == nullptr) {
    return match.redirect.empty() ? not_found() : redirected(request.method, match.redirect);
  }
  if (match.access == ApiRouter::Access::authenticated) require_user(context_, request);
  return (*match.handler)({request, stop, std::move(match.named)});
}

}  // namespace bdrmesh::lab
