#include "doctor/checks.h"
#include "doctor/definitions.h"

namespace bdrmesh::doctor {

std::vector<Finding> UniqueKeys::run(CheckContext& ctx) const {
  Findings findings;
  if (ctx.group.kind != GroupKind::multi_active) return {};
  const auto tables = definitions(ctx, findings).with({"UNIQUE KEY", "UNIQUE INDEX"});
  if (!tables.empty()) {
    findings.warn(
        "UNIQUE_KEYS", ClusterName(),
        named(tables) +
            " have a unique key besides the primary one: the same value written on two "
            "members deletes one of the two rows, without a word",
        "see that only one member writes a given value: a prefix per member, or one writer");
  }
  return findings.take();
}

}  // namespace bdrmesh::doctor
