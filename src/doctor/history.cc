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

}  // namespace

std::vector<Finding> History::run(CheckContext& ctx) const {
  Findings findings;
  std::optional<bool> family;
  std::string first;
  for (const ClusterName& name : ctx.members_in(ctx.with_ticdc)) {
    ctx.asked(findings, name, "configuration of TiCDC", [&] {
      const TicdcTraits traits = ctx.world.ticdc(name).traits(ctx.call);
      judge(name, traits, findings);
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
  return findings.take();
}

}  // namespace bdrmesh::doctor
