#include "doctor/checks.h"
#include "doctor/definitions.h"

namespace bdrmesh::doctor {

std::vector<Finding> ForeignKeys::run(CheckContext& ctx) const {
  Findings findings;
  const auto tables = definitions(ctx, findings).with({"FOREIGN KEY"});
  if (!tables.empty()) {
    findings.warn(
        "FOREIGN_KEYS", ClusterName(),
        named(tables) +
            " have foreign keys: a feed writes tables in no common order, and rows that a "
            "cascade changes at the origin are sent as well as cascaded again",
        "drop the foreign keys, or keep parent and child writes on one member");
  }
  return findings.take();
}

}  // namespace bdrmesh::doctor
