#include "flows/ddl/dead_member.h"

#include "flows/survivors.h"

namespace bdrmesh::flows {
namespace {

PlannedStep by_manager(const std::string& type, Json args) {
  PlannedStep step;
  step.type = type;
  step.args = std::move(args);
  return step;
}

void shut_out(DdlStages& stages, const DeadMember& dead) {
  for (const auto& [target, user] : dead.users) {
    stages.plan().step(
        on_cluster("shut_out_user", target, {{"user", user}, {"from", dead.name.value()}}));
  }
}

}  // namespace

DeadMember dead_member(const Desired& desired, GroupSnapshot& survivors, const ClusterName& name) {
  DeadMember dead;
  dead.name = name;
  dead.links = links_of_lost(survivors, name);
  for (const LinkSnapshot& link : survivors.links) {
    if (link.link.to == name && link.feed) dead.towards.push_back(link);
  }
  for (const ClusterName& survivor : survivors.names())
    dead.users[survivor] = desired.cluster(survivor).sink.user_for(name);
  survivors = among_themselves(std::move(survivors), name);
  return dead;
}

void require_dead(DdlStages& stages, const DeadMember& dead) {
  stages.plan()
      .stage("is it dead")
      .step(by_manager("require_member_gone",
                       {{"cluster", dead.name.value()},
                        {"remedy",
                         "leave --without-member out: a member that answers takes part in "
                         "every schema change"}}));
}

void fence_dead(DdlStages& stages, const DeadMember& dead) {
  const std::string group = stages.snapshot().group.name.value();
  stages.plan().stage("shut out " + dead.name.value());
  shut_out(stages, dead);
  if (!dead.towards.empty()) stages.plan().stage("stop feeds towards " + dead.name.value());
  for (const LinkSnapshot& link : dead.towards) {
    stages.plan().step(on_link(
        "pause_link", link.link,
        {{"group", group}, {"changefeed", link.changefeed.value()}, {"target_gone", true}}));
  }
  if (dead.links.empty()) return;
  stages.plan()
      .stage("state the loss")
      .step(by_manager("state_member_loss", {{"group", group}, {"links", dead.links}}));
}

void look_again_at_fences(DdlStages& stages, const DeadMember& dead) { shut_out(stages, dead); }

std::string consequences(const DeadMember& dead) {
  const std::string& name = dead.name.value();
  return name +
         " does not have this change. Its accounts on the others are locked and the "
         "changefeeds towards it are stopped: rows that it had not delivered stay away, and "
         "it gets none. When it is back, applications must not write there";
}

std::string way_on(const DeadMember& dead, const GroupName& group) {
  const std::string& name = dead.name.value();
  return "bdrmesh cluster evict " + name + " --group " + group.value() + " --confirm " + name +
         ", later bdrmesh cluster join " + name;
}

}  // namespace bdrmesh::flows
