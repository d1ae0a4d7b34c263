#include "doctor/checks.h"
#include "model/version.h"

namespace bdrmesh::doctor {
namespace {

constexpr Version kOldest{6, 5, 0};
constexpr Version kOldestTicdc{6, 5,
                               2};  ///< list, pause and delete came to API v2 (ticdc-api §1.1)
constexpr Version kFirstWithRoles{7, 6, 0};
constexpr int kNewestMajor = 9;

void judge_tidb(const CheckContext& ctx, const ClusterName& name, const std::string& server,
                const std::string& text, Findings& findings) {
  const auto version = parse_version(text);
  if (!version) {
    findings.error("TIDB_VERSION_UNKNOWN", name, server + " calls its release '" + text + "'",
                   "bdrmesh knows releases 6.5 to 9; nobody has tried it with this one");
  } else if (*version < kOldest) {
    findings.error("TIDB_TOO_OLD", name,
                   server + " runs " + to_string(*version) + "; bdr-mode needs 6.5 or later",
                   "upgrade cluster " + name.value());
  } else if (version->major > kNewestMajor) {
    findings.warn("TIDB_VERSION_UNTRIED", name,
                  server + " runs " + text + ", newer than what bdrmesh was made for",
                  "rehearse on a test cluster of that version first");
  } else if (*version < kFirstWithRoles && ctx.group.ddl_primary) {
    findings.error("ROLES_NOT_SUPPORTED", name,
                   server + " runs " + to_string(*version) +
                       ", without BDR roles (they came with 7.6): TiCDC replicates no DDL in "
                       "bdr-mode",
                   "leave out ddl_primary of group " + ctx.group.name.value() +
                       "; every schema change then runs in a pause: bdrmesh ddl run");
  } else if (*version < kFirstWithRoles) {
    findings.warn("ROLES_NOT_SUPPORTED", name,
                  server + " runs " + to_string(*version) +
                      ", without BDR roles: every schema change needs a pause",
                  "nothing, or upgrade to 7.6 or later to let replicable DDL run without a pause");
  } else {
    findings.ok("TIDB_VERSION", name, server + " runs " + text);
  }
}

void judge_ticdc(const CheckContext& ctx, const ClusterName& name, const std::string& text,
                 Findings& findings) {
  const auto version = parse_version(text);
  if (!version) {
    findings.warn("TICDC_VERSION_UNKNOWN", name,
                  "TiCDC of " + name.value() + " calls its version '" + text + "'",
                  "run a release; other builds were not tried");
  } else if (*version < kOldestTicdc) {
    findings.error("TICDC_TOO_OLD", name,
                   "TiCDC of " + name.value() + " runs " + text +
                       "; bdr-mode and the whole of API v2 need 6.5.2 or later",
                   "upgrade TiCDC of " + name.value());
  } else if (*version < kFirstWithRoles && ctx.group.ddl_primary) {
    // TiDB may be newer than its TiCDC.
    findings.error("TICDC_REPLICATES_NO_DDL", name,
                   "TiCDC of " + name.value() + " runs " + text +
                       ", which drops every DDL of a feed in bdr-mode (7.6 was the first that "
                       "carries those of a PRIMARY)",
                   "upgrade TiCDC of " + name.value() + ", or leave out ddl_primary of group " +
                       ctx.group.name.value());
  } else {
    findings.ok("TICDC_VERSION", name, "TiCDC runs " + text);
  }
}

}  // namespace

std::vector<Finding> Versions::run(CheckContext& ctx) const {
  Findings findings;
  for (const ClusterName& name : ctx.members_in(ctx.with_tidb)) {
    TidbCluster& tidb = ctx.world.tidb(name);
    std::vector<TidbServerInfo> servers;
    if (!ctx.asked(findings, name, "servers", [&] { servers = tidb.servers(ctx.call); })) continue;
    for (const TidbServerInfo& server : servers) {
      try {
        judge_tidb(ctx, name, server.address.value(),
                   tidb.release_version(server.address, ctx.call), findings);
      } catch (const Error& error) {
        // A silent server was told by reachability; one that is no TiDB is news.
        if (error.kind() == ErrorKind::transient) continue;
        if (error.kind() == ErrorKind::cancelled) throw;
        findings.error(error.code(), name,
                       server.address.value() + " of " + name.value() + ": " + error.message(),
                       "check `tidb` of [[cluster]] " + name.value());
      }
    }
  }
  for (const ClusterName& name : ctx.members_in(ctx.with_ticdc)) {
    ctx.asked(findings, name, "version of TiCDC", [&] {
      judge_ticdc(ctx, name, ctx.world.ticdc(name).server(ctx.call).version, findings);
    });
  }
  return findings.take();
}

}  // namespace bdrmesh::doctor
