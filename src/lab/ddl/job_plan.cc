#include "lab/ddl/job_plan.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>

namespace bdrmesh::lab {

namespace {

using States = std::vector<std::string>;

constexpr std::string_view kMultiSchema = "alter table multi-schema change";

struct Course {
  States states;
  std::string first = "none";
  std::string last = "public";
  bool reorganizes = false;
};

Course building(bool reorganizes) {
  return {{"delete only", "write only", "write reorganization"}, "none", "public", reorganizes};
}
Course removing() { return {{"write only", "delete only"}, "public", "none", false}; }

/// Types without an entry change the schema in one step.
Course course_of(const std::string& type, bool lossy) {
  static const std::map<std::string, Course, std::less<>> courses = {
      {"add column", building(false)},
      {"add index", building(true)},
      {"add primary key", building(true)},
      {"add columnar index", building(true)},
      {"drop column", {{"write only", "delete only", "delete reorganization"}, "public", "none"}},
      {"drop index", {{"write only", "delete only", "delete reorganization"}, "public", "none"}},
      {"drop primary key",
       {{"write only", "delete only", "delete reorganization"}, "public", "none"}},
      {"drop table", removing()},
      {"drop view", removing()},
      {"drop sequence", removing()},
      {"drop schema", removing()},
      {"add partition", {{"replica only"}, "none", "public"}},
      {"drop partition", {{"delete only", "delete reorganization"}, "public", "none"}},
      {"alter table reorganize partition", building(true)},
      {"alter table partition by", building(true)},
      {"alter table remove partitioning", building(true)},
      {"alter table coalesce partition", building(true)}};
  if (type == "modify column" && lossy) return building(true);
  const auto found = courses.find(type);
  return found == courses.end() ? Course{} : found->second;
}

std::string reorg_comments(const ReorgSettings& settings) {
  return std::string(settings.fast_reorg ? "ingest" : "txn") + (settings.dist_task ? ", DXF" : "");
}

void take_sub_jobs(const DdlStatement& ddl, bool lossy, const ReorgSettings& settings,
                   JobPlan& plan) {
  for (const DdlClause& clause : ddl.clauses) {
    if (clause.bdr_class == BdrClass::no_job) continue;
    const Course course = course_of(clause.job_type, lossy);
    DdlSubJob sub;
    sub.type = clause.job_type;
    sub.schema_state = course.first;
    sub.final_schema_state = course.last;
    if (clause.job_type == "add index") sub.comments = reorg_comments(settings);
    const std::size_t columns = clause.kind == DdlClause::Kind::add_column
                                    ? std::max<std::size_t>(clause.columns.size(), 1)
                                    : 1;
    plan.sub_jobs.insert(plan.sub_jobs.end(), columns, sub);
    plan.reorganizes = plan.reorganizes || course.reorganizes;
  }
}

/// `varchar(40)` is `varchar` and 40.
struct SizedType {
  std::string_view base;
  long size = -1;
};

SizedType split_type(std::string_view type) {
  const std::size_t open = type.find('(');
  SizedType sized{type.substr(0, open)};
  if (open == std::string_view::npos) return sized;
  std::from_chars(type.data() + open + 1, type.data() + type.size(), sized.size);
  return sized;
}

/// Position among the whole numbers, by size; -1 for others.
int integer_rank(std::string_view base) {
  static constexpr std::array<std::string_view, 5> kIntegers = {"tinyint", "smallint", "mediumint",
                                                                "int", "bigint"};
  const auto found = std::find(kIntegers.begin(), kIntegers.end(), base);
  return found == kIntegers.end() ? -1 : static_cast<int>(found - kIntegers.begin());
}

}  // namespace

JobPlan plan_job(const DdlStatement& ddl, const std::string& lossy_column,
                 const ReorgSettings& settings) {
  JobPlan plan;
  plan.lossy = !lossy_column.empty();
  plan.lossy_column = lossy_column;
  if (ddl.job_type == kMultiSchema) {
    take_sub_jobs(ddl, plan.lossy, settings, plan);
    plan.states = building(false).states;
    plan.last_state = "none";
    if (plan.reorganizes) plan.comments = reorg_comments(settings);
    return plan;
  }
  const Course course = course_of(ddl.job_type, plan.lossy);
  plan.states = course.states;
  plan.first_state = course.first;
  plan.last_state = course.last;
  plan.reorganizes = course.reorganizes;
  if (ddl.drops) plan.last_state = "none";
  if (plan.reorganizes && ddl.job_type != "modify column") plan.comments = reorg_comments(settings);
  return plan;
}

bool is_lossy_change(std::string_view from, std::string_view to) {
  if (from == to) return false;
  const SizedType old_type = split_type(from);
  const SizedType new_type = split_type(to);
  const int old_rank = integer_rank(old_type.base);
  const int new_rank = integer_rank(new_type.base);
  if (old_rank >= 0 && new_rank >= 0) {
    const bool sign_changes = (from.find("unsigned") == std::string_view::npos) !=
                              (to.find("unsigned") == std::string_view::npos);
    return sign_changes || new_rank < old_rank;
  }
  const bool text = old_type.base == "varchar" || old_type.base == "char";
  if (old_type.base == new_type.base && text) return new_type.size < old_type.size;
  return true;
}

bool can_roll_back(std::string_view type, std::string_view schema_state) {
  static const std::set<std::string_view> from_public = {
      "drop column",      "drop schema",    "drop table",        "drop sequence",
      "drop foreign key", "drop partition", "truncate partition"};
  static const std::set<std::string_view> from_none = {"rebase auto_increment ID",
                                                       "shard row ID",
                                                       "truncate table",
                                                       "add foreign key",
                                                       "rename table",
                                                       "rename tables",
                                                       "modify table charset and collate",
                                                       "modify auto id cache",
                                                       "modify schema charset and collate",
                                                       "modify schema default placement"};
  if (type == "drop index" || type == "drop primary key") {
    return schema_state != "delete only" && schema_state != "delete reorganization" &&
           schema_state != "write only";
  }
  if (type == "add partition") return schema_state == "none" || schema_state == "replica only";
  if (from_public.count(type) > 0) return schema_state == "public";
  if (from_none.count(type) > 0) return schema_state == "none";
  return true;
}

bool exclude_each_other(const DdlJob& a, const DdlJob& b) {
  if (a.table.empty() || b.table.empty()) return a.schema_id != 0 && a.schema_id == b.schema_id;
  return std::any_of(a.table_ids.begin(), a.table_ids.end(),
                     [&](std::int64_t id) { return b.table_ids.count(id) > 0; });
}

int number_of_type(std::string_view type) {
  static const std::map<std::string_view, int> numbers = {{"create schema", 1},
                                                          {"drop schema", 2},
                                                          {"create table", 3},
                                                          {"drop table", 4},
                                                          {"add column", 5},
                                                          {"drop column", 6},
                                                          {"add index", 7},
                                                          {"drop index", 8},
                                                          {"add foreign key", 9},
                                                          {"drop foreign key", 10},
                                                          {"truncate table", 11},
                                                          {"modify column", 12},
                                                          {"rebase auto_increment ID", 13},
                                                          {"rename table", 14},
                                                          {"set default value", 15},
                                                          {"shard row ID", 16},
                                                          {"modify table comment", 17},
                                                          {"rename index", 18},
                                                          {"add partition", 19},
                                                          {"drop partition", 20},
                                                          {"create view", 21},
                                                          {"modify table charset and collate", 22},
                                                          {"truncate partition", 23},
                                                          {"drop view", 24},
                                                          {"recover table", 25},
                                                          {"modify schema charset and collate", 26},
                                                          {"lock table", 27},
                                                          {"unlock table", 28},
                                                          {"set tiflash replica", 30},
                                                          {"add primary key", 32},
                                                          {"drop primary key", 33},
                                                          {"create sequence", 34},
                                                          {"alter sequence", 35},
                                                          {"drop sequence", 36},
                                                          {"modify auto id cache", 39},
                                                          {"rebase auto_random ID", 40},
                                                          {"alter index visibility", 41},
                                                          {"exchange partition", 42},
                                                          {"add check constraint", 43},
                                                          {"drop check constraint", 44},
                                                          {"alter check constraint", 45},
                                                          {"rename tables", 47},
                                                          {"alter table attributes", 49},
                                                          {"alter table partition attributes", 50},
                                                          {"create placement policy", 51},
                                                          {"alter placement policy", 52},
                                                          {"drop placement policy", 53},
                                                          {"alter table partition placement", 54},
                                                          {"modify schema default placement", 55},
                                                          {"alter table placement", 56},
                                                          {"alter table cache", 57},
                                                          {"alter table statistics options", 58},
                                                          {"alter table nocache", 59},
                                                          {kMultiSchema, 61},
                                                          {"flashback cluster", 62},
                                                          {"flashback schema", 63},
                                                          {"alter table reorganize partition", 64},
                                                          {"alter table ttl", 65},
                                                          {"alter table no_ttl", 67},
                                                          {"create resource group", 68},
                                                          {"alter resource group", 69},
                                                          {"drop resource group", 70},
                                                          {"alter table partition by", 71},
                                                          {"alter table remove partitioning", 72},
                                                          {"add columnar index", 73}};
  const auto found = numbers.find(type);
  return found == numbers.end() ? 0 : found->second;
}

}  // namespace bdrmesh::lab
