#include "lab/server/variables.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "lab/parse/tokens.h"
#include "lab/server/refused.h"

namespace bdrmesh::lab {

namespace {

using Scope = VariableScope;
using Type = VariableType;

constexpr std::int64_t kMinute = 60;

VariableRule flag(Scope scope, const char* initial) {
  return {scope, Type::flag, initial, 0, 0, {}, {}};
}
VariableRule number(Scope scope, const char* initial, std::int64_t least, std::int64_t greatest) {
  return {scope, Type::integer, initial, least, greatest, {}, {}};
}
VariableRule text(Scope scope, const char* initial) {
  return {scope, Type::text, initial, 0, 0, {}, {}};
}
VariableRule duration(const char* initial) {
  return {Scope::global_only, Type::duration, initial, 10 * kMinute, 8760 * 60 * kMinute, {}, {}};
}
VariableRule choice(Scope scope, const char* initial, std::vector<std::string> choices) {
  return {scope, Type::choice, initial, 0, 0, std::move(choices), {}};
}
VariableRule since(Version version, VariableRule rule) {
  rule.since = version;
  return rule;
}

std::optional<std::string> as_flag(const std::string& value) {
  const std::string lower = to_lower(value);
  if (lower == "on" || lower == "1" || lower == "true") return "ON";
  if (lower == "off" || lower == "0" || lower == "false") return "OFF";
  return std::nullopt;
}

/// `1h30m`, `10m0s`, `24h` in seconds.
std::optional<std::int64_t> parse_duration(const std::string& value) {
  double total = 0;
  std::size_t at = 0;
  while (at < value.size()) {
    std::size_t end = at;
    while (end < value.size() &&
           (std::isdigit(static_cast<unsigned char>(value[end])) != 0 || value[end] == '.'))
      ++end;
    if (end == at || end == value.size()) return std::nullopt;
    const double count = std::stod(value.substr(at, end - at));
    const char unit = value[end];
    if (unit == 'h') {
      total += count * 3600;
    } else if (unit == 'm') {
      total += count * 60;
    } else if (unit == 's') {
      total += count;
    } else {
      return std::nullopt;
    }
    at = end + 1;
  }
  if (value.empty()) return std::nullopt;
  return static_cast<std::int64_t>(total);
}

std::string format_duration(std::int64_t seconds) {
  std::string out;
  if (seconds >= 3600) out += std::to_string(seconds / 3600) + "h";
  if (seconds >= 60) out += std::to_string(seconds / 60 % 60) + "m";
  return out + std::to_string(seconds % 60) + "s";
}

[[noreturn]] void refuse_value(const std::string& name, const std::string& value) {
  throw Refused(1231, "42000",
                "Variable '" + name + "' can't be set to the value of '" + value + "'");
}

AcceptedValue accept_integer(const std::string& name, const VariableRule& rule,
                             const std::string& value, bool is_text) {
  std::int64_t parsed = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), parsed);
  if (error == std::errc::result_out_of_range) return {std::to_string(rule.greatest), true};
  if (error != std::errc() || end != value.data() + value.size() || is_text) {
    throw Refused(1232, "42000", "Incorrect argument type to variable '" + name + "'");
  }
  const std::int64_t clamped = std::clamp(parsed, rule.least, rule.greatest);
  return {std::to_string(clamped), clamped != parsed};
}

/// By name in any case, or by number.
std::string accept_choice(const std::string& name, const VariableRule& rule,
                          const std::string& value) {
  for (std::size_t i = 0; i < rule.choices.size(); ++i) {
    if (to_lower(value) == to_lower(rule.choices[i]) || value == std::to_string(i)) {
      return rule.choices[i];
    }
  }
  refuse_value(name, value);
}

}  // namespace

const std::map<std::string, VariableRule, std::less<>>& all_variables() {
  static const std::map<std::string, VariableRule, std::less<>> variables = {
      {"tidb_source_id", number(Scope::global_only, "1", 1, 15)},
      {"tidb_cdc_write_source", number(Scope::session_only, "0", 0, 15)},
      {"tidb_super_read_only", flag(Scope::global_only, "OFF")},
      {"tidb_restricted_read_only", flag(Scope::global_only, "OFF")},
      {"tidb_gc_enable", flag(Scope::global_only, "ON")},
      {"tidb_gc_life_time", duration("10m0s")},
      {"tidb_gc_run_interval", duration("10m0s")},
      {"tidb_gc_max_wait_time", number(Scope::global_only, "86400", 600, 31536000)},
      {"tidb_gc_scan_lock_mode", text(Scope::global_only, "LEGACY")},
      {"tidb_gc_concurrency", number(Scope::global_only, "-1", -1, 256)},
      {"tidb_enable_metadata_lock", flag(Scope::global_only, "ON")},
      {"tidb_ttl_job_enable", flag(Scope::global_only, "ON")},
      {"tidb_ttl_running_tasks", number(Scope::global_only, "-1", -1, 256)},
      {"tidb_enable_clustered_index", choice(Scope::both, "ON", {"OFF", "ON", "INT_ONLY"})},
      {"tidb_ddl_enable_fast_reorg", flag(Scope::global_only, "ON")},
      {"tidb_enable_dist_task", since({7, 1, 0}, flag(Scope::global_only, "ON"))},
      {"tidb_enable_resource_control", since({6, 6, 0}, flag(Scope::global_only, "ON"))},
      {"tidb_ddl_reorg_worker_cnt", number(Scope::both, "4", 1, 256)},
      {"tidb_ddl_reorg_batch_size", number(Scope::both, "256", 32, 10240)},
      {"tidb_ddl_reorg_max_write_speed", text(Scope::global_only, "0")},
      {"tidb_low_resolution_tso", flag(Scope::both, "OFF")},
      {"tidb_read_staleness", number(Scope::session_only, "0", -2147483648LL, 0)},
      {"tidb_enable_external_ts_read", flag(Scope::both, "OFF")},
      {"tidb_external_ts", text(Scope::global_only, "0")},
      {"tidb_txn_mode", choice(Scope::both, "pessimistic", {"", "pessimistic", "optimistic"})},
      {"tidb_snapshot", text(Scope::session_only, "")},
      {"tidb_placement_mode", choice(Scope::both, "STRICT", {"STRICT", "IGNORE"})},
      {"tidb_enable_check_constraint", since({7, 2, 0}, flag(Scope::global_only, "OFF"))},
      {"tidb_enable_exchange_partition", flag(Scope::both, "ON")},
      {"tidb_multi_statement_mode", choice(Scope::both, "OFF", {"OFF", "ON", "WARN"})},
      {"tidb_disable_txn_auto_retry", flag(Scope::both, "ON")},
      {"tidb_retry_limit", number(Scope::both, "10", -1, 2147483647)},
      {"tidb_skip_isolation_level_check", flag(Scope::both, "OFF")},
      {"tidb_enable_noop_functions", choice(Scope::both, "OFF", {"OFF", "ON", "WARN"})},
      {"tidb_mem_quota_query", number(Scope::both, "1073741824", -1, 9223372036854775807LL)},
      {"tidb_distsql_scan_concurrency", number(Scope::both, "15", 1, 256)},
      {"tidb_session_alias", since({7, 4, 0}, text(Scope::session_only, ""))},
      {"tidb_idle_transaction_timeout", since({7, 6, 0}, number(Scope::both, "0", 0, 31536000))},
      {"tidb_allow_auto_random_explicit_insert", flag(Scope::both, "OFF")},
      {"allow_auto_random_explicit_insert", flag(Scope::both, "OFF")},
      {"tidb_constraint_check_in_place", flag(Scope::both, "OFF")},
      {"tidb_constraint_check_in_place_pessimistic", flag(Scope::both, "ON")},
      {"tidb_opt_write_row_id", flag(Scope::session_only, "OFF")},
      {"tidb_replica_read", choice(Scope::both, "leader",
                                   {"leader", "follower", "leader-and-follower", "closest-replicas",
                                    "closest-adaptive", "learner", "prefer-leader"})},
      {"tidb_force_priority", choice(Scope::both, "NO_PRIORITY",
                                     {"NO_PRIORITY", "LOW_PRIORITY", "HIGH_PRIORITY", "DELAYED"})},
      {"tidb_executor_concurrency", number(Scope::both, "5", 1, 256)},
      {"tidb_enable_chunk_rpc", flag(Scope::session_only, "ON")},
      {"tidb_shard_allocate_step",
       number(Scope::both, "9223372036854775807", 1, 9223372036854775807LL)},
      {"tidb_isolation_read_engines", text(Scope::both, "tikv,tiflash,tidb")},
      {"tidb_enable_async_commit", flag(Scope::both, "ON")},
      {"tidb_enable_1pc", flag(Scope::both, "ON")},
      {"tidb_guarantee_linearizability", flag(Scope::both, "ON")},
      {"tidb_scatter_region", text(Scope::both, "")},
      {"tidb_current_ts", number(Scope::read_only, "0", 0, 0)},
      {"tidb_last_txn_info", text(Scope::read_only, "")},
      {"tidb_last_query_info", text(Scope::read_only, "")},
      {"tidb_last_ddl_info", text(Scope::read_only, "")},
      {"tidb_config", text(Scope::read_only, "")}};
  return variables;
}

const VariableRule* find_variable(std::string_view name) {
  const auto found = all_variables().find(name);
  return found == all_variables().end() ? nullptr : &found->second;
}

const VariableRule* find_variable(std::string_view name, const Version& version) {
  const VariableRule* rule = find_variable(name);
  return rule == nullptr || version < rule->since ? nullptr : rule;
}

AcceptedValue accept_value(const std::string& name, const VariableRule& rule,
                           const std::string& value, bool is_text) {
  switch (rule.type) {
    case Type::flag: {
      const auto flag_value = as_flag(value);
      if (!flag_value) refuse_value(name, value);
      return {*flag_value, false};
    }
    case Type::integer:
      return accept_integer(name, rule, value, is_text);
    case Type::duration: {
      const auto seconds = parse_duration(value);
      if (!seconds)
        throw Refused(1232, "42000", "Incorrect argument type to variable '" + name + "'");
      const std::int64_t clamped = std::clamp(*seconds, rule.least, rule.greatest);
      return {format_duration(clamped), clamped != *seconds};
    }
    case Type::choice:
      return {accept_choice(name, rule, value), false};
    case Type::text:
      break;
  }
  return {value, false};
}

std::string shown_by_select(const VariableRule& rule, const std::string& value) {
  if (rule.type != Type::flag) return value;
  return value == "ON" ? "1" : "0";
}

}  // namespace bdrmesh::lab
