// The tables in which TiDB shows its DDL jobs, and who may read them.
#include <limits>

#include "base/json.h"
#include "lab/ddl/job_tables.h"
#include "lab/server/tidb_text.h"
#include "lab/sql/session.h"

namespace bdrmesh::lab {

namespace {
constexpr int kDenied = 1142;
}

/// @return the rows as a derived table; std::nullopt for a table that is none of DDL's.
std::optional<std::string> Session::ddl_table(const std::string& schema, const std::string& table) {
  if (schema == "information_schema" && table == "ddl_jobs") {
    auto all = in_shown_order(cluster_.jobs.list(), std::numeric_limits<std::size_t>::max());
    if (const auto visible = visible_schemas()) {
      std::erase_if(all, [&](const DdlJob& job) { return visible->count(job.db) == 0; });
    }
    return ddl_jobs_rows(all, cluster_.profile);
  }
  if (schema != "mysql") return std::nullopt;
  if (table == "tidb_ddl_history") {
    require_select_on(table);
    return ddl_history_rows(cluster_.jobs.list(), cluster_.profile);
  }
  if (table == "tidb_ddl_job") {
    require_select_on(table);
    return ddl_queue_rows(cluster_.jobs.open(), cluster_.profile);
  }
  if (table == "tidb_mdl_view") {
    require_select_on(table);
    if (!has_static_privilege("Process_priv")) {
      throw Refused(1356, "HY000",
                    "View 'mysql.tidb_mdl_view' references invalid table(s) or column(s) or "
                    "function(s) or definer/invoker of view lack rights to use them");
    }
    return mdl_view_rows(cluster_.jobs.open(), cluster_.sessions.list(), cluster_.profile);
  }
  return std::nullopt;
}

/// Who has no privilege on a schema sees nothing of its jobs, without a word (measured A4).
std::optional<std::set<std::string>> Session::visible_schemas() {
  const std::size_t at = account_.rfind('@');
  const std::string grantee =
      quote_text("'" + account_.substr(0, at) + "'@'" + account_.substr(at + 1) + "'");
  const auto everywhere =
      shared_.as_admin("SELECT 1 FROM information_schema.user_privileges WHERE GRANTEE=" + grantee +
                       " AND PRIVILEGE_TYPE<>'USAGE' LIMIT 1");
  if (!everywhere.empty()) return std::nullopt;
  std::set<std::string> schemas;
  for (const auto& row : shared_.as_admin(
           "SELECT TABLE_SCHEMA FROM information_schema.schema_privileges WHERE GRANTEE=" +
           grantee +
           " UNION SELECT TABLE_SCHEMA FROM information_schema.table_privileges WHERE GRANTEE=" +
           grantee)) {
    schemas.insert(row[0].value_or(""));
  }
  return schemas;
}

/// Whoever may not read a table of mysql may not read this either.
void Session::require_select_on(const std::string& mysql_table) {
  try {
    engine_ok("DO (SELECT COUNT(*) FROM mysql.user LIMIT 1)");
  } catch (const Refused& refused) {
    if (refused.failure().code != kDenied) throw;
    const std::string user = account_.substr(0, account_.find('@'));
    throw Refused(
        kDenied, "42000",
        "SELECT command denied to user '" + user + "'@'%' for table '" + mysql_table + "'");
  }
}

void Session::note_ddl(const DdlJob& job) {
  last_ddl_info_ = Json{{"query", job.query}, {"seq_num", job.seq_num}}.dump();
}

}  // namespace bdrmesh::lab
