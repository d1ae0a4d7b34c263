#include "doctor/checks.h"
#include "doctor/definitions.h"
#include "doctor/variables.h"

namespace bdrmesh::doctor {

std::vector<Finding> Ttl::run(CheckContext& ctx) const {
  Findings findings;
  const auto tables = definitions(ctx, findings).with({"TTL_ENABLE='ON'"});
  if (tables.empty()) return findings.take();
  std::string members;
  std::size_t count = 0;
  for (const ClusterName& name : ctx.members_in(ctx.with_tidb)) {
    ctx.asked(findings, name, "tidb_ttl_job_enable", [&] {
      if (!is_on(variable(ctx, name, "tidb_ttl_job_enable"))) return;
      members += (count == 0 ? "" : ", ") + name.value();
      ++count;
    });
  }
  if (count > 1) {
    findings.warn(
        "TTL_ON_SEVERAL", ClusterName(),
        named(tables) + " lose old rows by TTL, and TTL jobs run on " + members +
            ": each deletes and replicates the same rows, also one that was written anew on "
            "another member meanwhile",
        "SET GLOBAL tidb_ttl_job_enable = OFF on all members but one");
  }
  return findings.take();
}

}  // namespace bdrmesh::doctor
