#include "flows/own_tables.h"

#include <algorithm>

#include "base/error.h"
#include "model/desired.h"

namespace bdrmesh::flows {

void require_role_off(TidbCluster& tidb, const ClusterName& cluster, const Call& call) {
  const std::optional<BdrRole> role = tidb.bdr_role(call);
  if (role == BdrRole::none) return;
  throw Error(ErrorKind::conflict, "ROLE_IS_BACK",
              "the BDR role of " + cluster.value() + " is " +
                  (role ? std::string(to_string(*role)) : "an unknown word") +
                  " again, although this operation has taken it off",
              "somebody has set it by hand; or the state file was put back and this operation has "
              "ended long ago: then look whether its change is there (SHOW CREATE TABLE) before "
              "anything is run again");
}

std::vector<TableName> own_tables(TidbCluster& tidb, const std::string& prefix, const Call& call) {
  std::vector<TableName> all = tidb.tables(call);
  std::erase_if(all, [&](const TableName& one) {
    return one.schema != kTokenSchema || !one.table.starts_with(prefix);
  });
  return all;
}

void drop_own_tables(TidbCluster& tidb, const ClusterName& cluster,
                     const std::vector<TableName>& tables, StepContext& ctx) {
  for (const TableName& table : tables) {
    if (!tidb.create_statement(table, ctx.call())) continue;
    if (tidb.bdr_role(ctx.call()) != BdrRole::none) {
      ctx.event("warning", "an empty table of ours stays on " + cluster.value() + ": " +
                               to_string(table) +
                               "; under a BDR role it cannot be dropped, the next schema change "
                               "with a pause does so");
      continue;
    }
    tidb.run_ddl(
        "DROP TABLE IF EXISTS `" + table.schema + "`.`" + table.table + "`", {},
        [](const SentDdl&) {}, ctx.call());
  }
}

}  // namespace bdrmesh::flows
