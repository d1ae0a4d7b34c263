#include "flows/paused_ddl.h"

#include <algorithm>
#include <set>

#include "base/random_id.h"
#include "flows/step_args.h"
#include "model/table_filter.h"
#include "model/version.h"

namespace bdrmesh::flows {
namespace {

std::vector<TableName> tables_of(const std::vector<ddl::Statement>& script) {
  std::set<TableName> all;
  for (const ddl::Statement& statement : script)
    all.insert(statement.tables.begin(), statement.tables.end());
  return {all.begin(), all.end()};
}

void require_managed(const GroupSnapshot& snapshot) {
  for (const ClusterSnapshot& seen : snapshot.clusters) {
    if (seen.token_ours) continue;
    throw Error(ErrorKind::precondition, "NOT_MANAGED",
                "cluster " + seen.name.value() + " is not managed by this manager yet",
                "bdrmesh group apply " + snapshot.group.name.value());
  }
  for (const LinkSnapshot& link : snapshot.links) {
    if (link.feed) continue;
    throw Error(ErrorKind::precondition, "LINK_MISSING",
                "link " + to_string(link.link) + " has no changefeed",
                "bdrmesh group plan " + snapshot.group.name.value());
  }
}

/// Arguments of the rehearsal: empty copies under names of their own beside the token row, and the
/// statements rewritten to them. A script that cannot be rewritten is not rehearsed.
Json rehearsal_args(const std::vector<ddl::Statement>& script, const DdlOptions& options) {
  const std::string prefix = "rehearsal_" + random_id(8) + "_";
  std::map<TableName, TableName> copies;
  Json copy_list = Json::array();
  for (const TableName& table : tables_of(script)) {
    const TableName copy{kTokenSchema, prefix + std::to_string(copies.size())};
    copies[table] = copy;
    copy_list.push_back({{"schema", table.schema}, {"table", table.table}, {"copy", copy.table}});
  }
  Json statements = Json::array();
  for (const ddl::Statement& statement : script) {
    try {
      statements.push_back(ddl::retarget(statement, copies));
    } catch (const Error& e) {
      if (e.code() != "CANNOT_REHEARSE") throw;
      return {{"copies", Json::array()}, {"statements", Json::array()}, {"schema", options.schema}};
    }
  }
  return {{"copies", copy_list}, {"statements", statements}, {"schema", options.schema}};
}

class PausedDdlPlan {
 public:
  PausedDdlPlan(const GroupSnapshot& snapshot, const std::vector<ddl::Statement>& script,
                const DdlOptions& options)
      : snapshot_(snapshot),
        script_(script),
        options_(options),
        tables_(to_json(tables_of(script))),
        plan_("ddl.paused", "paused DDL on group " + snapshot.group.name.value()) {}

  Plan build() {
    describe();
    prepare();
    pause_and_prove();
    plan_.point_of_no_return("the first DDL job is synced");
    change_and_open();
    return plan_.build();
  }

 private:
  void each(const std::string& stage, const std::string& type, const Json& args = Json::object()) {
    plan_.stage(stage);
    for (const ClusterName& name : snapshot_.names()) plan_.step(on_cluster(type, name, args));
  }

  void each_link(const std::string& stage, const std::string& type, Json args = Json::object()) {
    plan_.stage(stage);
    args["group"] = snapshot_.group.name.value();
    for (const LinkSnapshot& link : snapshot_.links) {
      args["changefeed"] = link.changefeed.value();
      plan_.step(on_link(type, link.link, args));
    }
  }

  void describe() {
    Json statements = Json::array();
    for (const ddl::Statement& statement : script_) statements.push_back(statement.text);
    const std::string& group = snapshot_.group.name.value();
    plan_.subject({{"group", group},
                   {"statements", statements},
                   {"reason", "paused DDL: " + script_.front().text}});
    plan_.lock("group:" + group);
    for (const ClusterName& name : snapshot_.names()) plan_.lock("cluster:" + name.value());
  }

  void prepare() {
    each("claim", "claim_token");
    each("quiet DDL queues", "require_quiet_ddl_queue");
    each_link("healthy links", "require_healthy_link", {{"max_lag_ms", options_.max_lag.count()}});
    each("roles off", "set_role", {{"role", ""}});
    each("rehearse", "rehearse", rehearsal_args(script_, options_));
    each("note DDL jobs", "note_ddl_jobs");
    // The gates close only when the links are near: what they lag now is what the pause will wait
    // for.
    each_link("links near", "require_healthy_link",
              {{"max_lag_ms", std::min<std::int64_t>(options_.max_lag.count(), 3000)}});
  }

  void pause_and_prove() {
    plan_.pause_budget_from_next_stage(options_.max_pause);
    close_gates(plan_, snapshot_.names());
    each("drain transactions", "drain_transactions",
         {{"tables", tables_}, {"kill", options_.kill}, {"grace_ms", options_.grace.count()}});
    each("fence", "take_fence");
    each("mark", "write_marker");
    each_link("drain links", "drain_link");
    plan_.stage("look again");
    for (const ClusterName& name : snapshot_.names())
      plan_.step(on_cluster("look_again", name, sweep_args(name)));
    // In the same stage, so that it costs the pause nothing; if the sweep refuses, all is undone.
    for (const ClusterName& name : snapshot_.names())
      plan_.step(on_cluster("announce_line", name));
  }

  Json sweep_args(const ClusterName& name) const {
    Json links = Json::array();
    for (const LinkSnapshot& link : snapshot_.outgoing(name)) {
      links.push_back({{"to", link.link.to.value()}, {"changefeed", link.changefeed.value()}});
    }
    return {{"tables", tables_}, {"links", links}};
  }

  void change_and_open() {
    int number = 0;
    for (const ddl::Statement& statement : script_) {
      ++number;
      plan_.stage(script_.size() == 1 ? "change" : "change " + std::to_string(number));
      for (const ClusterName& name : snapshot_.names()) {
        PlannedStep apply = on_cluster("apply_ddl", name,
                                       {{"statement", statement.text},
                                        {"number", number},
                                        {"schema", options_.schema},
                                        {"tables", to_json(statement.tables)}});
        apply.lane = LaneKind::slow;
        plan_.step(std::move(apply));
      }
    }
    PlannedStep compare;
    compare.type = "compare_schemas";
    compare.args = {{"tables", tables_}, {"clusters", Json::array()}};
    for (const ClusterName& name : snapshot_.names())
      compare.args["clusters"].push_back(name.value());
    plan_.stage("compare").step(compare);
    open_gates(plan_, snapshot_.names());
    each("mark again", "write_marker", {{"fact", "marker_after"}});
    each_link("prove", "await_marker", {{"fact", "marker_after"}});
    restore_roles();
  }

  /// SECONDARY before PRIMARY: at no moment two clusters send DDL.
  void restore_roles() {
    for (const BdrRole role : {BdrRole::secondary, BdrRole::primary}) {
      std::vector<ClusterName> names;
      for (const ClusterSnapshot& seen : snapshot_.clusters) {
        if (seen.role == role) names.push_back(seen.name);
      }
      if (names.empty()) continue;
      plan_.stage("roles on: " + std::string(to_string(role)));
      for (const ClusterName& name : names) plan_.step(on_cluster("restore_role", name));
    }
  }

  const GroupSnapshot& snapshot_;
  const std::vector<ddl::Statement>& script_;
  const DdlOptions& options_;
  Json tables_;
  PlanBuilder plan_;
};

/// Judges with the definition that the table has now. `checked` are the tables of earlier
/// statements, whose definition will have changed by then: two statements that each drop one of two
/// keys would both look harmless.
ddl::Statement settled(const FlowPorts& ports, const GroupSnapshot& snapshot,
                       const ddl::Statement& statement, const ddl::Context& context,
                       std::set<TableName>& checked, const Call& call) {
  std::map<TableName, std::string> definitions;
  for (const TableName& table : ddl::tables_to_check(statement)) {
    if (!checked.insert(table).second) {
      throw Error(ErrorKind::precondition, "DDL_STATEMENT_REFUSED",
                  "an earlier statement of the script changes the keys or types of " +
                      to_string(table) + ", so this one cannot be judged: " + statement.text,
                  "run it as a script of its own, afterwards");
    }
    if (auto text = ports.world.tidb(snapshot.names().front()).create_statement(table, call))
      definitions[table] = *text;
  }
  return ddl::check_with_table(statement, definitions, context);
}

}  // namespace

ddl::Context classifier_context(const GroupSnapshot& snapshot, const DdlOptions& options) {
  ddl::Context context;
  context.default_schema = options.schema;
  std::size_t primaries = 0;
  std::size_t secondaries = 0;
  for (const ClusterSnapshot& one : snapshot.clusters) {
    const Version version = parse_version(one.release).value_or(Version{});
    if (&one == &snapshot.clusters.front() || version < context.tidb) context.tidb = version;
    primaries += one.role == BdrRole::primary ? 1 : 0;
    secondaries += one.role == BdrRole::secondary ? 1 : 0;
  }
  context.roles_set = primaries == 1 && secondaries + 1 == snapshot.clusters.size();
  context.tables = TableFilter(snapshot.group.tables);
  return context;
}

std::vector<ddl::Statement> classify_for_group(const FlowPorts& ports,
                                               const GroupSnapshot& snapshot,
                                               const std::string& script, const DdlOptions& options,
                                               const Call& call) {
  const ddl::Context context = classifier_context(snapshot, options);
  std::vector<ddl::Statement> statements = ddl::classify(script, context);
  std::set<TableName> checked;
  for (ddl::Statement& statement : statements) {
    if (statement.class_ == ddl::DdlClass::not_ddl) {
      throw Error(ErrorKind::invalid, "NOT_DDL", "this is no DDL statement: " + statement.text,
                  "bdrmesh ddl run takes statements that change a schema");
    }
    if (statement.needs_table_check)
      statement = settled(ports, snapshot, statement, context, checked, call);
    if (statement.strategy == ddl::Strategy::refused) {
      throw Error(ErrorKind::precondition, "DDL_STATEMENT_REFUSED",
                  statement.reason + ": " + statement.text,
                  "bdrmesh ddl classify shows how each statement is judged");
    }
  }
  return statements;
}

Plan plan_paused_ddl(const GroupSnapshot& snapshot, const std::vector<ddl::Statement>& script,
                     const DdlOptions& options) {
  require_managed(snapshot);
  return PausedDdlPlan(snapshot, script, options).build();
}

Millis expected_pause(const GroupSnapshot& snapshot, const std::vector<Tso>& origin_now) {
  static constexpr Millis kGatesAndSweep{400};
  Millis slowest{0};
  for (const LinkSnapshot& link : snapshot.links) {
    if (!link.feed) continue;
    const auto at =
        std::ranges::find(snapshot.group.members, link.link.from) - snapshot.group.members.begin();
    slowest = std::max(
        slowest, lag_between(link.feed->checkpoint, origin_now.at(static_cast<std::size_t>(at))));
  }
  return slowest + kGatesAndSweep;
}

}  // namespace bdrmesh::flows
