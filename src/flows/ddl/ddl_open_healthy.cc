#include "flows/ddl/ddl_open_healthy.h"

#include <algorithm>

#include "flows/group/cluster_steps.h"

namespace bdrmesh::flows {
namespace {

bool is_among(const std::vector<std::string>& names, const ClusterName& name) {
  return std::ranges::find(names, name.value()) != names.end();
}

void require_some_and_some_left(const GroupSnapshot& snapshot,
                                const std::vector<std::string>& failed) {
  const auto members = snapshot.names();
  const auto left = std::ranges::count_if(
      members, [&](const ClusterName& one) { return !is_among(failed, one); });
  const auto known = static_cast<std::ptrdiff_t>(members.size()) - left;
  if (!failed.empty() && left > 0 && known == static_cast<std::ptrdiff_t>(failed.size())) return;
  throw Error(ErrorKind::invalid, "BAD_ARGUMENT",
              "args.failed must name the members that refused the change, and leave some",
              "bdrmesh op show says which they are");
}

}  // namespace

Verdict RequireChanged::verify(StepContext& ctx) {
  const std::string operation = get_required<std::string>(args_, "operation");
  const std::optional<DdlJob> job = tidb().find_ddl_job("bdrmesh:" + operation + ":", ctx.call());
  if (job && job->final_success()) return holds();
  return refused("NOT_CHANGED",
                 "the change of operation " + operation + " has not taken place on " +
                     cluster().value() + (job ? ": " + describe(*job) : ""),
                 "name it among the failed ones, or bdrmesh op resume " + operation);
}

void OpenWithoutFailed::execute(StepContext& ctx) {
  ctx.cross_line("opening the gate of " + cluster().value());
  ReopenGateOf::execute(ctx);
}

Verdict CarryOnLink::verify(StepContext& ctx) {
  const auto feed =
      ports_.feeds.look(link().from, ports_.clock.mono(), ctx.call())->find(changefeed());
  if (feed && feed->state == "stopped")
    return not_yet("changefeed " + changefeed().value() + " to run again");
  return holds();  // whatever else is wrong with it, the proof that follows tells
}

void CarryOnLink::execute(StepContext& ctx) {
  ctx.event("warning", "resumes changefeed " + changefeed().value() + ", which had been stopped");
  ports_.world.ticdc(link().from).resume(changefeed(), ctx.call());
}

Plan plan_open_healthy(const GroupSnapshot& snapshot, const std::string& operation,
                       const std::vector<std::string>& failed) {
  require_some_and_some_left(snapshot, failed);
  std::string names;
  for (const std::string& name : failed) names += (names.empty() ? "" : ", ") + name;
  PlanBuilder plan("ddl.open_healthy", "open all clusters but " + names);
  plan.subject({{"group", snapshot.group.name.value()},
                {"operation", operation},
                {"failed", failed},
                {"reason", "operation " + operation + " failed on " + names}});
  plan.stage("changed");
  for (const ClusterName& name : snapshot.names()) {
    if (!is_among(failed, name))
      plan.step(on_cluster("require_changed", name, {{"operation", operation}}));
  }
  plan.stage("stop feeds towards " + names);
  for (const LinkSnapshot& link : snapshot.links) {
    if (!is_among(failed, link.link.to) || is_among(failed, link.link.from)) continue;
    plan.step(
        on_link("pause_link", link.link,
                {{"group", snapshot.group.name.value()}, {"changefeed", link.changefeed.value()}}));
  }
  plan.point_of_no_return("the first gate is open");
  plan.stage("open gates");
  for (const ClusterName& name : snapshot.names()) {
    if (is_among(failed, name)) continue;
    PlannedStep open = on_cluster("open_without_failed", name, {{"operation", operation}});
    open.lane = LaneKind::gate;
    plan.step(std::move(open));
  }
  return plan.build();
}

}  // namespace bdrmesh::flows
