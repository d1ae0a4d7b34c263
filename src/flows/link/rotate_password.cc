#include "flows/link/rotate_password.h"

#include <algorithm>
#include <set>

#include "flows/link/link_changes.h"
#include "flows/link/link_kinds.h"
#include "flows/require.h"
#include "flows/seen.h"

namespace bdrmesh::flows {
namespace {

constexpr const char* kThroughNew = "marker_through_new";

/// A link into the target, with the group that it belongs to.
struct Feed {
  const GroupSnapshot* group = nullptr;
  LinkSnapshot link;
  ChangefeedId next;
  int incarnation = 0;
};

std::vector<Feed> feeds_into(const std::vector<GroupSnapshot>& groups, const ClusterName& target) {
  std::vector<Feed> feeds;
  for (const GroupSnapshot& group : groups) {
    std::vector<LinkSnapshot> into;
    std::ranges::copy_if(group.links, std::back_inserter(into),
                         [&](const LinkSnapshot& one) { return one.link.to == target; });
    if (into.empty()) continue;
    require_feeds(group, into);
    refuse_changed_rules(group, "new passwords");
    for (const LinkSnapshot& link : into) {
      const int number = next_incarnation(group, link);
      feeds.push_back({&group, link, changefeed_id(group.group.name, link.link, number), number});
    }
  }
  return feeds;
}

PlannedStep feed_step(const std::string& type, const Feed& feed, const ChangefeedId& id,
                      const Json& more = Json::object()) {
  Json args{{"group", feed.group->group.name.value()}, {"changefeed", id.value()}};
  args.update(more);
  return on_link(type, feed.link.link, std::move(args));
}

/// Each account once, with an origin that writes as it.
std::vector<Json> accounts(const Desired& desired, const std::vector<Feed>& feeds) {
  std::set<std::string> named;
  std::vector<Json> all;
  for (const Feed& one : feeds) {
    const std::string user = desired.cluster(one.link.link.to).sink.user_for(one.link.link.from);
    if (named.insert(user).second)
      all.push_back({{"user", user}, {"from", one.link.link.from.value()}});
  }
  return all;
}

void hand_over(PlanBuilder& plan, const std::vector<Feed>& feeds) {
  plan.stage("new incarnations");
  for (const Feed& one : feeds) {
    plan.step(feed_step("create_link", one, one.next,
                        {{"incarnation", one.incarnation},
                         {"start_fact", "position"},
                         {"start_scope", to_string(one.link.link)},
                         {"carries_on", one.link.changefeed.value()}}));
  }
  const Json marker{{"fact", kThroughNew}};
  std::set<ClusterName> origins;
  plan.stage("mark");
  for (const Feed& one : feeds) {
    if (origins.insert(one.link.link.from).second)
      plan.step(on_cluster("write_marker", one.link.link.from, marker));
  }
  plan.stage("prove");
  for (const Feed& one : feeds) plan.step(feed_step("await_marker", one, one.next, marker));
  plan.stage("remove the old ones");
  for (const Feed& one : feeds) plan.step(feed_step("remove_link", one, one.link.changefeed));
}

}  // namespace

Plan plan_rotate_password(const Desired& desired, const std::vector<GroupSnapshot>& groups,
                          const ClusterName& target) {
  const std::vector<Feed> feeds = feeds_into(groups, target);
  if (feeds.empty()) {
    throw Error(ErrorKind::precondition, "NO_SINK",
                "no changefeed of a group writes into " + target.value(), "bdrmesh link list");
  }
  PlanBuilder plan("cluster.rotate_sink_password",
                   "new passwords for the changefeeds into " + target.value());
  Json names = Json::array();
  for (const Json& account : accounts(desired, feeds)) names.push_back(account.at("user"));
  plan.subject({{"cluster", target.value()}, {"users", names}});
  std::set<std::string> locked;
  for (const Feed& one : feeds) {
    const std::string& group = one.group->group.name.value();
    if (locked.insert(group).second) plan.lock("group:" + group);
  }
  plan.lock("cluster:" + target.value());

  plan.stage("claim").step(on_cluster("claim_token", target));
  plan.stage("sink users");
  for (const Json& account : accounts(desired, feeds))
    plan.step(on_cluster("require_sink_user", target, account));
  plan.stage("pause and confirm");
  for (const Feed& one : feeds) plan.step(feed_step("pause_link", one, one.link.changefeed));
  plan.point_of_no_return("the first password is changed");
  plan.stage("passwords");
  for (const Json& account : accounts(desired, feeds))
    plan.step(on_cluster("set_sink_password", target, account));
  hand_over(plan, feeds);
  return plan.build();
}

PlannedOperation rotate_password_request(const FlowPorts& ports, const Json& args,
                                         const Call& call) {
  const ClusterName target =
      ports.desired.cluster(ClusterName(get_or<std::string>(args, "cluster", ""))).name;
  std::vector<GroupSnapshot> groups;
  PlannedOperation planned;
  for (const GroupSpec& group : ports.desired.groups) {
    if (std::ranges::find(group.members, target) == group.members.end()) continue;
    GroupSnapshot snapshot = look_at_group(ports, group.name, call);
    refuse_held_by_others(ports, snapshot);
    look_at_feeds(ports, snapshot, call);
    groups.push_back(std::move(snapshot));
  }
  planned.plan = plan_rotate_password(ports.desired, groups, target);
  planned.seen = Json::object();
  for (const GroupSnapshot& snapshot : groups)
    planned.seen.update(seen_of(ports.desired, snapshot));
  return planned;
}

Verdict RequireSinkUser::verify(StepContext& ctx) {
  const auto user = get_required<std::string>(args_, "user");
  const Link link{ClusterName(get_required<std::string>(args_, "from")), cluster()};
  (void)ports_.world.sink_password(link);  // throws when it cannot be read
  const std::optional<bool> locked = ports_.world.users(cluster()).is_locked(user, ctx.call());
  if (!locked) {
    return refused("SINK_USER_MISSING", "user " + user + " does not exist on " + cluster().value(),
                   "bdrmesh doctor shows what it needs");
  }
  if (!*locked) return holds();
  return refused(
      "SINK_USER_LOCKED", "user " + user + " is locked on " + cluster().value(),
      "find out who locked it and why (a failover or an eviction does); then ALTER USER '" + user +
          "'@'%' ACCOUNT UNLOCK");
}

Secret SetSinkPassword::password() const {
  return ports_.world.sink_password(
      {ClusterName(get_required<std::string>(args_, "from")), cluster()});
}

Verdict SetSinkPassword::verify(StepContext& ctx) {
  const Secret wanted = password();
  for (const TidbServerInfo& server : tidb().servers(ctx.call())) {
    const LoginAnswer answer =
        ports_.world.users(cluster()).try_login(server.address, user(), wanted, ctx.call());
    if (answer == LoginAnswer::accepted) continue;
    return not_yet(server.address.value() + " to let " + user() + " in with the new password" +
                   (answer == LoginAnswer::locked ? "; the account is locked" : ""));
  }
  return holds();
}

void SetSinkPassword::execute(StepContext& ctx) {
  ctx.set_fact({"password_sent", user(), FactLife::durable, true});
  ctx.checkpoint();
  ports_.world.users(cluster()).make_user(user(), password(), {}, ctx.call());
  ctx.cross_line("user " + user() + " of " + cluster().value() + " has another password");
}

Crossing SetSinkPassword::crossed(StepContext& ctx) {
  if (!ctx.fact("password_sent", user())) return Crossing::no;
  const Secret wanted = password();
  for (const TidbServerInfo& server : tidb().servers(ctx.call())) {
    if (ports_.world.users(cluster()).try_login(server.address, user(), wanted, ctx.call()) ==
        LoginAnswer::accepted)
      return Crossing::yes;
  }
  return Crossing::no;
}

}  // namespace bdrmesh::flows
