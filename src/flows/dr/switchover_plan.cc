#include "flows/dr/switchover_plan.h"

#include <algorithm>

#include "flows/step_args.h"
#include "flows/stop/certificate_step.h"
#include "mesh/pair_note.h"

namespace bdrmesh::flows {
namespace {

/// What the reverse feed has to begin from must still be there when it is made.
constexpr Millis kHistory{24 * 3600 * 1000};

std::optional<PairNote> newest_note(const GroupSnapshot& snapshot) {
  std::vector<TokenRow> rows;
  for (const ClusterSnapshot& seen : snapshot.clusters) {
    if (seen.token) rows.push_back(*seen.token);
  }
  return newest_pair_note(snapshot.group.name, rows);
}

std::uint64_t next_term(const GroupSnapshot& snapshot) {
  const auto newest = newest_note(snapshot);
  return newest ? newest->term + 1 : 1;
}

class Stages {
 public:
  Stages(const GroupSnapshot& snapshot, const std::vector<TableName>& tables,
         const SwitchoverOptions& options)
      : snapshot_(snapshot),
        tables_(to_json(tables)),
        options_(options),
        old_(snapshot.group.members.front()),
        new_(snapshot.group.members.back()),
        group_(snapshot.group.name.value()),
        role_(secondary_role(snapshot.group.name)),
        forth_(require_pair_link(snapshot)),
        back_(reverse_link(snapshot, forth_)),
        plan_("dr.switchover", "make " + new_.value() + " the primary of " + group_ +
                                   " in place of " + old_.value()) {}

  Plan build() {
    plan_.subject({{"group", group_},
                   {"primary", old_.value()},
                   {"new_primary", new_.value()},
                   {"reason", "switchover of " + group_ + " to " + new_.value()}});
    plan_.lock("group:" + group_).lock("cluster:" + old_.value()).lock("cluster:" + new_.value());
    validate();
    stop_the_old();
    make_the_new_ready();
    plan_.point_of_no_return(new_.value() + " takes writes");
    turn();
    come_back();
    return plan_.build();
  }

 private:
  Json of_feed(const LinkSnapshot& link, Json more = Json::object()) const {
    more["group"] = group_;
    more["changefeed"] = link.changefeed.value();
    return more;
  }

  void both(const std::string& stage, const std::string& type, const Json& args = Json::object()) {
    plan_.stage(stage).step(on_cluster(type, old_, args)).step(on_cluster(type, new_, args));
  }

  void equal_schemas(const std::string& stage) {
    PlannedStep compare;
    compare.type = "compare_pair_schemas";
    compare.args = {{"group", group_},
                    {"tables", tables_},
                    {"stage", stage},
                    {"members", {old_.value(), new_.value()}}};
    plan_.stage(stage).step(std::move(compare));
  }

  void validate() {
    both("claim", "claim_token");
    plan_.stage("secondary stands closed").step(on_cluster("look_at_secondary", new_, secondary()));
    plan_.stage("healthy link")
        .step(on_link("require_healthy_link", forth_.link,
                      of_feed(forth_, {{"max_lag_ms", options_.max_lag.count()}})));
    plan_.stage("the way back is open")
        .step(on_link("require_return_path", back_.link, of_feed(back_)))
        .step(on_link("check_tables", back_.link, of_feed(back_)));
    both("quiet DDL queues", "require_quiet_ddl_queue");
    equal_schemas("schemas are equal");
    plan_.stage("hold history").step(on_cluster("hold_gc", new_, {{"life_ms", kHistory.count()}}));
    if (options_.ttl)
      plan_.stage("TTL off").step(on_cluster("set_ttl_jobs", old_, {{"on", false}}));
    plan_.stage("read now").step(on_cluster("set_reads", new_, {{"past", false}}));
    plan_.stage("link near")
        .step(on_link("require_healthy_link", forth_.link,
                      of_feed(forth_, {{"max_lag_ms",
                                        std::min<std::int64_t>(options_.max_lag.count(), 3000)}})));
  }

  void stop_the_old() {
    plan_.pause_budget_from_next_stage(options_.max_pause);
    close_gates(plan_, {old_});
    plan_.stage("drain transactions")
        .step(on_cluster("drain_transactions", old_,
                         {{"kill", options_.kill}, {"grace_ms", options_.grace.count()}}));
    plan_.stage("fence and mark")
        .step(on_cluster("take_fence", old_))
        .step(on_cluster("write_marker", old_));
    plan_.stage("drain link").step(on_link("drain_link", forth_.link, of_feed(forth_)));
  }

  void make_the_new_ready() {
    equal_schemas("schemas are still equal");
    plan_.stage("stop the old feed").step(on_link("pause_link", forth_.link, of_feed(forth_)));
    plan_.stage("position of the new primary")
        .step(on_cluster("take_fence", new_, {{"fact", "start"}, {"durable", true}}));
    plan_.stage("look again")
        .step(on_cluster("look_again_to_leave", old_,
                         {{"links",
                           {{{"from", old_.value()},
                             {"to", new_.value()},
                             {"changefeed", forth_.changefeed.value()}}}}}))
        .step(on_cluster("look_at_secondary", new_, secondary()));
  }

  void turn() {
    plan_.stage("the old primary stays closed")
        .step(on_cluster("keep_gate_closed", old_, {{"role", role_}}));
    PlannedStep open = on_cluster("open_new_primary", new_, noted());
    open.lane = LaneKind::gate;
    open.undo_lane = LaneKind::gate;
    plan_.stage("open " + new_.value()).step(std::move(open));
  }

  void come_back() {
    const Json marker{{"fact", "marker_back"}};
    plan_.stage("roles noted").step(on_cluster("note_new_primary", old_, noted()));
    if (options_.ttl) {
      plan_.step(on_cluster("set_ttl_jobs", new_, {{"on", true}}))
          .step(on_cluster("name_ttl_off", new_, {{"as_on", old_.value()}}));
    }
    plan_.step(on_cluster("name_past_readers", new_, {{"kill", options_.kill}}));
    plan_.step(
        on_link("create_link", back_.link, of_feed(back_, {{"incarnation", back_.incarnation}})));
    plan_.stage("mark").step(on_cluster("write_marker", new_, marker));
    plan_.stage("prove the way back")
        .step(on_link("await_marker", back_.link, of_feed(back_, marker)));
    plan_.stage("remove the old feed").step(on_link("remove_link", forth_.link, of_feed(forth_)));
    plan_.stage("history given back").step(on_cluster("give_back_gc", new_));
    plan_.stage("certificate")
        .step(issue_certificate(
            {{"kind", "dr.switchover"},
             {"group", group_},
             {"primary", new_.value()},
             {"secondary", old_.value()}},
            {"fence", "marker", "drained", "position", "start", "marker_back", "link_result"}));
  }

  Json secondary() const { return {{"role", role_}, {"group", group_}}; }

  Json noted() const {
    return {{"role", role_},           {"group", group_},
            {"primary", new_.value()}, {"primary_before", old_.value()},
            {"how", "switchover"},     {"term", next_term(snapshot_)}};
  }

  const GroupSnapshot& snapshot_;
  Json tables_;
  SwitchoverOptions options_;
  ClusterName old_;
  ClusterName new_;
  std::string group_;
  std::string role_;
  const LinkSnapshot& forth_;
  LinkSnapshot back_;
  PlanBuilder plan_;
};

}  // namespace

const LinkSnapshot& require_pair_link(const GroupSnapshot& snapshot) {
  const std::string& group = snapshot.group.name.value();
  if (snapshot.group.kind != GroupKind::primary_secondary) {
    throw Error(ErrorKind::precondition, "NOT_A_PAIR",
                "group " + group + " is multi-active: every member is a primary",
                "bdrmesh cluster evacuate NAME takes one of them out of service");
  }
  const LinkSnapshot& link = snapshot.links.front();
  if (link.feed && link.in_book) return link;
  if (link.feed) {
    throw Error(
        ErrorKind::precondition, "FEED_NOT_IN_BOOK",
        "changefeed " + link.changefeed.value() +
            " exists, but our state does not know where it started",
        "bdrmesh link adopt " + group + " " + link.link.from.value() + " " + link.link.to.value());
  }
  throw Error(
      ErrorKind::precondition, "NOT_BOOTSTRAPPED",
      "no changefeed carries rows from " + link.link.from.value() + " to " + link.link.to.value(),
      "bdrmesh dr bootstrap " + group);
}

LinkSnapshot reverse_link(const GroupSnapshot& snapshot, const LinkSnapshot& link) {
  LinkSnapshot back;
  back.link = {link.link.to, link.link.from};
  back.incarnation = last_incarnation(snapshot.book, back.link) + 1;
  back.changefeed = changefeed_id(snapshot.group.name, back.link, back.incarnation);
  return back;
}

void note_primary_on(PlanBuilder& plan, const GroupSnapshot& snapshot, const ClusterName& cluster) {
  const auto newest = newest_note(snapshot);
  if (!newest) return;
  plan.stage("who is the primary")
      .step(on_cluster("note_new_primary", cluster,
                       {{"group", snapshot.group.name.value()},
                        {"primary", newest->primary.value()},
                        {"how", newest->how},
                        {"term", newest->term}}));
}

Plan plan_switchover(const GroupSnapshot& snapshot, const std::vector<TableName>& tables,
                     const SwitchoverOptions& options) {
  for (const ClusterSnapshot& seen : snapshot.clusters) {
    if (seen.marker_schema && seen.token) continue;
    throw Error(ErrorKind::precondition, "NOT_MANAGED",
                "cluster " + seen.name.value() + " has no marker schema yet",
                "bdrmesh dr bootstrap " + snapshot.group.name.value());
  }
  return Stages(snapshot, tables, options).build();
}

}  // namespace bdrmesh::flows
