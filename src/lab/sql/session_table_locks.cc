// LOCK and UNLOCK TABLES: nothing and a warning by default, DDL jobs where the configuration says
// so (tidb-sql §2.4; real-9.0dev-table-lock-enabled.txt).
#include "lab/server/tidb_text.h"
#include "lab/sql/session.h"

namespace bdrmesh::lab {

namespace {

/// A job of which the engine knows nothing.
DdlStatement job_without_engine(const std::string& type, std::vector<ObjectName> tables) {
  DdlStatement ddl;
  ddl.object_kind = ObjectKind::other;
  ddl.job_type = type;
  ddl.objects = std::move(tables);
  DdlClause clause;
  clause.job_type = type;
  clause.bdr_class = BdrClass::unmanaged;
  ddl.clauses.push_back(std::move(clause));
  return ddl;
}

}  // namespace

Answer Session::lock_tables(Statement& statement) {
  const bool locks = statement.verb == Verb::lock_tables;
  if (!cluster_.faults.table_locks_enabled()) {
    warn("Warning", 1235,
         std::string(locks ? "LOCK" : "UNLOCK") +
             " TABLES is not supported. To enable this experimental feature, set "
             "'enable-table-lock' in the configuration file.");
    return OkReply{};
  }
  commit(true);
  std::vector<ObjectName> tables;
  std::vector<bool> writes;
  Cursor cursor(statement.tokens, 2);
  do {
    if (!locks || !cursor.peek().is_name()) break;
    tables.push_back(qualified(cursor.object_name()));
    writes.push_back(cursor.accept("write"));
    cursor.accept_any({"read", "local"});
  } while (cursor.accept_symbol(','));
  const std::string role = cluster_.bdr_role();
  if (!role.empty() && write_source() == 0) throw Refused(role_failure(role));
  for (std::size_t i = 0; i < tables.size(); ++i) refuse_locked(tables[i], writes[i]);
  const DdlStatement ddl = job_without_engine(locks ? "lock table" : "unlock table", tables);
  const Answer answer = run_job(statement, ddl, new_job(ddl, role));
  shared_.table_locks.release(id_);
  for (std::size_t i = 0; i < tables.size(); ++i) {
    shared_.table_locks.take(tables[i], {id_, server_uuid(cluster_, server_), writes[i]});
  }
  return answer;
}

/// @param table  qualified.
void Session::refuse_locked(const ObjectName& table, bool writes) const {
  const auto lock = shared_.table_locks.blocker(table, id_, writes);
  if (!lock) return;
  throw Refused(8020, "HY000",
                "Table '" + table.name + "' was locked in " + (lock->write ? "WRITE" : "READ") +
                    " by server: " + lock->server + "_session: " + std::to_string(lock->session));
}

}  // namespace bdrmesh::lab
