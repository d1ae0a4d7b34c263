#include <algorithm>
#include <array>
#include <map>

#include "doctor/checks.h"
#include "doctor/variables.h"
#include "mesh/judge/span_words.h"

namespace bdrmesh::doctor {
namespace {

constexpr Millis kShortest{3'600'000};
constexpr Millis kShort{43'200'000};

void judge(const ClusterName& name, const TicdcTraits& traits, Findings& findings) {
  if (!traits.gc_ttl) {
    findings.ok("GC_TTL", name,
                "TiCDC of " + name.value() + " does not tell its gc-ttl; a day is the default");
    return;
  }
  const std::string text = "gc-ttl of the TiCDC of " + name.value() + " is " +
                           in_words(*traits.gc_ttl) + ": so long may a link stand still";
  const std::string remedy = "raise gc-ttl in the configuration of all TiCDC nodes of " +
                             name.value() + " and restart them";
  if (*traits.gc_ttl < kShortest) {
    findings.error("GC_TTL_TOO_SHORT", name, text, remedy);
  } else if (*traits.gc_ttl < kShort) {
    findings.warn("GC_TTL_SHORT", name, text + "; a night without an engineer may be longer",
                  remedy);
  } else {
    findings.ok("GC_TTL", name, text);
  }
}

/// Reading goes on without a user, so that only the first change would tell (ticdc-api §1.2).
void judge_login(const ClusterName& name, const TicdcTraits& traits, Findings& findings) {
  if (!traits.user_required) return;
  findings.error("TICDC_WANTS_USER", name,
                 "TiCDC of " + name.value() +
                     " takes changes only with a user and a password ([security] "
                     "client-user-required), and bdrmesh sends none: no changefeed can be made, "
                     "paused, resumed or deleted",
                 "set client-user-required = false on all TiCDC nodes of " + name.value() +
                     " and restart them; client certificates (cert-allowed-cn) can guard the port");
}

std::string plain_zone(const std::string& zone) {
  static constexpr std::array kUtc{"UTC", "Etc/UTC", "GMT", "+00:00", "+0:00"};
  return std::ranges::find(kUtc, zone) == kUtc.end() ? zone : "UTC";
}

bool is_system(const std::string& zone) { return zone == "System" || zone == "SYSTEM"; }

std::string zone_of_machine(const CheckContext& ctx, const ClusterName& name) {
  return plain_zone(variable(ctx, name, "system_time_zone").value_or(""));
}

std::string zone_of(const CheckContext& ctx, const ClusterName& name) {
  const std::string zone = variable(ctx, name, "time_zone").value_or("");
  return is_system(zone) ? zone_of_machine(ctx, name) : plain_zone(zone);
}

/// The new architecture writes TIMESTAMP values in its own zone, and leaves the target's session in
/// that of the target unless the sink URI names one (ticdc-api §7.1).
void judge_zones(const CheckContext& ctx, const std::map<ClusterName, TicdcTraits>& traits,
                 Findings& findings) {
  for (const Link& link : ctx.group.links()) {
    const auto origin = traits.find(link.from);
    if (origin == traits.end() || !origin->second.new_architecture.value_or(false)) continue;
    if (!ctx.with_tidb.contains(link.to) || !ctx.with_tidb.contains(link.from)) continue;
    if (ctx.desired.cluster(link.to).sink.params.contains("time-zone")) continue;
    ctx.asked(findings, link.to, "time zone", [&] {
      const std::string& told = origin->second.time_zone;
      // Its machines are most likely set up as those of its tidb-servers.
      const std::string writes =
          is_system(told) ? zone_of_machine(ctx, link.from) : plain_zone(told);
      const std::string reads = zone_of(ctx, link.to);
      if (writes.empty() || reads.empty() || writes == reads) return;
      findings.warn("TICDC_TIME_ZONE", link.to,
                    "TiCDC of " + link.from.value() + " writes TIMESTAMP values as of " + writes +
                        (is_system(told) ? " (the zone of its machines, as it seems)" : "") +
                        ", sessions on " + link.to.value() + " take them as of " + reads +
                        ": every TIMESTAMP would be shifted",
                    "the same `tz` for all TiCDC nodes and time_zone for all clusters, best UTC");
    });
  }
}

}  // namespace

std::vector<Finding> History::run(CheckContext& ctx) const {
  Findings findings;
  std::optional<bool> family;
  std::string first;
  std::map<ClusterName, TicdcTraits> told;
  for (const ClusterName& name : ctx.members_in(ctx.with_ticdc)) {
    ctx.asked(findings, name, "configuration of TiCDC", [&] {
      const TicdcTraits traits = ctx.world.ticdc(name).traits(ctx.call);
      told[name] = traits;
      judge(name, traits, findings);
      judge_login(name, traits, findings);
      if (!traits.new_architecture) return;
      if (family && *family != *traits.new_architecture) {
        findings.warn("TICDC_FAMILIES_MIXED", name,
                      "TiCDC of " + name.value() + " is of the " +
                          (*traits.new_architecture ? "new architecture" : "classic family") +
                          ", that of " + first +
                          " is not: pauses, lags and failures look different",
                      "nothing, if it is a step of an upgrade");
      }
      if (!family) first = name.value();
      family = family ? family : traits.new_architecture;
    });
  }
  judge_zones(ctx, told, findings);
  return findings.take();
}

}  // namespace bdrmesh::doctor
