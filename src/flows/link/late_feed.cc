#include "flows/link/late_feed.h"

#include "base/error.h"
#include "flows/link/feed_look.h"
#include "mesh/judge/span_words.h"

namespace bdrmesh::flows {
namespace {

constexpr Millis kDefaultTtl{24LL * 3600 * 1000};

void refuse_when_late(const FlowPorts& ports, const PlannedStep& step, const Call& call) {
  const Link link{ClusterName(get_required<std::string>(step.args, "from")),
                  ClusterName(get_required<std::string>(step.args, "to"))};
  const TicdcTraits traits = ports.world.ticdc(link.from).traits(call);
  if (!traits.new_architecture.value_or(false)) return;
  const ChangefeedId id(get_required<std::string>(step.args, "changefeed"));
  const auto feed = look_now(ports, link, id, call);
  if (!feed || !feed->checkpoint.is_set()) return;
  const Millis lag = lag_between(feed->checkpoint, ports.world.tidb(link.from).current_tso(call));
  const Millis ttl = traits.gc_ttl.value_or(kDefaultTtl);
  if (lag < ttl) return;
  throw Error(
      ErrorKind::precondition, "FEED_TOO_LATE",
      "changefeed " + id.value() + " is " + in_words(lag) + " behind, and gc-ttl of the TiCDC of " +
          link.from.value() + " is " + in_words(ttl) +
          ": it would be resumed, and its history thrown away at its first step",
      "raise gc-ttl above that in the configuration of all TiCDC nodes of " + link.from.value() +
          " and restart them, then try again; to risk it: --although-late");
}

}  // namespace

void refuse_late_feeds(const FlowPorts& ports, const Plan& plan, const Json& args,
                       const Call& call) {
  if (get_or(args, "although_late", false)) return;
  for (const PlannedStage& stage : plan.stages) {
    for (const PlannedStep& step : stage.steps) {
      if (step.type == "resume_link" || step.type == "resume_once")
        refuse_when_late(ports, step, call);
    }
  }
}

}  // namespace bdrmesh::flows
