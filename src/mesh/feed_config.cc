#include "mesh/feed_config.h"

#include <algorithm>
#include <array>

namespace bdrmesh {
namespace {

constexpr const char* kParameter = "sink parameter ";

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
                        hex_digit(text[i + 2]) >= 0;
    if (escape) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::map<std::string, std::string> parameters_of(const std::string& uri) {
  std::map<std::string, std::string> all;
  const std::size_t query = uri.find('?');
  if (query == std::string::npos) return all;
  std::string_view rest = std::string_view(uri).substr(query + 1);
  while (!rest.empty()) {
    const std::string_view one = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(one.size() + 1, rest.size()));
    if (one.empty()) continue;
    const std::size_t equals = one.find('=');
    all[decoded(one.substr(0, equals))] =
        equals == std::string_view::npos ? "" : decoded(one.substr(equals + 1));
  }
  return all;
}

const Json* list_at(const Json& config, const char* section, const char* key) {
  const auto outer = config.find(section);
  if (outer == config.end() || !outer->is_object()) return nullptr;
  const auto inner = outer->find(key);
  return inner == outer->end() || !inner->is_array() || inner->empty() ? nullptr : &*inner;
}

bool is_off(const Json& value) { return value.is_boolean() && !value.get<bool>(); }

void compare(const std::string& path, const Json& wanted, const Json& seen,
             std::vector<FeedDifference>& out) {
  if (wanted.is_object()) {
    for (const auto& [key, value] : wanted.items()) {
      const Json missing;
      const auto found = seen.is_object() ? seen.find(key) : seen.end();
      const std::string deeper = path.empty() ? key : path + "." + key;
      compare(deeper, value, seen.is_object() && found != seen.end() ? *found : missing, out);
    }
    return;
  }
  if (wanted == seen || (is_off(wanted) && seen.is_null())) return;
  out.push_back({path, wanted.dump(), seen.is_null() ? "absent" : seen.dump()});
}

}  // namespace

SinkTarget sink_target(const std::string& uri) {
  const std::size_t scheme = uri.find("://");
  if (scheme == std::string::npos) return {};
  const std::size_t end = uri.find_first_of("/?", scheme + 3);
  const std::string authority =
      uri.substr(scheme + 3, end == std::string::npos ? end : end - scheme - 3);
  const std::size_t at = authority.rfind('@');
  if (at == std::string::npos) return {"", authority};
  return {authority.substr(0, authority.find_first_of(":@")), authority.substr(at + 1)};
}

std::string redo_prefix(const RedoSpec& redo, const ChangefeedId& feed) {
  const std::size_t query = redo.storage.find('?');
  return redo.storage.substr(0, query) + "/" + feed.value() +
         (query == std::string::npos ? "" : redo.storage.substr(query));
}

Json wanted_replica_config(const GroupSpec& group, const ChangefeedId& feed) {
  Json config{{"bdr_mode", group.kind == GroupKind::multi_active},
              {"case_sensitive", false},
              {"force_replicate", false},
              {"ignore_ineligible_table", false},
              {"check_gc_safe_point", true},
              {"enable_sync_point", group.syncpoint_interval.has_value()},
              {"filter", {{"rules", feed_rules(group)}}}};
  // TiCDC tells durations in nanoseconds (ticdc-api §1.3).
  static constexpr std::int64_t kNanos = 1'000'000;
  if (group.syncpoint_interval)
    config["sync_point_interval"] = group.syncpoint_interval->count() * kNanos;
  if (group.syncpoint_interval && group.syncpoint_retention)
    config["sync_point_retention"] = group.syncpoint_retention->count() * kNanos;
  if (group.redo) {
    config["consistent"] = {{"level", "eventual"},
                            {"storage", redo_prefix(*group.redo, feed)},
                            {"max_log_size", group.redo->max_log_size},
                            {"flush_interval", group.redo->flush_interval.count()}};
  }
  return config;
}

std::vector<FeedDifference> feed_differences(const Json& wanted_config,
                                             const std::string& sink_user,
                                             const std::string& sink_address,
                                             std::uint64_t upstream_id, const FeedDetail& seen) {
  std::vector<FeedDifference> differences;
  compare("", wanted_config, seen.config, differences);
  const auto [user, address] = sink_target(seen.sink_uri);
  if (user != sink_user) differences.push_back({"sink user", sink_user, user});
  if (address != sink_address) differences.push_back({"sink address", sink_address, address});
  if (seen.upstream_id != 0 && seen.upstream_id != upstream_id) {
    differences.push_back(
        {"upstream cluster", std::to_string(upstream_id), std::to_string(seen.upstream_id)});
  }
  return differences;
}

std::vector<FeedDifference> feed_additions(const std::map<std::string, std::string>& wanted_params,
                                           const FeedDetail& seen) {
  std::vector<FeedDifference> differences;
  static constexpr std::array<std::pair<const char*, const char*>, 3> kLists{
      {{"filter", "event_filters"}, {"filter", "ignore_txn_start_ts"}, {"sink", "dispatchers"}}};
  for (const auto& [section, key] : kLists) {
    if (const Json* list = list_at(seen.config, section, key))
      differences.push_back({std::string(section) + "." + key, "absent", list->dump()});
  }
  if (seen.target_ts.is_set())
    differences.push_back({"target_ts", "absent", to_string(seen.target_ts)});
  const auto has = parameters_of(seen.sink_uri);
  for (const auto& [name, value] : wanted_params) {
    const auto found = has.find(name);
    if (found != has.end() && found->second == value) continue;
    differences.push_back(
        {kParameter + name, value, found == has.end() ? "absent" : found->second});
  }
  for (const auto& [name, value] : has) {
    if (!wanted_params.contains(name)) differences.push_back({kParameter + name, "absent", value});
  }
  return differences;
}

bool leaves_rows_out(const std::string& property) {
  return property == "filter.event_filters" || property == "filter.ignore_txn_start_ts" ||
         property == "target_ts" || property == std::string(kParameter) + "dry-run" ||
         property == std::string(kParameter) + "where-clause";
}

}  // namespace bdrmesh
