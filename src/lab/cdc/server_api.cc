#include "lab/cdc/server_api.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "lab/cdc/api_answers.h"
#include "lab/cdc/api_tables.h"
#include "lab/cdc/binding.h"

namespace bdrmesh::lab {

namespace {

constexpr std::array<std::string_view, 3> kRedactions = {"off", "marker", "on"};

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

}  // namespace

HttpResponse ServerApi::health() const { return ok("{}"); }

HttpResponse ServerApi::status() const {
  NodeFacts node = context_.node;
  for (const CaptureView& capture : context_.captures()) {
    if (capture.id == node.capture_id) node.is_owner = capture.is_owner;
  }
  return ok(render_server_status(node));
}

HttpResponse ServerApi::config() const {
  return ok(render_server_config(context_.node, context_.gc_ttl_seconds));
}

HttpResponse ServerApi::captures() const { return ok(render_captures(context_.captures())); }

/// Tables of a capture that is to go: here the owner carries all of them, so that nothing is left.
HttpResponse ServerApi::drain(const ApiCall& call) const {
  const auto refused = [](const std::string& why) {
    return ApiError(400, "CDC:ErrSchedulerRequestFailed", "scheduler request failed, " + why);
  };
  const std::vector<CaptureView> captures = context_.captures();
  if (captures.size() < 2) throw refused("only one capture alive");
  const std::string& id = call.part("capture");
  const auto found = std::find_if(captures.begin(), captures.end(),
                                  [&](const CaptureView& capture) { return capture.id == id; });
  if (found == captures.end()) {
    throw ApiError(400, "CDC:ErrCaptureNotExist", "capture not exists, " + id);
  }
  if (found->is_owner) throw refused("cannot drain the owner");
  HttpResponse response = ok("{\"current_table_count\":0}");
  response.status = 202;
  return response;
}

HttpResponse ServerApi::processors() const {
  return ok(render_processors(context_.node, context_.owner.list()));
}

HttpResponse ServerApi::processor(const ApiCall& call) const {
  if (context_.rules().new_arch) return ok("{\"table_ids\":null}");  // a stub in this family
  const ChangefeedView view = context_.owner.view(call.part("id"));
  if (view.resolved == 0) {
    throw invalid_param("invalid api parameter: changefeed in abnormal state: " + view.info.state +
                        ", can'duration get processor of an abnormal changefeed");
  }
  const std::vector<CaptureView> captures = context_.captures();
  const std::string& id = call.part("capture");
  if (std::none_of(captures.begin(), captures.end(),
                   [&](const CaptureView& capture) { return capture.id == id; })) {
    throw ApiError(400, "CDC:ErrCaptureNotExist", "capture not exists, " + id);
  }
  return ok(render_processor(replicated_table_ids(context_.cluster, view.info.config)));
}

HttpResponse ServerApi::tso(const ApiCall& call) const {
  if (!context_.rules().new_arch) bind_object(call.request.body);
  return ok(render_tso(context_.cluster.oracle.next()));
}

HttpResponse ServerApi::log_level(const ApiCall& call) const {
  const std::string level = bind_log_level(call.request.body);
  if (level != "debug" && level != "info" && level != "warn" && level != "error") {
    throw invalid_param("fail to change log level: " + level);
  }
  return ok("{}");
}

/// Only towards more hiding.
HttpResponse ServerApi::log_redaction(const ApiCall& call) {
  const std::string mode = bind_redact_mode(call.request.body);
  const auto wanted = std::find(kRedactions.begin(), kRedactions.end(), mode);
  if (wanted == kRedactions.end()) {
    throw invalid_param("invalid redact mode '" + mode + "': must be 'off', 'on', or 'marker'");
  }
  const std::lock_guard lock(mutex_);
  const std::string before = redaction_;
  const auto present = std::find(kRedactions.begin(), kRedactions.end(), before);
  if (wanted < present) {
    throw invalid_param("cannot change redact mode from '" + before + "' to less restrictive '" +
                        mode + "'");
  }
  redaction_ = mode;
  return ok("{\"previous_mode\":\"" + upper(before) + "\",\"current_mode\":\"" + upper(mode) +
            "\"}");
}

HttpResponse ServerApi::resign() const {
  context_.hooks.resign();
  return ok("{}");
}

HttpResponse ServerApi::metadata() const {
  return ok(render_metadata(context_.node, context_.owner.list()));
}

HttpResponse ServerApi::debug_info() const {
  HttpResponse response;
  response.content_type = "text/plain; charset=utf-8";
  response.body =
      "\n\n*** etcd info ***:\n\n" + render_metadata(context_.node, context_.owner.list()) + "\n";
  return response;
}

HttpResponse ServerApi::resolve_lock(const ApiCall& call) const {
  const ResolveLockRequest asked = bind_resolve_lock(call.request.body);
  // No region is known here: none of them has a lock.
  throw ApiError(500, "", "region not found for regionID " + std::to_string(asked.region_id));
}

HttpResponse ServerApi::delete_gc_safepoint(const ApiCall& call) const {
  bind_object(call.request.body);
  context_.cluster.safepoints.remove(context_.owner.gc_service());
  return ok("{}");
}

}  // namespace bdrmesh::lab
