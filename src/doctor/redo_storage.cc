#include "doctor/checks.h"

namespace bdrmesh::doctor {

std::vector<Finding> RedoStorage::run(CheckContext& ctx) const {
  Findings findings;
  if (!ctx.group.redo) {
    if (ctx.group.kind == GroupKind::primary_secondary) {
      findings.warn("NO_REDO", ClusterName(),
                    "group " + ctx.group.name.value() +
                        " has no redo log: a failover loses what the link had not delivered",
                    "give the group `redo`");
    }
    return findings.take();
  }
  const std::string& storage = ctx.group.redo->storage;
  const bool local = storage.rfind("file:", 0) == 0 || storage.rfind("local:", 0) == 0 ||
                     storage.rfind('/', 0) == 0;
  if (local) {
    findings.warn("REDO_ON_LOCAL_DISK", ClusterName(),
                  "redo of group " + ctx.group.name.value() + " goes to " + storage +
                      ": a path on each TiCDC node, lost together with the site it should survive",
                  "use storage that both sites reach, such as s3:// or nfs://");
  } else if (storage.rfind("blackhole:", 0) == 0 || storage.rfind("noop:", 0) == 0) {
    findings.error(
        "REDO_GOES_NOWHERE", ClusterName(),
        "redo of group " + ctx.group.name.value() + " goes to " + storage + ", which keeps nothing",
        "use storage that keeps it");
  } else {
    findings.ok("REDO_STORAGE", ClusterName(), "redo goes to " + storage);
  }
  return findings.take();
}

}  // namespace bdrmesh::doctor
