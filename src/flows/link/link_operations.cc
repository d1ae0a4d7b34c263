#include "flows/link/link_operations.h"

#include "flows/link/late_feed.h"
#include "flows/link/link_changes.h"
#include "flows/link/link_kinds.h"
#include "flows/seen.h"

namespace bdrmesh::flows {
namespace {

std::string named(const Json& args, const char* key) {
  const std::string name = get_or<std::string>(args, key, "");
  if (name.empty())
    throw Error(ErrorKind::invalid, "BAD_ARGUMENT", std::string("the request names no ") + key,
                "give args.group, args.from and args.to");
  return name;
}

struct Looked {
  GroupSnapshot snapshot;
  LinkSnapshot link;
};

Looked look(const FlowPorts& ports, const Json& args, const Call& call) {
  GroupSnapshot snapshot = look_at_group(ports, GroupName(named(args, "group")), call);
  refuse_held_by_others(ports, snapshot);
  look_at_feeds(ports, snapshot, call);
  const Link link{ClusterName(named(args, "from")), ClusterName(named(args, "to"))};
  LinkSnapshot seen = link_of(snapshot, link);
  return {std::move(snapshot), std::move(seen)};
}

PlannedOperation planned(const FlowPorts& ports, const GroupSnapshot& snapshot, Plan plan) {
  return {std::move(plan), Json::object(), seen_of(ports.desired, snapshot)};
}

}  // namespace

PlannedOperation link_pause(const FlowPorts& ports, const Json& args, const Call& call) {
  const Looked seen = look(ports, args, call);
  return planned(ports, seen.snapshot, plan_link_pause(seen.snapshot, seen.link));
}

PlannedOperation link_resume(const FlowPorts& ports, const Json& args, const Call& call) {
  const Looked seen = look(ports, args, call);
  Plan plan = get_or(args, "once", false) ? plan_link_resume_once(seen.snapshot, seen.link)
                                          : plan_link_resume(seen.snapshot, seen.link);
  refuse_late_feeds(ports, plan, args, call);
  return planned(ports, seen.snapshot, std::move(plan));
}

PlannedOperation link_adopt(const FlowPorts& ports, const Json& args, const Call& call) {
  const Looked seen = look(ports, args, call);
  return planned(ports, seen.snapshot, plan_link_adopt(seen.snapshot, seen.link));
}

PlannedOperation link_repair(const FlowPorts& ports, const Json& args, const Call& call) {
  const Looked seen = look(ports, args, call);
  RepairOptions options;
  options.replace = get_or(args, "replace", false);
  options.lose_rows_of = get_or<std::string>(args, "lose_rows_of", "");
  Plan plan = plan_link_repair(ports.desired, seen.snapshot, seen.link, options);
  refuse_late_feeds(ports, plan, args, call);
  return planned(ports, seen.snapshot, std::move(plan));
}

}  // namespace bdrmesh::flows
