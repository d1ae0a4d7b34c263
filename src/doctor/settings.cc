#include "doctor/checks.h"

namespace bdrmesh::doctor {
namespace {

bool is_on(const std::string& value) { return value == "ON" || value == "1"; }

/// A variable that a version does not have is no finding.
std::optional<std::string> value_of(const CheckContext& ctx, const ClusterName& name,
                                    const std::string& variable) {
  try {
    return ctx.world.tidb(name).global_variable(variable, ctx.call);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::invalid) return std::nullopt;
    throw;
  }
}

void judge(const CheckContext& ctx, const ClusterName& name, Findings& findings) {
  if (const auto mdl = value_of(ctx, name, "tidb_enable_metadata_lock"); mdl && !is_on(*mdl)) {
    findings.warn("METADATA_LOCK_OFF", name,
                  "tidb_enable_metadata_lock is off on " + name.value() +
                      ": a DDL does not wait for transactions on its table, which then fail",
                  "SET GLOBAL tidb_enable_metadata_lock = ON;");
  }
  if (const auto gc = value_of(ctx, name, "tidb_gc_enable"); gc && !is_on(*gc)) {
    findings.warn(
        "GC_OFF", name,
        "garbage collection is off on " + name.value() + ": its history grows without end",
        "SET GLOBAL tidb_gc_enable = ON; when nobody needs the history any more");
  }
  if (const auto life = value_of(ctx, name, "tidb_gc_life_time")) {
    findings.ok(
        "GC_LIFE_TIME", name,
        "tidb_gc_life_time is " + *life + ": so long may a feed be created from a past position");
  }
}

}  // namespace

std::vector<Finding> Settings::run(CheckContext& ctx) const {
  Findings findings;
  for (const ClusterName& name : ctx.members_in(ctx.with_tidb)) {
    ctx.asked(findings, name, "settings", [&] { judge(ctx, name, findings); });
  }
  return findings.take();
}

}  // namespace bdrmesh::doctor
