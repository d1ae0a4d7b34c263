#include "lab/ddl/job_meta.h"

#include <map>

#include "base/json.h"
#include "lab/ddl/job_plan.h"

namespace bdrmesh::lab {

namespace {

constexpr Version kKnowsConnection{7, 5, 0};

int number_of_schema_state(std::string_view state) {
  static const std::map<std::string_view, int> numbers = {{"none", 0},
                                                          {"delete only", 1},
                                                          {"write only", 2},
                                                          {"write reorganization", 3},
                                                          {"delete reorganization", 4},
                                                          {"public", 5},
                                                          {"replica only", 6}};
  const auto found = numbers.find(state);
  return found == numbers.end() ? 0 : found->second;
}

Json sub_jobs(const DdlJob& job) {
  if (job.sub_jobs.empty()) return nullptr;
  Json list = Json::array();
  for (const DdlSubJob& sub : job.sub_jobs) {
    list.push_back({{"type", number_of_type(sub.type)},
                    {"schema_state", number_of_schema_state(sub.schema_state)},
                    {"state", number_of(sub.state)}});
  }
  return {{"sub_jobs", list}, {"revertible", !is_final(job.state)}};
}

}  // namespace

std::string job_meta(const DdlJob& job, const Profile& profile) {
  Json meta = {{"id", job.id},
               {"type", number_of_type(job.type)},
               {"schema_id", job.schema_id},
               {"table_id", job.table_id},
               {"schema_name", job.db},
               {"table_name", job.table},
               {"state", number_of(job.state)},
               {"warning", nullptr},
               {"err", nullptr},
               {"err_count", job.error_code == 0 ? 0 : 1},
               {"row_count", job.row_count},
               {"schema_state", number_of_schema_state(job.schema_state)},
               {"snapshot_ver", 0},
               {"real_start_ts", job.start_time ? job.start_ts : 0},
               {"start_ts", job.start_ts},
               {"dependency_id", 0},
               {"query", job.query},
               {"version", 1},
               {"multi_schema_info", sub_jobs(job)},
               {"priority", 0},
               {"seq_num", job.seq_num},
               {"charset", "utf8mb4"},
               {"collate", "utf8mb4_bin"},
               {"admin_operator", 0}};
  meta["binlog"] = {{"SchemaVersion", job.schema_version},
                    {"DBInfo", nullptr},
                    {"TableInfo", nullptr},
                    {"FinishedTS", job.finished_ts},
                    {"MultipleTableInfos", nullptr}};
  if (job.error_code != 0) {
    meta["err"] = {{"class", 10}, {"code", job.error_code}, {"message", job.error}};
  }
  if (profile.tidb >= kKnowsConnection) {
    meta["trace_info"] = {{"connection_id", job.connection_id}, {"session_alias", ""}};
  }
  if (profile.has_bdr_role()) {
    meta["bdr_role"] = job.bdr_role;
    meta["cdc_write_source"] = job.cdc_write_source;
  }
  return meta.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace bdrmesh::lab
