#include "doctor/checks.h"
#include "doctor/definitions.h"

namespace bdrmesh::doctor {

std::vector<Finding> GeneratedColumns::run(CheckContext& ctx) const {
  Findings findings;
  const auto tables = definitions(ctx, findings).with({"GENERATED ALWAYS AS"});
  if (!tables.empty()) {
    findings.ok("GENERATED_COLUMNS", ClusterName(),
                named(tables) +
                    " have generated columns, which every member computes by itself; a virtual one "
                    "makes row digests read the whole table through the tidb-server");
  }
  return findings.take();
}

}  // namespace bdrmesh::doctor
