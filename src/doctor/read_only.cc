#include <algorithm>

#include "doctor/checks.h"

namespace bdrmesh::doctor {
namespace {

std::string who_closed(const std::optional<TokenRow>& token) {
  if (!token || token->gates.empty()) return {};
  return get_or<std::string>(token->gates.front(), "operation", "one that is not named");
}

void judge_switch(const CheckContext& ctx, const ClusterName& name, Findings& findings) {
  TidbCluster& tidb = ctx.world.tidb(name);
  std::string closed;
  for (const TidbServerInfo& server : tidb.servers(ctx.call)) {
    if (tidb.super_read_only(server.address, ctx.call))
      closed += (closed.empty() ? "" : ", ") + server.address.value();
  }
  if (closed.empty()) return findings.ok("WRITABLE", name, name.value() + " takes writes");
  const std::optional<TokenRow> token = tidb.token(ctx.call);
  if (token && !token->gates.empty() && get_or(token->gates.front(), "standing", false)) {
    return findings.ok("STANDS_CLOSED", name,
                       name.value() + " takes no writes: " +
                           get_or<std::string>(token->gates.front(), "reason", "by its role"));
  }
  const std::string operation = who_closed(token);
  if (operation.empty()) {
    findings.error("READ_ONLY_LEFT_ON", name,
                   "tidb_super_read_only is on at " + closed + ", and no operation has noted on " +
                       name.value() + " that it did that",
                   "if nobody wants it: SET GLOBAL tidb_super_read_only = OFF; on " + name.value());
  } else {
    findings.warn("GATE_CLOSED", name,
                  name.value() + " is closed for writes by operation " + operation,
                  "bdrmesh gate list");
  }
}

std::vector<std::string> expected(const CheckContext& ctx, const ClusterName& name) {
  const ClusterSpec& spec = ctx.desired.cluster(name);
  std::vector<std::string> users{spec.user};
  for (const ClusterSpec& other : ctx.desired.clusters) {
    if (other.name != name) users.push_back(spec.sink.user_for(other.name));
  }
  return users;
}

/// Whoever else holds the exemption writes through a closed gate, and no look at transactions would
/// stop for them.
void judge_exemptions(const CheckContext& ctx, const ClusterName& name, Findings& findings) {
  const std::vector<std::string> known = expected(ctx, name);
  for (const std::string& holder : ctx.world.tidb(name).read_only_exempt_users(ctx.call)) {
    const std::string user = holder.substr(0, holder.find('@'));
    if (std::ranges::find(known, user) != known.end()) continue;
    findings.error("FOREIGN_READ_ONLY_EXEMPTION", name,
                   "user " + user + " holds RESTRICTED_REPLICA_WRITER_ADMIN on " + name.value() +
                       " and would write through a closed gate",
                   "REVOKE RESTRICTED_REPLICA_WRITER_ADMIN ON *.* FROM '" + user + "'@'%';");
  }
}

}  // namespace

std::vector<Finding> ReadOnly::run(CheckContext& ctx) const {
  Findings findings;
  for (const ClusterName& name : ctx.members_in(ctx.with_tidb)) {
    ctx.asked(findings, name, "read-only switch", [&] { judge_switch(ctx, name, findings); });
    if (ctx.group.gate != GateKind::read_only) continue;
    ctx.asked(findings, name, "holders of the read-only exemption",
              [&] { judge_exemptions(ctx, name, findings); });
  }
  return findings.take();
}

}  // namespace bdrmesh::doctor
