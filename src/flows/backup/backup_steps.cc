#include "flows/backup/backup_steps.h"

namespace bdrmesh::flows {

std::string RunBackup::folder(const StepContext& ctx, int attempt) const {
  const GroupName group(get_required<std::string>(ctx.subject(), "group"));
  return folder_below(ports_.desired.group(group).backup_storage,
                      group.value() + "-" + ctx.operation() + "-" + std::to_string(attempt));
}

Tso RunBackup::position(const StepContext& ctx) const {
  return tso_of(require_fact(ctx, get_or<std::string>(args_, "position_fact", "start"), scope()),
                "tso");
}

bool RunBackup::is_done(const StepContext& ctx) const {
  return ctx.fact("backup", scope()).has_value();
}

void RunBackup::done(StepContext& ctx, const std::string& folder) {
  Json value = tso_fact("tso", position(ctx));
  value["folder"] = folder;
  value["at"] = to_rfc3339(ctx.now());
  ctx.set_fact({"backup", scope(), FactLife::durable, value});
}

std::string RunBackup::remains(StepContext& ctx) const {
  const Json sent = require_fact(ctx, "backup_sent", scope());
  return "whether the copy in " + get_required<std::string>(sent, "folder") +
         " is whole cannot be told over SQL, so it is not used";
}

void RunBackup::compensate(StepContext& ctx) {
  if (!was_sent(ctx)) return;
  stop(ctx);
  const Json sent = require_fact(ctx, "backup_sent", scope());
  ctx.event("info", "the files of the backup are not needed any more: " +
                        get_required<std::string>(sent, "folder"));
}

std::string RunRestore::folder(const StepContext& ctx, int) const {
  return get_required<std::string>(
      require_fact(ctx, "backup", get_required<std::string>(args_, "source")), "folder");
}

void RunRestore::prepare(StepContext& ctx, int attempt) {
  if (attempt == 1) return;
  if (!nobody_wrote(ctx)) {
    throw Error(ErrorKind::conflict, "TARGET_IN_USE",
                what(ctx) + " would have to begin anew, and " + cluster().value() +
                    " is not kept closed by this operation any more: its tables are not dropped",
                "somebody opened it; or the state file was put back and this operation has ended "
                "long ago: look whether the group replicates (bdrmesh status) before anything");
  }
  ctx.event("info", what(ctx) + " is begun anew: what the last one left is dropped");
  drop_what_was_made(ctx);
}

bool RunRestore::is_done(const StepContext& ctx) const {
  return ctx.fact("restored", scope()).has_value();
}

void RunRestore::done(StepContext& ctx, const std::string&) {
  ctx.set_fact({"restored", scope(), FactLife::durable, {{"at", to_rfc3339(ctx.now())}}});
}

std::string RunRestore::remains(StepContext& ctx) const {
  std::vector<TableName> missing;
  const std::vector<TableName> wanted = tables(ctx);
  for (const TableName& table : wanted) {
    if (!tidb().table_id(table, ctx.call())) missing.push_back(table);
  }
  if (missing.empty())
    return "all its tables are there, but whether every row is cannot be told, so they are not "
           "used";
  return std::to_string(missing.size()) + " of its " + std::to_string(wanted.size()) +
         " tables are missing, " + to_string(missing.front()) + " for one";
}

void RunRestore::drop_what_was_made(StepContext& ctx) {
  // Only what this operation saw missing before it began may be dropped.
  const Json before = require_fact(ctx, "no_tables", scope());
  backup().drop_tables(tables(ctx), ctx.call());
  for (const auto& schema : get_required<std::vector<std::string>>(before, "no_schemas")) {
    if (!backup().has_relations(schema, ctx.call())) tidb().drop_schema(schema, ctx.call());
  }
}

bool RunRestore::nobody_wrote(StepContext& ctx) {
  const std::optional<TokenRow> row = tidb().token(ctx.call());
  return row && note_of(*row, ctx.operation()) &&
         ports_.gate.look(cluster(), ctx.call()).closed_everywhere();
}

void RunRestore::compensate(StepContext& ctx) {
  if (!was_sent(ctx)) return;
  stop(ctx);
  if (!nobody_wrote(ctx)) {
    ctx.event("alarm", "the restored tables stay on " + cluster().value() +
                           ": its gate is not kept closed by this operation any more, so that "
                           "others may have written to them");
    return;
  }
  drop_what_was_made(ctx);
  ctx.event("info", "the restored tables are gone from " + cluster().value());
}

}  // namespace bdrmesh::flows
