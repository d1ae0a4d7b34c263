#include "doctor/checks.h"
#include "doctor/definitions.h"
#include "verify/schema_compare.h"

namespace bdrmesh::doctor {
namespace {

std::string fragments(const verify::SchemaDifference& difference) {
  std::string text;
  for (const auto& [cluster, fragment] : difference.fragments) {
    text += (text.empty() ? "" : "; ") + cluster.value() + ": " +
            (fragment.empty() ? "none" : fragment);
  }
  return text;
}

}  // namespace

std::vector<Finding> Schemas::run(CheckContext& ctx) const {
  Findings findings;
  const Definitions& all = definitions(ctx, findings);
  std::size_t equal = 0;
  for (const auto& [table, by_cluster] : all.tables) {
    if (by_cluster.size() < 2) continue;
    bool differs = false;
    for (const auto& one : verify::compare_definitions(by_cluster, table)) {
      if (one.severity == verify::Severity::legitimate) continue;
      differs = true;
      const std::string text =
          to_string(table) + ", " + one.what + ": " + fragments(one) + ". " + one.why;
      const std::string remedy =
          "make them equal while nobody writes: bdrmesh ddl run, or by hand on the member that is "
          "wrong";
      if (one.severity == verify::Severity::differs) {
        findings.error("SCHEMA_DIFFERS", ClusterName(), text, remedy);
      } else {
        findings.warn("SCHEMA_DIFFERS_A_LITTLE", ClusterName(), text, remedy);
      }
    }
    if (!differs) ++equal;
  }
  if (all.left_out > 0) {
    findings.warn("SCHEMAS_NOT_ALL_READ", ClusterName(),
                  std::to_string(all.left_out) + " tables of the group were not looked at",
                  "bdrmesh verify run compares all of them");
  }
  findings.ok("SCHEMAS", ClusterName(),
              std::to_string(equal) + " of " + std::to_string(all.tables.size()) +
                  " tables are defined alike on every member");
  return findings.take();
}

}  // namespace bdrmesh::doctor
