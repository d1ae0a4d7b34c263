#include <map>

#include "doctor/checks.h"

namespace bdrmesh::doctor {
namespace {

/// Classic TiCDC cannot commit with 9..15 (measured §1 B); TiDB clamps what is out of range in
/// silence.
constexpr int kLargest = 8;

}  // namespace

std::vector<Finding> SourceIds::run(CheckContext& ctx) const {
  Findings findings;
  std::map<int, ClusterName> taken;
  for (const ClusterName& name : ctx.group.members) {
    const int wanted = ctx.desired.cluster(name).source_id;
    if (wanted < 1 || wanted > kLargest) {
      findings.error(
          "SOURCE_ID_OUT_OF_RANGE", name,
          "source_id " + std::to_string(wanted) + " of " + name.value() + " is not within 1..8",
          "choose a source_id from 1 to 8 for " + name.value());
    }
    const auto [twin, is_new] = taken.emplace(wanted, name);
    if (!is_new) {
      findings.error("SOURCE_ID_TWICE", name,
                     name.value() + " and " + twin->second.value() + " both have source_id " +
                         std::to_string(wanted) +
                         ": rows still go both ways, but nothing tells afterwards where one was "
                         "written, and TiDB's manual demands distinct ids",
                     "give every member a source_id of its own");
    }
  }
  for (const ClusterName& name : ctx.members_in(ctx.with_tidb)) {
    ctx.asked(findings, name, "source id", [&] {
      const int seen = ctx.world.tidb(name).source_id(ctx.call);
      const int wanted = ctx.desired.cluster(name).source_id;
      if (seen == wanted) {
        findings.ok("SOURCE_ID", name, "tidb_source_id is " + std::to_string(seen));
      } else {
        findings.warn("SOURCE_ID_DIFFERS", name,
                      "tidb_source_id of " + name.value() + " is " + std::to_string(seen) +
                          ", wanted is " + std::to_string(wanted),
                      "bdrmesh group apply " + ctx.group.name.value());
      }
    });
  }
  return findings.take();
}

}  // namespace bdrmesh::doctor
