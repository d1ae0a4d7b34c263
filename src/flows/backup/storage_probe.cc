#include "flows/backup/storage_probe.h"

#include "base/random_id.h"
#include "flows/backup/long_task.h"

namespace bdrmesh::flows {
namespace {

/// One row: whoever needs longer does not reach the storage, or queues behind somebody's backup.
constexpr Millis kPatience{120'000};

}  // namespace

TableName ProbeStorage::table(const StepContext& ctx) const {
  return {kTokenSchema, "probe_" + ctx.operation()};
}

std::vector<ClusterName> ProbeStorage::targets() const {
  std::vector<ClusterName> names;
  for (const auto& name : get_required<std::vector<std::string>>(args_, "targets"))
    names.emplace_back(name);
  return names;
}

Verdict ProbeStorage::verify(StepContext& ctx) {
  if (ctx.fact("storage_probed", scope())) return holds();
  return not_yet("one row to pass the backup's storage");
}

void ProbeStorage::run(StepContext& ctx, const ClusterName& on, BackupKind kind,
                       const BackupOrder& order) const {
  const std::string verb = kind == BackupKind::backup ? "BACKUP" : "RESTORE";
  const Call call = ctx.call().within(ports_.clock.mono(), kPatience);
  bool ended = false;
  try {
    ended = ports_.world.backup(on).run(
        kind, order, [](const SentBackup&) {}, call);
  } catch (const Error& e) {
    if (e.kind() != ErrorKind::precondition) throw;
    throw Error(ErrorKind::precondition, "STORAGE_UNREACHABLE",
                "a " + verb + " of one row on " + on.value() + " failed: " + e.message(),
                "see that tidb-servers and TiKV of " + on.value() +
                    " reach the storage and may use it (backup.storage of the group), then run the "
                    "operation again");
  }
  if (ended) return;
  throw Error(ErrorKind::precondition, "STORAGE_UNREACHABLE",
              "a " + verb + " of one row on " + on.value() + " has not ended within " +
                  std::to_string(kPatience.count() / 1000) + " s",
              "SHOW BACKUPS and SHOW RESTORES on " + on.value() +
                  " tell whether it waits behind another one; see that the storage answers");
}

void ProbeStorage::execute(StepContext& ctx) {
  drop_everywhere(ctx);
  const GroupName group(get_required<std::string>(ctx.subject(), "group"));
  const std::string nonce = random_id(20);
  ports_.world.backup(cluster()).make_probe(table(ctx), nonce, ctx.call());
  BackupOrder order{{table(ctx)},
                    folder_below(ports_.desired.group(group).backup_storage,
                                 group.value() + "-" + ctx.operation() + "-probe-" + nonce),
                    tidb().current_tso(ctx.call()),
                    0};
  run(ctx, cluster(), BackupKind::backup, order);
  for (const ClusterName& target : targets()) {
    run(ctx, target, BackupKind::restore, order);
    if (ports_.world.backup(target).read_probe(table(ctx), ctx.call()) == nonce) continue;
    throw Error(ErrorKind::precondition, "STORAGE_UNREACHABLE",
                "RESTORE on " + target.value() + " answered OK, but the row is not there",
                "do " + cluster().value() + " and " + target.value() +
                    " see the same files under backup.storage of the group?");
  }
  drop_everywhere(ctx);
  ctx.set_fact({"storage_probed", scope(), FactLife::durable, {{"at", to_rfc3339(ctx.now())}}});
}

void ProbeStorage::drop_everywhere(StepContext& ctx) const {
  ports_.world.backup(cluster()).drop_tables({table(ctx)}, ctx.call());
  for (const ClusterName& target : targets())
    ports_.world.backup(target).drop_tables({table(ctx)}, ctx.call());
}

void ProbeStorage::compensate(StepContext& ctx) { drop_everywhere(ctx); }

}  // namespace bdrmesh::flows
