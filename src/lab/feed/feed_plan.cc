#include "lab/feed/feed_plan.h"

#include "base/json.h"

namespace bdrmesh::lab {

namespace {

Json member(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() || !found->is_object() ? Json::object() : *found;
}

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? "" : found->dump();
}

/// The API stores durations in nanoseconds.
Millis millis_of(const Json& config, const char* key, Millis otherwise) {
  const auto found = config.find(key);
  if (found == config.end() || !found->is_number()) return otherwise;
  return std::chrono::duration_cast<Millis>(std::chrono::nanoseconds(found->get<std::int64_t>()));
}

}  // namespace

void apply_replica_config(FeedPlan& plan, const std::string& replica_config_json) {
  const Json config = replica_config_json.empty()
                          ? Json::object()
                          : parse_json(replica_config_json, "replica_config");
  const Json sink = member(config, "sink");
  plan.options =
      sink_options(plan.sink, text_of(sink, "mysql_config"), get_or(sink, "safe_mode", false),
                   get_or<std::string>(sink, "transaction_atomicity", ""));
  plan.safe_mode = plan.safe_mode || plan.options.safe_mode;
  plan.events = std::make_shared<const EventFilters>(
      text_of(member(config, "filter"), "event_filters"), get_or(config, "case_sensitive", false));
  plan.sync_points.enabled = get_or(config, "enable_sync_point", false);
  plan.sync_points.interval = millis_of(config, "sync_point_interval", plan.sync_points.interval);
  plan.sync_points.retention =
      millis_of(config, "sync_point_retention", plan.sync_points.retention);
}

}  // namespace bdrmesh::lab
