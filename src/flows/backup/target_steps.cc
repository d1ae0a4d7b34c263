#include "flows/backup/target_steps.h"

#include <algorithm>
#include <set>

#include "flows/backup/group_tables.h"
#include "model/version.h"

namespace bdrmesh::flows {
namespace {

std::optional<Version> version_of(TidbCluster& tidb, const Call& call) {
  const std::vector<TidbServerInfo> servers = tidb.servers(call);
  if (servers.empty()) return std::nullopt;
  return parse_version(tidb.release_version(servers.front().address, call));
}

}  // namespace

Verdict RequireNoTables::look(StepContext& ctx) const {
  const GroupSpec& group =
      ports_.desired.group(GroupName(get_required<std::string>(ctx.subject(), "group")));
  const std::vector<TableName> found = group_tables(group, tidb(), ctx.call());
  if (found.empty()) return holds();
  return refused("TARGET_NOT_EMPTY",
                 cluster().value() + " has tables of group " + group.name.value() +
                     " already: " + listed(found),
                 "RESTORE makes the tables itself. Save what is in them and drop them on " +
                     cluster().value() + ", then run the operation again");
}

Verdict RequireNoTables::precondition(StepContext& ctx) { return look(ctx); }

Verdict RequireNoTables::verify(StepContext& ctx) {
  if (ctx.fact("no_tables", scope())) return holds();
  if (Verdict verdict = look(ctx); verdict.kind != Verdict::Kind::holds) return verdict;
  return not_yet("the schemas of " + cluster().value() + " to be noted");
}

void RequireNoTables::execute(StepContext& ctx) {
  std::set<std::string> schemas;
  for (const TableName& table : tables_from(get_required<Json>(ctx.subject(), "tables")))
    schemas.insert(table.schema);
  std::vector<std::string> absent;
  for (const std::string& schema : schemas) {
    if (!ports_.world.backup(cluster()).has_schema(schema, ctx.call())) absent.push_back(schema);
  }
  ctx.set_fact({"no_tables", scope(), FactLife::durable, {{"no_schemas", absent}}});
}

Verdict RequireRestorable::look(StepContext& ctx) const {
  if (ctx.fact("restored", scope())) return holds();
  const ClusterName source(get_required<std::string>(args_, "source"));
  TidbCluster& from = ports_.world.tidb(source);
  const auto theirs = version_of(from, ctx.call());
  const auto ours = version_of(tidb(), ctx.call());
  if (theirs && ours && (ours->major != theirs->major || *ours < *theirs)) {
    return refused("RELEASE_DIFFERS",
                   "a backup of " + source.value() + " (" + to_string(*theirs) +
                       ") cannot be restored to " + cluster().value() + " (" + to_string(*ours) +
                       "): RESTORE wants the same release or a later one of the same major",
                   "bring both clusters to the same release");
  }
  const std::string variable = "tidb_enable_clustered_index";
  const std::string wanted = from.global_variable(variable, ctx.call());
  const std::string seen = tidb().global_variable(variable, ctx.call());
  if (wanted != seen) {
    return refused("SETTING_DIFFERS",
                   variable + " is " + wanted + " on " + source.value() + " and " + seen + " on " +
                       cluster().value() + ": RESTORE refuses",
                   "SET GLOBAL " + variable + " = " + wanted + " on " + cluster().value());
  }
  const auto role = tidb().bdr_role(ctx.call());
  if (role == BdrRole::none) return holds();
  return refused("ROLE_IN_THE_WAY",
                 cluster().value() +
                     " has a BDR role: as secondary it refuses RESTORE, as primary it "
                     "would send empty tables to the others",
                 "ADMIN UNSET BDR ROLE on " + cluster().value());
}

}  // namespace bdrmesh::flows
