#include "lab/feed/ddl_rules.h"

#include <algorithm>
#include <array>
#include <regex>

namespace bdrmesh::lab {

namespace {

constexpr std::size_t kLongestTextToRead = 16384;

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string unquoted(const std::string& name) {
  if (name.size() >= 2 && name.front() == '`' && name.back() == '`') {
    return name.substr(1, name.size() - 2);
  }
  return name;
}

}  // namespace

bool is_replicated_kind(const std::string& type, bool classic) {
  if (contains(type, "foreign key")) return !classic;
  static constexpr std::array<std::string_view, 11> kNever = {
      "sequence",         "placement",   "resource group", "tiflash replica",
      "check constraint", "auto_random", "shard row id",   "cache table",
      "table attributes", "flashback",   "set tiflash"};
  return std::none_of(kNever.begin(), kNever.end(),
                      [&](std::string_view kind) { return contains(type, kind); });
}

bool is_schema_job(const DdlJob& job) {
  return contains(job.type, "schema") || contains(job.type, "database");
}

bool passes_filter(const DdlJob& job, const TableFilter& filter) {
  if (is_schema_job(job) || job.table.empty()) return filter.matches_schema(job.db);
  return filter.matches(job.db, job.table);
}

std::optional<TableName> new_name_of(const std::string& query, const std::string& schema) {
  static const std::regex renames(
      R"(\bRENAME\s+(?:TABLE\s+\S+\s+)?(?:TO|AS)\s+(?:(`[^`]+`|\w+)\s*\.\s*)?(`[^`]+`|\w+))",
      std::regex::icase | std::regex::optimize);
  constexpr std::size_t kEnough = 4096;
  const std::string head = query.substr(0, kEnough);
  std::smatch found;
  if (!std::regex_search(head, found, renames)) return std::nullopt;
  return TableName{found[1].matched ? unquoted(found[1]) : schema, unquoted(found[2])};
}

bool can_change_keys(const DdlJob& job) {
  return contains(job.type, "primary key") || contains(job.type, "drop index") ||
         contains(job.type, "modify column") || contains(job.type, "create table") ||
         contains(job.type, "multi-schema") || contains(job.type, "drop column");
}

bool is_index_job(const DdlJob& job) {
  return contains(job.type, "add index") || contains(job.type, "add unique index");
}

bool concerns_one_table(const DdlJob& job) {
  return !job.table.empty() && !is_schema_job(job) && !contains(job.type, "rename table") &&
         !contains(job.type, "exchange partition") && !contains(job.type, "view");
}

std::uint64_t event_commit_ts(const DdlJob& job) {
  constexpr std::uint64_t kEarlier = std::uint64_t{60} << 18;  // 60 ms
  return std::max(job.start_ts + 1, job.finished_ts - kEarlier);
}

bool uses_current_time(const std::string& query) {
  static const std::regex now(R"(\bDEFAULT\s+(CURRENT_TIMESTAMP|NOW\s*\(|LOCALTIME))",
                              std::regex::icase | std::regex::optimize);
  return query.size() < kLongestTextToRead && std::regex_search(query, now);
}

std::string downstream_text(const DdlJob& job) {
  static const std::regex enabled(R"(\bTTL_ENABLE\s*=?\s*'(ON|OFF)')",
                                  std::regex::icase | std::regex::optimize);
  static const std::regex has_ttl(R"(\bTTL\s*=?\s*`)", std::regex::icase | std::regex::optimize);
  if (job.query.size() >= kLongestTextToRead) return job.query;
  if (std::regex_search(job.query, enabled)) {
    return std::regex_replace(job.query, enabled, "TTL_ENABLE = 'OFF'");
  }
  if (contains(job.type, "create table") && std::regex_search(job.query, has_ttl)) {
    return job.query + " TTL_ENABLE = 'OFF'";
  }
  return job.query;
}

bool is_ignorable_ddl_error(int server_error) {
  static constexpr std::array<int, 13> kDone = {1007, 1008, 1050, 1051, 1054, 1060, 1061,
                                                1068, 1091, 1176, 1507, 1517, 1831};
  return std::find(kDone.begin(), kDone.end(), server_error) != kDone.end();
}

}  // namespace bdrmesh::lab
