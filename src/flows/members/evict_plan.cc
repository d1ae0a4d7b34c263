#include "flows/members/evict_plan.h"

#include <algorithm>

#include "flows/members/member_stages.h"
#include "flows/require.h"
#include "flows/step_args.h"
#include "flows/stop/certificate_step.h"
#include "flows/survivors.h"
#include "flows/verify/rows_plan.h"
#include "mesh/membership.h"

namespace bdrmesh::flows {
namespace {

void refuse(const GroupSnapshot& survivors, const ClusterName& lost, const EvictOptions& options) {
  const std::string& group = survivors.group.name.value();
  if (options.confirm != lost.value()) {
    throw Error(
        ErrorKind::precondition, "NOT_CONFIRMED",
        "'" + options.confirm + "' is not the name of the cluster to evict: " + lost.value(),
        "an eviction may lose rows: bdrmesh cluster evict " + lost.value() + " --group " + group +
            " --confirm " + lost.value());
  }
  require_managed(survivors);
}

PlannedStep by_manager(const std::string& type, Json args) {
  PlannedStep step;
  step.type = type;
  step.args = std::move(args);
  return step;
}

std::string next_words(const GroupSnapshot& survivors, const EvictOptions& options) {
  const std::string& group = survivors.group.name.value();
  if (survivors.names().size() < 2) return "bdrmesh status";
  if (!options.compare || options.tables.empty())
    return "bdrmesh verify run --group " + group + " --level rows";
  return "if rows differ: bdrmesh repair plan with the id of this operation";
}

class EvictPlan {
 public:
  EvictPlan(const Desired& desired, const GroupSnapshot& survivors, const ClusterName& lost,
            const EvictOptions& options)
      : desired_(desired),
        survivors_(survivors),
        lost_(lost),
        options_(options),
        group_(survivors.group.name.value()),
        links_(links_of_lost(survivors, lost)),
        plan_("cluster.evict", "evict " + lost.value() + " from group " + group_) {}

  Plan build() {
    describe();
    shut_out();
    save_what_there_is();
    remove_feeds();
    compare();
    report();
    return with_plan_digest(plan_.build());
  }

 private:
  void describe() {
    plan_.subject({{"group", group_},
                   {"cluster", lost_.value()},
                   {"alive_because", options_.because},
                   {"reason", lost_.value() + " is evicted from group " + group_}});
    plan_.lock("group:" + group_);
    plan_.stage("is it dead")
        .step(by_manager(
            "require_member_gone",
            {{"cluster", lost_.value()}, {"group", group_}, {"because", options_.because}}));
    plan_.stage("claim");
    for (const ClusterName& name : survivors_.names()) plan_.step(on_cluster("claim_token", name));
  }

  void shut_out_stage(const std::string& stage) {
    plan_.stage(stage);
    for (const ClusterName& name : survivors_.names()) {
      plan_.step(on_cluster(
          "shut_out_user", name,
          {{"user", desired_.cluster(name).sink.user_for(lost_)}, {"from", lost_.value()}}));
    }
  }

  void shut_out() { shut_out_stage("shut out"); }

  void save_what_there_is() {
    plan_.stage("state the loss")
        .step(by_manager("state_member_loss", {{"group", group_}, {"links", links_}}));
    if (!survivors_.group.redo || links_.empty()) return;
    plan_.stage("redo");
    for (const Json& link : links_) {
      const ClusterName target(get_required<std::string>(link, "to"));
      const ChangefeedId feed(get_required<std::string>(link, "changefeed"));
      const Json wanted = wanted_replica_config(survivors_.group, feed);
      PlannedStep step =
          on_cluster("apply_member_redo", target,
                     {{"storage", get_or<std::string>(wanted.at("consistent"), "storage", "")}});
      step.lane = LaneKind::slow;
      step.skip_means = "rows that only the redo log of " + lost_.value() +
                        " holds are not written on " + target.value() +
                        "; writing them overwrites rows that were changed there since, and runs "
                        "DDL that the log holds";
      plan_.step(std::move(step));
    }
  }

  void remove_feeds() {
    plan_.stage("membership ends");
    for (const ClusterName& name : survivors_.names()) {
      plan_.step(on_cluster("note_ended", name,
                            {{"group", group_}, {"member", lost_.value()}, {"how", "evicted"}}));
    }
    // The last look before the line: locked, refused on every server, no session left.
    shut_out_stage("look again");
    plan_.point_of_no_return("the first changefeed towards it is deleted");
    bool begun = false;
    for (const LinkSnapshot& link : survivors_.links) {
      if (link.link.to != lost_ || !link.feed) continue;
      if (!begun) plan_.stage("remove feeds towards it");
      begun = true;
      plan_.step(feed_step("abandon_link", survivors_, link));
    }
    plan_.stage("stop what answers")
        .step(by_manager("stop_what_answers",
                         {{"cluster", lost_.value()}, {"group", group_}, {"links", links_}}));
  }

  void compare() {
    if (!options_.compare || survivors_.names().size() < 2 || options_.tables.empty()) return;
    const GroupSnapshot rest = among_themselves(survivors_, lost_);
    VerifyRowsOptions rows;
    rows.skip_means = "whether the survivors have the same rows stays unknown";
    compare_rows_stages(plan_, rest, options_.tables, rows);
    report_rows_stage(plan_, rest, options_.tables, rows);
  }

  void report() {
    std::vector<EndedMembership> ended = survivors_.ended;
    ended.push_back({survivors_.group.name, lost_, "evicted", "", ""});
    plan_.stage("say what is left")
        .step(by_manager("report_eviction",
                         {{"cluster", lost_.value()},
                          {"group", group_},
                          {"configuration",
                           lines_for_configuration(desired_.group(survivors_.group.name), ended)},
                          {"next", next_words(survivors_, options_)}}));
    plan_.stage("certificate")
        .step(issue_certificate({{"group", group_}, {"evicted", lost_.value()}},
                                {"loss", "redo", "eviction", "verification"}));
  }

  const Desired& desired_;
  const GroupSnapshot& survivors_;
  ClusterName lost_;
  const EvictOptions& options_;
  std::string group_;
  Json links_;
  PlanBuilder plan_;
};

}  // namespace

Plan plan_evict(const Desired& desired, const GroupSnapshot& survivors, const ClusterName& lost,
                const EvictOptions& options) {
  refuse(survivors, lost, options);
  return EvictPlan(desired, survivors, lost, options).build();
}

}  // namespace bdrmesh::flows
