#include "lab/ddl/job_tables.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <ranges>

#include "lab/ddl/job_meta.h"
#include "lab/ddl/job_plan.h"
#include "lab/ddl/metadata_locks.h"
#include "lab/parse/tokens.h"

namespace bdrmesh::lab {

namespace {

constexpr Version kKnowsComments{8, 4, 0};

/// Builds `(SELECT .. AS c1, .. UNION ALL SELECT ..)`; without rows the columns stay.
class RowText {
 public:
  explicit RowText(std::vector<std::string> columns) : columns_(std::move(columns)) {}

  /// Values are SQL expressions, one per column.
  void add(const std::vector<std::string>& values) {
    text_ += text_.empty() ? "SELECT " : " UNION ALL SELECT ";
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      text_ += (i == 0 ? "" : ",") + values.at(i) + " AS " + quote_name(columns_[i]);
    }
  }

  std::string text() {
    if (!text_.empty()) return "(" + text_ + ")";
    add(std::vector<std::string>(columns_.size(), "NULL"));
    return "(" + text_ + " LIMIT 0)";
  }

 private:
  std::vector<std::string> columns_;
  std::string text_;
};

/// In the session's time zone; without fractions on older servers.
std::string time_value(const std::optional<WallTime>& time, const Profile& profile) {
  if (!time) return "NULL";
  const std::int64_t ms = to_millis(*time);
  char text[40];
  std::snprintf(text, sizeof text, "%lld.%03d", static_cast<long long>(ms / 1000),
                static_cast<int>(ms % 1000));
  return std::string("CAST(FROM_UNIXTIME(") + text +
         (profile.tidb >= kKnowsComments ? ") AS DATETIME(6))" : ") AS DATETIME)");
}

/// The first word of COMMENTS is part of the type on servers that have no such column.
std::string type_text(const std::string& type, const std::string& comments, bool is_sub,
                      const Profile& profile) {
  std::string text = type + (is_sub ? " /* subjob */" : "");
  if (profile.tidb < kKnowsComments && !comments.empty()) {
    text += " /* " + comments.substr(0, comments.find(',')) + " */";
  }
  return text;
}

/// Columns up to STATE are the same everywhere; `tail` is what follows.
std::vector<std::string> job_values(const DdlJob& job, const Profile& profile,
                                    const std::string& tail) {
  return {std::to_string(job.id),
          quote_text(job.db),
          quote_text(job.table),
          quote_text(type_text(job.type, job.sub_jobs.empty() ? job.comments : "", false, profile)),
          quote_text(job.sub_jobs.empty() ? job.schema_state : "none"),
          std::to_string(job.schema_id),
          std::to_string(job.table_id),
          std::to_string(job.row_count),
          time_value(job.create_time, profile),
          time_value(job.start_time, profile),
          time_value(job.end_time, profile),
          quote_text(to_string(job.state)),
          tail};
}

std::vector<std::string> sub_job_values(const DdlJob& job, const DdlSubJob& sub,
                                        const Profile& profile, const std::string& tail) {
  std::vector<std::string> values = job_values(job, profile, tail);
  values[3] = quote_text(type_text(sub.type, sub.comments, true, profile));
  values[4] = quote_text(sub.schema_state);
  values[9] = time_value(sub.start_time, profile);
  values[11] = quote_text(to_string(sub.state));
  return values;
}

const std::vector<std::string>& job_columns() {
  static const std::vector<std::string> columns = {
      "JOB_ID",   "DB_NAME",   "TABLE_NAME",  "JOB_TYPE",   "SCHEMA_STATE", "SCHEMA_ID",
      "TABLE_ID", "ROW_COUNT", "CREATE_TIME", "START_TIME", "END_TIME",     "STATE"};
  return columns;
}

std::string joined(const std::set<std::int64_t>& ids) {
  std::string text;
  for (const std::int64_t id : ids) text += (text.empty() ? "" : ",") + std::to_string(id);
  return text;
}

std::string utc_text(WallTime time) {
  const std::int64_t ms = to_millis(time);
  const std::time_t seconds = ms / 1000;
  std::tm broken{};
  ::gmtime_r(&seconds, &broken);
  char text[40];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &broken);
  char fraction[16];
  std::snprintf(fraction, sizeof fraction, ".%03d", static_cast<int>(ms % 1000));
  return std::string(text) + fraction + " +0000 UTC";
}

/// `11-21 09:53:18.565(470615273915023360)`
std::string transaction_text(std::uint64_t start_ts) {
  const std::string time = utc_text(from_millis(static_cast<std::int64_t>(start_ts >> 18U)));
  return time.substr(5, 18) + "(" + std::to_string(start_ts) + ")";
}

std::string digest_list(const SessionInfo& session) {
  std::string text = "[";
  for (const std::string& digest : session.recent_digests) {
    text += (text.size() > 1 ? ",\"" : "\"") + digest + "\"";
  }
  return text + "]";
}

}  // namespace

std::vector<DdlJob> in_shown_order(const std::vector<DdlJob>& newest_first, std::size_t history) {
  std::vector<DdlJob> shown;
  for (const DdlJob& job : std::ranges::reverse_view(newest_first)) {
    if (!is_final(job.state)) shown.push_back(job);
  }
  for (const DdlJob& job : newest_first) {
    if (!is_final(job.state)) continue;
    if (history-- == 0) break;
    shown.push_back(job);
  }
  return shown;
}

std::string show_ddl_jobs_rows(const std::vector<DdlJob>& jobs, const Profile& profile) {
  std::vector<std::string> columns = job_columns();
  if (profile.tidb >= kKnowsComments) columns.emplace_back("COMMENTS");
  RowText rows(columns);
  for (const DdlJob& job : jobs) {
    rows.add(job_values(job, profile, quote_text(job.comments)));
    for (const DdlSubJob& sub : job.sub_jobs) {
      rows.add(sub_job_values(job, sub, profile, quote_text(sub.comments)));
    }
  }
  return rows.text();
}

std::string ddl_jobs_rows(const std::vector<DdlJob>& jobs, const Profile& profile) {
  std::vector<std::string> columns = job_columns();
  columns.emplace_back("QUERY");
  RowText rows(columns);
  for (const DdlJob& job : jobs) {
    rows.add(job_values(job, profile, quote_text(job.query)));
    for (const DdlSubJob& sub : job.sub_jobs) {
      rows.add(sub_job_values(job, sub, profile, quote_text(job.query)));
    }
  }
  return rows.text();
}

std::string ddl_history_rows(const std::vector<DdlJob>& jobs, const Profile& profile) {
  RowText rows(
      {"job_id", "job_meta", "db_name", "table_name", "schema_ids", "table_ids", "create_time"});
  for (const DdlJob& job : jobs) {
    if (!is_final(job.state)) continue;
    rows.add({std::to_string(job.id), quote_text(job_meta(job, profile)), quote_text(job.db),
              quote_text(job.table), quote_text(std::to_string(job.schema_id)),
              quote_text(joined(job.table_ids)),
              "CAST(" + time_value(job.create_time, profile) + " AS DATETIME)"});
  }
  return rows.text();
}

std::string ddl_queue_rows(const std::vector<DdlJob>& jobs, const Profile& profile) {
  RowText rows({"job_id", "reorg", "schema_ids", "table_ids", "job_meta", "type", "processing"});
  for (const DdlJob& job : jobs) {
    if (is_final(job.state)) continue;
    const bool works = job.state != JobState::queueing && !job.waits_for_locks;
    rows.add({std::to_string(job.id), job.reorganizes ? "1" : "0",
              quote_text(std::to_string(job.schema_id)), quote_text(joined(job.table_ids)),
              quote_text(job_meta(job, profile)), std::to_string(number_of_type(job.type)),
              works ? "1" : "0"});
  }
  return rows.text();
}

std::string mdl_view_rows(const std::vector<DdlJob>& open, const std::vector<SessionInfo>& sessions,
                          const Profile& profile) {
  const bool recent = profile.tidb >= kKnowsComments;
  RowText rows(recent ? std::vector<std::string>{"job_id", "db_name", "table_name", "query",
                                                 "session_id", "start_time", "SQL_DIGESTS"}
                      : std::vector<std::string>{"JOB_ID", "DB_NAME", "TABLE_NAME", "QUERY",
                                                 "SESSION_ID", "TxnStart", "SQL_DIGESTS"});
  for (const DdlJob& job : open) {
    if (!job.waits_for_locks) continue;
    for (const SessionInfo& session : blockers_of(job, sessions)) {
      const WallTime began = from_millis(static_cast<std::int64_t>(session.start_ts >> 18U));
      rows.add(
          {std::to_string(job.id), quote_text(job.db), quote_text(job.table), quote_text(job.query),
           "CAST(" + std::to_string(session.id) + " AS UNSIGNED)",
           recent ? time_value(began, profile) : quote_text(transaction_text(session.start_ts)),
           quote_text(digest_list(session))});
    }
  }
  return rows.text();
}

std::string running_job_text(const DdlJob& job) {
  return "ID:" + std::to_string(job.id) + ", Type:" + job.type +
         ", State:" + std::string(to_string(job.state)) + ", SchemaState:" + job.schema_state +
         ", SchemaID:" + std::to_string(job.schema_id) +
         ", TableID:" + std::to_string(job.table_id) +
         ", RowCount:" + std::to_string(job.row_count) +
         ", ArgLen:0, start time: " + utc_text(job.create_time) +
         ", Err:<nil>, ErrCount:0, SnapshotVersion:0, Version: v1";
}

}  // namespace bdrmesh::lab
