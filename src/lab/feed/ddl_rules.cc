#include "lab/feed/ddl_rules.h"

#include <algorithm>
#include <array>
#include <regex>

namespace bdrmesh::lab {

namespace {

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

bool is_replicated_kind(const std::string& type) {
  static constexpr std::array<std::string_view, 12> kNever = {
      "sequence",         "placement",   "resource group", "tiflash replica",
      "check constraint", "auto_random", "shard row id",   "cache table",
      "table attributes", "flashback",   "foreign key",    "set tiflash"};
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

bool is_ignorable_ddl_error(int server_error) {
  static constexpr std::array<int, 13> kDone = {1007, 1008, 1050, 1051, 1054, 1060, 1061,
                                                1068, 1091, 1176, 1507, 1517, 1831};
  return std::find(kDone.begin(), kDone.end(), server_error) != kDone.end();
}

}  // namespace bdrmesh::lab
