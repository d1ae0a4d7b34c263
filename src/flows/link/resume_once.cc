#include "flows/link/resume_once.h"

#include <algorithm>

namespace bdrmesh::flows {

Verdict ResumeOnce::verify(StepContext& ctx) {
  const std::vector<FeedSummary> listed = ports_.world.ticdc(link().from).list(ctx.call());
  const auto feed = std::ranges::find(listed, changefeed(), &FeedSummary::id);
  if (feed == listed.end()) {
    return refused("LINK_MISSING",
                   "TiCDC of " + link().from.value() + " has no changefeed " + changefeed().value(),
                   "bdrmesh group plan");
  }
  if (feed->state == "stopped") {
    return refused("LINK_STOPPED", "changefeed " + changefeed().value() + " was paused meanwhile",
                   "whoever paused it lets it go on: bdrmesh link resume");
  }
  // Failed again at once: the next try is another operation's.
  if (feed->state != "failed" || ctx.fact("resumed", scope())) return holds();
  return not_yet("changefeed " + changefeed().value() + " to run");
}

void ResumeOnce::execute(StepContext& ctx) {
  ports_.world.ticdc(link().from).resume(changefeed(), ctx.call());
  ctx.set_fact({"resumed", scope(), FactLife::durable, to_rfc3339(ctx.now())});
  ports_.feeds.forget(link().from);
}

}  // namespace bdrmesh::flows
