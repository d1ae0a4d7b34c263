#include "lab/cdc/binding.h"

#include "base/json.h"
#include "lab/config/json_types.h"
#include "lab/feed/api_error.h"

namespace bdrmesh::lab {

namespace {

/// A body that begins and stops too early ends in `unexpected EOF`, none at all in `EOF`.
OrderedJson parse(const std::string& body) {
  if (body.find_first_not_of(" \t\r\n") == std::string::npos) throw bind_error("EOF");
  try {
    return OrderedJson::parse(body);
  } catch (const OrderedJson::parse_error& e) {
    if (e.byte > body.size()) throw bind_error("unexpected EOF");
    const char c = body[e.byte == 0 ? 0 : e.byte - 1];
    throw bind_error(std::string("invalid character '") + c + "' looking for beginning of value");
  }
}

OrderedJson parse_object(const std::string& body, const char* type) {
  OrderedJson json = parse(body);
  if (json.is_null()) return OrderedJson::object();
  if (!json.is_object()) {
    throw bind_error("json: cannot unmarshal " + go_type_of(json) + " into Go value of type v2." +
                     type);
  }
  return json;
}

std::string text_of(const OrderedJson& object, const std::string& type, const char* key,
                    std::string fallback) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return fallback;
  require_type(*found, GoType::text, type + "." + key);
  return found->get<std::string>();
}

std::uint64_t number_of(const OrderedJson& object, const std::string& type, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return 0;
  require_type(*found, GoType::uint64, type + "." + key);
  return found->get<std::uint64_t>();
}

}  // namespace

ChangefeedRequest bind_changefeed(const std::string& body) {
  const std::string type = "ChangefeedConfig";
  const OrderedJson json = parse_object(body, "ChangefeedConfig");
  ChangefeedRequest request;
  request.space = text_of(json, type, "namespace", "default");
  request.id = text_of(json, type, "changefeed_id", "");
  request.start_ts = number_of(json, type, "start_ts");
  request.target_ts = number_of(json, type, "target_ts");
  request.sink_uri = text_of(json, type, "sink_uri", "");
  if (const auto found = json.find("replica_config"); found != json.end()) {
    request.replica_config_is_null = found->is_null();
    if (!found->is_null()) request.replica_config = found->dump();
  }
  return request;
}

std::uint64_t bind_resume(const std::string& body) {
  const OrderedJson json = parse_object(body, "ResumeChangefeedConfig");
  return number_of(json, "ResumeChangefeedConfig", "overwrite_checkpoint_ts");
}

void bind_synced(const std::string& body, std::chrono::seconds& check_interval,
                 std::chrono::seconds& checkpoint_interval) {
  const OrderedJson json = parse_object(body, "SyncedConfig");
  const OrderedJson config = json.value("replica_config", OrderedJson::object());
  if (!config.is_object()) throw bind_error("json: cannot unmarshal replica_config");
  const OrderedJson given = config.value("synced_status", OrderedJson::object());
  if (!given.is_object()) throw bind_error("json: cannot unmarshal synced_status");
  const std::string type = "SyncedStatusConfig";
  if (const auto n = number_of(given, type, "synced_check_interval"); n != 0) {
    check_interval = std::chrono::seconds(static_cast<std::int64_t>(n));
  }
  if (const auto n = number_of(given, type, "checkpoint_interval"); n != 0) {
    checkpoint_interval = std::chrono::seconds(static_cast<std::int64_t>(n));
  }
}

std::string bind_redact_mode(const std::string& body) {
  return text_of(parse_object(body, "LogRedactReq"), "LogRedactReq", "redact_info_log", "");
}

ResolveLockRequest bind_resolve_lock(const std::string& body) {
  const std::string type = "ResolveLockReq";
  const OrderedJson json = parse_object(body, "ResolveLockReq");
  return {number_of(json, type, "region_id"), number_of(json, type, "ts")};
}

void bind_object(const std::string& body) { parse_object(body, "PDConfig"); }

std::string bind_log_level(const std::string& body) {
  return text_of(parse_object(body, "LogLevelReq"), "LogLevelReq", "log_level", "");
}

}  // namespace bdrmesh::lab
