#include <algorithm>

#include "doctor/checks.h"

namespace bdrmesh::doctor {
namespace {

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

void judge(const CheckContext& ctx, const std::vector<std::string>& primary,
           const std::vector<std::string>& secondary, const std::vector<std::string>& none,
           Findings& findings) {
  const std::string apply = "bdrmesh group apply " + ctx.group.name.value();
  if (primary.size() > 1) {
    const std::string text = "BDR role PRIMARY is held by " + listed(primary) +
                             ": their DDLs overwrite each other's schemas";
    if (ctx.group.ddl_primary) {
      findings.warn("TWO_PRIMARIES", ClusterName(), text, "stop DDL on all but one; then " + apply);
    } else {
      findings.error("TWO_PRIMARIES", ClusterName(), text,
                     "stop DDL on all but one; then ADMIN SET BDR ROLE SECONDARY there");
    }
  } else if (!none.empty() && (!primary.empty() || !secondary.empty())) {
    findings.warn("ROLES_MIXED", ClusterName(),
                  "no BDR role on " + listed(none) + ", but " +
                      listed(primary.empty() ? secondary : primary) + " has one: DDL of " +
                      listed(none) + " is neither refused nor replicated",
                  apply);
  } else if (primary.empty() && !secondary.empty()) {
    findings.warn("NO_PRIMARY", ClusterName(), "every member is SECONDARY: no DDL can run anywhere",
                  apply);
  } else {
    findings.ok("ROLES", ClusterName(),
                primary.empty() ? "no BDR roles" : "PRIMARY is " + primary.front());
  }
}

}  // namespace

std::vector<Finding> Roles::run(CheckContext& ctx) const {
  Findings findings;
  std::vector<std::string> primary;
  std::vector<std::string> secondary;
  std::vector<std::string> none;
  for (const ClusterName& name : ctx.members_in(ctx.with_tidb)) {
    try {
      const auto role = ctx.world.tidb(name).bdr_role(ctx.call);
      if (!role) {
        findings.error("ROLE_UNKNOWN", name,
                       name.value() + " answers with a BDR role that no release uses",
                       "ADMIN SHOW BDR ROLE on " + name.value() + "; set one that is known");
        continue;
      }
      (*role == BdrRole::primary     ? primary
       : *role == BdrRole::secondary ? secondary
                                     : none)
          .push_back(name.value());
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::cancelled) throw;
      // Before v7.6 the statement does not parse: such a cluster has no role.
      if (error.kind() == ErrorKind::invalid) {
        none.push_back(name.value());
      } else {
        findings.error(error.code(), name, "BDR role of " + name.value() + ": " + error.message(),
                       error.remedy());
      }
    }
  }
  judge(ctx, primary, secondary, none, findings);
  return findings.take();
}

}  // namespace bdrmesh::doctor
