#include "flows/members/join.h"

#include <algorithm>

#include "flows/group/group_apply.h"
#include "flows/members/member_stages.h"
#include "flows/step_args.h"
#include "mesh/link_book.h"

namespace bdrmesh::flows {
namespace {

class JoinPlan {
 public:
  JoinPlan(const Desired& desired, const GroupSnapshot& snapshot, const Copy& copy,
           const JoinOptions& options)
      : desired_(desired),
        all_(snapshot),
        copy_(copy),
        options_(options),
        newcomer_(copy.targets.front()),
        group_(snapshot.group.name.value()),
        plan_("cluster.join", newcomer_.value() + " joins group " + group_) {
    for (const ClusterName& name : snapshot.names()) {
      if (name != newcomer_) serving_.push_back(name);
    }
    for (const LinkSnapshot& link : snapshot.links)
      (touches(link) ? new_links_ : old_links_).push_back(link);
    if (options.evicted) part_from_old_feeds();
    fresh_ = snapshot;
    fresh_.links = new_links_;
  }

  Plan build() {
    refuse();
    describe();
    prepare();
    remove_old_feeds();
    freeze_schemas();
    close_targets(plan_, copy_);
    hold_gc(plan_, serving_, copy_.hold);
    take_cut();
    copy_tables(plan_, copy_);
    take_target_positions(plan_, copy_);
    check_tables(plan_, fresh_);
    let_in();
    create_links(plan_, fresh_);
    prove_new_links();
    count_as_member();
    compare_schemas(plan_, copy_, all_.names());
    set_roles();
    give_back_gc(plan_, serving_);
    open_targets(plan_, copy_);
    return plan_.build();
  }

 private:
  bool touches(const LinkSnapshot& link) const {
    return link.link.from == newcomer_ || link.link.to == newcomer_;
  }

  /// What an evicted member still sends is nothing that anybody counts on: the links begin anew.
  void part_from_old_feeds() {
    for (LinkSnapshot& link : new_links_) {
      if (!link.feed || link.link.from != newcomer_) continue;
      its_old_feeds_.push_back(link);
      link.incarnation = 1 + std::max(link.incarnation, last_incarnation(all_.book, link.link));
      link.changefeed = changefeed_id(all_.group.name, link.link, link.incarnation);
      link.feed.reset();
      link.in_book = link.ever_in_book = false;
    }
  }

  const ClusterSnapshot& seen(const ClusterName& name) const {
    return *std::ranges::find(all_.clusters, name, &ClusterSnapshot::name);
  }

  void refuse() const {
    require_copy(all_.group, copy_);
    for (const LinkSnapshot& link : new_links_) {
      if (!link.feed && !link.ever_in_book) continue;
      throw Error(ErrorKind::precondition, "MEMBER_HAS_FEEDS",
                  newcomer_.value() + " is no newcomer: link " + to_string(link.link) +
                      (link.feed ? " has a changefeed" : " has had a changefeed of ours"),
                  "a member that serves leaves first: bdrmesh cluster leave " + newcomer_.value() +
                      "; one that has ended must lose the changefeed: cdc cli changefeed remove "
                      "--changefeed-id " +
                      link.changefeed.value());
    }
    for (const LinkSnapshot& link : old_links_) {
      if (link.feed && link.in_book) continue;
      throw Error(ErrorKind::precondition, "MESH_INCOMPLETE",
                  "link " + to_string(link.link) +
                      " between members that serve has no changefeed "
                      "of ours: there is no cut at which they are equal",
                  "bdrmesh group plan " + group_);
    }
    if (serving_.size() < 2) {
      throw Error(ErrorKind::precondition, "GROUP_NOT_RUNNING",
                  "group " + group_ + " does not replicate between two members yet",
                  "bdrmesh group apply " + group_ + " --from-backup-of " + copy_.source.value());
    }
  }

  void describe() {
    plan_.subject(subject_of(
        copy_, "cluster join: the cut from which " + newcomer_.value() + " follows is taken"));
    plan_.lock("group:" + group_);
    for (const ClusterName& name : all_.names()) plan_.lock("cluster:" + name.value());
  }

  void prepare() {
    examine(plan_, all_, {"SCHEMA_DIFFERS"});
    require_targets(plan_, copy_);
    set_up_clusters(plan_, desired_, all_);
  }

  /// While its users are still locked.
  void remove_old_feeds() {
    if (its_old_feeds_.empty()) return;
    plan_.stage("remove its old feeds");
    for (const LinkSnapshot& link : its_old_feeds_)
      plan_.step(feed_step("abandon_link", all_, link, {{"harmless", true}}));
  }

  void let_in() {
    if (!options_.evicted) return;
    plan_.stage("its users may log in again");
    for (const ClusterName& name : serving_) {
      plan_.step(on_cluster("let_in_user", name,
                            {{"user", desired_.cluster(name).sink.user_for(newcomer_)}}));
    }
  }

  void each_serving(const std::string& stage, const std::string& type,
                    const Json& args = Json::object()) {
    plan_.stage(stage);
    for (const ClusterName& name : serving_) plan_.step(on_cluster(type, name, args));
  }

  void each_old_link(const std::string& stage, const std::string& type, Json args) {
    plan_.stage(stage);
    args["group"] = group_;
    for (const LinkSnapshot& link : old_links_) {
      args["changefeed"] = link.changefeed.value();
      plan_.step(on_link(type, link.link, args));
    }
  }

  /// All SECONDARY: nobody's DDL is taken, by us or by hand, until the newcomer has what the others
  /// have. The source last: as long as one row tries the storage it has no role, because a table
  /// can be dropped under none (measured §1 A7). Versions without roles are held to it by the
  /// comparison at the end.
  void freeze_schemas() {
    each_serving("quiet queues", "require_quiet_ddl_queue");
    plan_.stage("freeze schemas");
    for (const ClusterName& name : serving_) {
      if (!seen(name).role_supported) continue;
      const bool source = name == copy_.source;
      plan_.step(on_cluster("set_role", name, {{"role", source ? "" : "secondary"}}));
    }
    probe_storage(plan_, copy_);
    if (!seen(copy_.source).role_supported) return;
    plan_.stage("freeze the source")
        .step(on_cluster("set_role", copy_.source, {{"role", "secondary"}}));
  }

  void take_cut() {
    each_old_link("links near", "require_healthy_link", {{"max_lag_ms", 3000}});
    plan_.pause_budget_from_next_stage(options_.max_pause);
    close_gates(plan_, serving_);
    each_serving("drain transactions", "drain_transactions", {{"kill", options_.kill}});
    // The gates open again long before the end: a restart must not take these anew.
    const Json lasting{{"durable", true}};
    each_serving("fence", "take_fence", lasting);
    each_serving("mark", "write_marker", lasting);
    each_old_link("drain links", "drain_link", lasting);
    each_serving("queues still quiet", "require_quiet_ddl_queue");
    each_serving("cut", "take_fence", {{"fact", "start"}, {"durable", true}});
    each_serving("gates still closed", "require_gate_closed");
    open_gates(plan_, serving_, options_.kill);
  }

  void prove_new_links() {
    plan_.stage("mark again");
    for (const ClusterName& name : all_.names())
      plan_.step(on_cluster("write_marker", name, {{"fact", "proof"}}));
    plan_.stage("prove");
    for (const LinkSnapshot& link : new_links_)
      plan_.step(
          on_link("await_marker", link.link,
                  {{"group", group_}, {"changefeed", link.changefeed.value()}, {"fact", "proof"}}));
  }

  /// Whoever has left before is noted so on the members.
  void count_as_member() {
    plan_.stage("member");
    for (const ClusterName& name : all_.names())
      plan_.step(
          on_cluster("forget_ended", name, {{"group", group_}, {"member", newcomer_.value()}}));
  }

  void set_roles() {
    // The newcomer first: it must not take DDL of its own when the others do again.
    const BdrRole wanted = wanted_role(all_.group, newcomer_);
    if (seen(newcomer_).role_supported && wanted != BdrRole::none) {
      plan_.stage("role of the newcomer")
          .step(on_cluster("set_role", newcomer_, {{"role", std::string(to_string(wanted))}}));
    }
    plan_.stage("roles as before");
    for (const ClusterName& name : serving_) {
      if (seen(name).role_supported) plan_.step(on_cluster("restore_role", name));
    }
  }

  const Desired& desired_;
  const GroupSnapshot& all_;
  const Copy& copy_;
  const JoinOptions& options_;
  ClusterName newcomer_;
  std::string group_;
  PlanBuilder plan_;
  std::vector<ClusterName> serving_;
  std::vector<LinkSnapshot> old_links_;
  std::vector<LinkSnapshot> new_links_;
  std::vector<LinkSnapshot> its_old_feeds_;  ///< of an evicted member that came back
  GroupSnapshot fresh_;                      ///< all members, and the newcomer's links only
};

}  // namespace

Plan plan_join(const Desired& desired, const GroupSnapshot& snapshot, const Copy& copy,
               const JoinOptions& options) {
  return JoinPlan(desired, snapshot, copy, options).build();
}

}  // namespace bdrmesh::flows
