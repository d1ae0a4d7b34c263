#include "doctor/checks.h"
#include "doctor/grants.h"
#include "doctor/group_schemas.h"

namespace bdrmesh::doctor {
namespace {

/// For every cluster: roles, DDL jobs, gate, transactions of everybody, KILL (tidb-sql §9).
const std::vector<std::string> kGlobal{"SUPER", "PROCESS", "SYSTEM_VARIABLES_ADMIN",
                                       "CONNECTION_ADMIN", "RESTRICTED_REPLICA_WRITER_ADMIN"};
/// On the tables that are replicated: changes of schema, verification, rehearsal.
const std::vector<std::string> kOnTables{"SELECT",     "INSERT",      "UPDATE",   "DELETE",
                                         "CREATE",     "ALTER",       "DROP",     "INDEX",
                                         "REFERENCES", "CREATE VIEW", "SHOW VIEW"};

void require_on_schema(const Privileges& held, const std::string& schema, const std::string& user,
                       const ClusterName& name, Findings& findings) {
  const std::string missing = held.missing_on_schema(kOnTables, schema);
  if (missing.empty()) return;
  findings.error(
      "PRIVILEGE_MISSING", name,
      "user " + user + " lacks " + missing + " on schema " + schema + " of " + name.value(),
      "GRANT " + missing + " ON `" + schema + "`.* TO " + quoted_user(user) + ";");
}

void judge(const CheckContext& ctx, const ClusterName& name, Findings& findings) {
  const std::string& user = ctx.desired.cluster(name).user;
  const Privileges held(ctx.world.tidb(name).own_grants(ctx.call));
  const std::string missing = held.missing_global(kGlobal);
  if (!missing.empty()) {
    const bool blind = !held.global("PROCESS");
    findings.error(
        "PRIVILEGE_MISSING", name,
        "user " + user + " lacks " + missing + " on " + name.value() +
            (blind
                 ? "; without PROCESS the transactions of others are invisible, and nothing says so"
                 : ""),
        "GRANT " + missing + " ON *.* TO " + quoted_user(user) + ";");
  }
  if (!held.global("CREATE USER")) {
    findings.warn("PRIVILEGE_FOR_LOCKING_MISSING", name,
                  "user " + user + " lacks CREATE USER on " + name.value() +
                      ": failover and evict cannot lock the account of a lost cluster's feed",
                  "GRANT CREATE USER ON *.* TO " + quoted_user(user) + ";");
  }
  if (!held.on_schema("SELECT", "mysql")) {
    findings.error("PRIVILEGE_MISSING", name,
                   "user " + user + " lacks SELECT on schema mysql of " + name.value() +
                       ": grants of sink users cannot be read",
                   "GRANT SELECT ON `mysql`.* TO " + quoted_user(user) + ";");
  }
  std::set<std::string> schemas = group_schemas(ctx, name);
  schemas.insert(kTokenSchema);
  for (const std::string& schema : schemas) require_on_schema(held, schema, user, name, findings);
  if (missing.empty())
    findings.ok("PRIVILEGES", name, "user " + user + " may steer " + name.value());
}

}  // namespace

std::vector<Finding> OwnPrivileges::run(CheckContext& ctx) const {
  Findings findings;
  for (const ClusterName& name : ctx.members_in(ctx.with_tidb)) {
    ctx.asked(findings, name, "own privileges", [&] { judge(ctx, name, findings); });
  }
  return findings.take();
}

}  // namespace bdrmesh::doctor
