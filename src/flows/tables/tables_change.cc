#include "flows/tables/tables_change.h"

#include <algorithm>

#include "flows/backup/group_tables.h"
#include "flows/group/group_apply.h"
#include "flows/link/link_kinds.h"
#include "flows/require.h"
#include "flows/step_args.h"

namespace bdrmesh::flows {
namespace {

constexpr const char* kBefore = "before";
constexpr const char* kThroughNew = "marker_through_new";

PlannedStep plain(const std::string& type, Json args) {
  PlannedStep step;
  step.type = type;
  step.args = std::move(args);
  return step;
}

std::string quoted(const std::vector<std::string>& rules) {
  std::string text;
  for (const std::string& rule : rules) text += (text.empty() ? "'" : ", '") + rule + "'";
  return text.empty() ? "nothing" : text;
}

class TablesPlan {
 public:
  TablesPlan(const Desired& desired, const GroupSnapshot& snapshot, const TablesChange& change,
             const TablesOptions& options)
      : desired_(desired),
        old_(snapshot),
        new_(snapshot),
        change_(change),
        options_(options),
        group_(snapshot.group.name.value()),
        plan_("group.tables", "change the tables of group " + group_) {
    for (LinkSnapshot& link : new_.links) {
      link.incarnation = next_incarnation(snapshot, link);
      link.changefeed = changefeed_id(snapshot.group.name, link.link, link.incarnation);
    }
    options_.rows.mode = RowsMode::live;
  }

  Plan build() {
    refuse();
    describe();
    prepare();
    prove_equal_before();
    pause();
    hand_over();
    plan_.point_of_no_return("the first gate is open: rows go through the new changefeeds");
    open();
    prove_new();
    if (!change_.entering.empty()) compare("");
    return plan_.build();
  }

 private:
  void refuse() const {
    if (old_.group.kind != GroupKind::multi_active) {
      throw Error(
          ErrorKind::precondition, "TABLES_OF_A_PAIR",
          "group " + group_ +
              " is a pair: a table that enters must be copied to the "
              "secondary together with all others",
          "set `tables` back; or take the pair apart and fill it again: bdrmesh dr rebuild " +
              group_ + ", then bdrmesh dr bootstrap " + group_);
    }
    require_managed(old_);
    require_feeds(old_, old_.links);
    for (const LinkSnapshot& link : old_.links) {
      for (const Change& row : link_changes(desired_, old_, link)) {
        if (row.change == "none" || row.property == "tables") continue;
        throw Error(ErrorKind::precondition, "DRIFT",
                    row.object + ", " + row.property + ": wanted " + row.wanted + ", seen " +
                        row.seen + ": it must be as wanted before its tables are changed",
                    "bdrmesh group plan " + group_ + "; " +
                        (row.change == "resume"
                             ? "bdrmesh link resume " + group_ + " " + link.link.from.value() +
                                   " " + link.link.to.value()
                             : "set `tables` back, start bdrmesh serve again, then bdrmesh link "
                               "repair"));
      }
    }
  }

  void describe() {
    plan_.subject(
        {{"group", group_},
         {"add", change_.rules.added},
         {"remove", change_.rules.removed},
         {"entering", to_json(change_.entering)},
         {"leaving", to_json(change_.leaving)},
         {"reason", "tables of group " + group_ + ": added " + quoted(change_.rules.added) +
                        ", removed " + quoted(change_.rules.removed)}});
    plan_.lock("group:" + group_);
    for (const ClusterName& name : old_.names()) plan_.lock("cluster:" + name.value());
  }

  void each(const std::string& stage, const std::string& type, const Json& args = Json::object()) {
    plan_.stage(stage);
    for (const ClusterName& name : old_.names()) plan_.step(on_cluster(type, name, args));
  }

  PlannedStep feed(const std::string& type, const LinkSnapshot& link,
                   const Json& more = Json::object()) const {
    Json args{{"group", group_}, {"changefeed", link.changefeed.value()}};
    args.update(more);
    return on_link(type, link.link, std::move(args));
  }

  void each_link(const std::string& stage, const std::string& type, const GroupSnapshot& feeds,
                 const Json& more = Json::object()) {
    plan_.stage(stage);
    for (const LinkSnapshot& link : feeds.links) plan_.step(feed(type, link, more));
  }

  void prepare() {
    examine(plan_, old_, {});
    each("claim", "claim_token");
    check_tables(plan_, new_);
    each("quiet DDL queues", "require_quiet_ddl_queue");
  }

  Json members() const {
    Json names = Json::array();
    for (const ClusterName& name : old_.names()) names.push_back(name.value());
    return names;
  }

  void compare(const std::string& run) {
    VerifyRowsOptions rows = options_.rows;
    rows.run = run;
    const GroupSnapshot& feeds = run.empty() ? new_ : old_;
    compare_rows_stages(plan_, feeds, change_.entering, rows);
    report_rows_stage(plan_, feeds, change_.entering, rows);
  }

  /// While applications go on. What changes between this and the pause, the last comparison finds.
  void prove_equal_before() {
    if (change_.entering.empty()) return;
    const Json tables = to_json(change_.entering);
    each("note definitions", "digest_schema", {{"tables", tables}, {"fact", "schemas_before"}});
    plan_.stage("same definitions")
        .step(plain("require_equal_schemas",
                    {{"group", group_}, {"tables", tables}, {"members", members()}}));
    compare(kBefore);
    plan_.stage("require equal")
        .step(plain(
            "require_tables_equal",
            {{"group", group_}, {"run", kBefore}, {"accept_unproven", options_.accept_unproven}}));
  }

  void pause() {
    const Json lag{{"max_lag_ms", 3000}};
    each_link("links near", "require_healthy_link", old_, lag);
    plan_.pause_budget_from_next_stage(options_.max_pause);
    close_gates(plan_, old_.names());
    each("drain transactions", "drain_transactions",
         {{"kill", options_.kill}, {"grace_ms", options_.grace.count()}});
    each("fence and mark", "take_fence");
    for (const ClusterName& name : old_.names()) plan_.step(on_cluster("write_marker", name));
    // One that this operation stopped before it was interrupted runs again first.
    for (const LinkSnapshot& link : old_.links) plan_.step(feed("carry_on_link", link));
    each_link("drain links", "drain_link", old_);
  }

  void hand_over() {
    if (!change_.entering.empty()) {
      each("definitions unchanged", "digest_schema",
           {{"tables", to_json(change_.entering)},
            {"fact", "schemas_at_cut"},
            {"same_as", "schemas_before"}});
    }
    each_link("stop feeds and confirm", "pause_link", old_);
    plan_.stage("new changefeeds");
    for (std::size_t i = 0; i < new_.links.size(); ++i) {
      const LinkSnapshot& link = new_.links[i];
      plan_.step(feed("create_link", link,
                      {{"incarnation", link.incarnation},
                       {"start_fact", "position"},
                       {"start_scope", to_string(link.link)},
                       {"carries_on", old_.links[i].changefeed.value()}}));
    }
    plan_.stage("look again");
    for (const ClusterName& name : old_.names())
      plan_.step(on_cluster("look_again_at_tables", name, {{"links", links_from(name)}}));
    for (const ClusterName& name : old_.names()) plan_.step(on_cluster("announce_line", name));
  }

  Json links_from(const ClusterName& name) const {
    Json all = Json::array();
    for (std::size_t i = 0; i < old_.links.size(); ++i) {
      if (old_.links[i].link.from != name) continue;
      all.push_back({{"to", old_.links[i].link.to.value()},
                     {"old", old_.links[i].changefeed.value()},
                     {"new", new_.links[i].changefeed.value()}});
    }
    return all;
  }

  void open() {
    plan_.stage("open gates");
    for (const ClusterName& name : old_.names()) {
      PlannedStep step = on_cluster("open_gate_onto_new_feeds", name);
      step.lane = LaneKind::gate;
      plan_.step(std::move(step));
    }
  }

  void prove_new() {
    const Json marker{{"fact", kThroughNew}};
    each("mark", "write_marker", marker);
    each_link("prove", "await_marker", new_, marker);
    each_link("remove the old ones", "remove_link", old_);
  }

  const Desired& desired_;
  const GroupSnapshot& old_;
  GroupSnapshot new_;  ///< the same with the changefeeds that are to come
  const TablesChange& change_;
  TablesOptions options_;
  std::string group_;
  PlanBuilder plan_;
};

bool same_rules(std::vector<std::string> one, std::vector<std::string> other) {
  std::ranges::sort(one);
  std::ranges::sort(other);
  return one == other;
}

}  // namespace

void require_named(const GroupSnapshot& snapshot, const std::optional<RuleChange>& rules,
                   const std::vector<std::string>& add, const std::vector<std::string>& remove) {
  const std::string& group = snapshot.group.name.value();
  if (!rules) {
    throw Error(ErrorKind::precondition, "TABLES_AS_WANTED",
                "the changefeeds of group " + group +
                    " carry what the configuration says: " + quoted(snapshot.group.tables),
                "edit `tables` of group " + group +
                    " in the configuration file, start bdrmesh serve again, then bdrmesh group "
                    "plan " +
                    group);
  }
  const bool order_only = rules->added.empty() && rules->removed.empty();
  const bool named =
      order_only
          ? !add.empty() && remove.empty() &&
                std::ranges::all_of(add,
                                    [&](const std::string& rule) {
                                      return std::ranges::find(snapshot.group.tables, rule) !=
                                             snapshot.group.tables.end();
                                    })
          : same_rules(add, rules->added) && same_rules(remove, rules->removed);
  if (named) return;
  throw Error(ErrorKind::precondition, "TABLES_NOT_NAMED",
              order_only ? "the configuration changes the order of the rules of group " + group +
                               ": the last one that matches a table decides"
                         : "the configuration adds " + quoted(rules->added) + " and removes " +
                               quoted(rules->removed) + "; named were " + quoted(add) + " and " +
                               quoted(remove),
              command_for(snapshot, *rules));
}

Plan plan_tables_change(const Desired& desired, const GroupSnapshot& snapshot,
                        const TablesChange& change, const TablesOptions& options) {
  return TablesPlan(desired, snapshot, change, options).build();
}

}  // namespace bdrmesh::flows
