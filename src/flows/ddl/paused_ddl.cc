#include "flows/ddl/paused_ddl.h"

#include <algorithm>

#include "base/random_id.h"
#include "ddl/rewrite.h"
#include "flows/ddl/ddl_plan.h"
#include "flows/ddl/dead_member.h"
#include "flows/ddl/row_search_step.h"
#include "flows/own_tables.h"

namespace bdrmesh::flows {
namespace {

/// Arguments of the rehearsal: empty copies under names of their own beside the token row, and the
/// statements rewritten to them. A script that cannot be rewritten is not rehearsed.
Json rehearsal_args(const Statements& part, const DdlOptions& options) {
  const std::string prefix = kRehearsalPrefix + random_id(8) + "_";
  std::map<TableName, TableName> copies;
  Json copy_list = Json::array();
  for (const TableName& table : tables_of(part)) {
    const TableName copy{kTokenSchema, prefix + std::to_string(copies.size())};
    copies[table] = copy;
    copy_list.push_back({{"schema", table.schema}, {"table", table.table}, {"copy", copy.table}});
  }
  Json statements = Json::array();
  for (const NumberedStatement& one : part) {
    try {
      statements.push_back(ddl::retarget(one.statement, copies));
    } catch (const Error& e) {
      if (e.code() != "CANNOT_REHEARSE") throw;
      return {{"copies", Json::array()}, {"statements", Json::array()}, {"schema", options.schema}};
    }
  }
  return {{"copies", copy_list}, {"statements", statements}, {"schema", options.schema}};
}

/// Rows that a statement would break on are looked for while nothing is changed yet.
void search_rows(DdlStages& stages, const Statements& part) {
  std::vector<ddl::RowNeeds> wanted;
  for (const NumberedStatement& one : part) wanted.push_back(one.statement.row_needs);
  const Json args = row_search_args(wanted);
  if (args["needs"].empty() && args["unsearched"].empty()) return;
  stages.each("search rows", "search_rows", args);
}

void prepare(DdlStages& stages, const Statements& part) {
  const DdlOptions& options = stages.options();
  if (options.dead) require_dead(stages, *options.dead);
  stages.each("claim", "claim_token");
  stages.each("quiet DDL queues", "require_quiet_ddl_queue");
  stages.each_link("healthy links", "require_healthy_link",
                   {{"max_lag_ms", options.max_lag.count()}});
  search_rows(stages, part);
  if (options.dead) fence_dead(stages, *options.dead);
  stages.each("roles off", "set_role", {{"role", ""}});
  stages.each("rehearse", "rehearse", rehearsal_args(part, options));
  stages.each("note DDL jobs", "note_ddl_jobs");
  // The gates close only when the links are near: what they lag now is what the pause will wait
  // for.
  stages.each_link("links near", "require_healthy_link",
                   {{"max_lag_ms", std::min<std::int64_t>(options.max_lag.count(), 3000)}});
}

Json sweep_args(const DdlStages& stages, const ClusterName& name, const Json& tables) {
  Json links = Json::array();
  for (const LinkSnapshot& link : stages.snapshot().outgoing(name)) {
    links.push_back({{"to", link.link.to.value()}, {"changefeed", link.changefeed.value()}});
  }
  return {{"tables", tables}, {"links", links}};
}

void pause_and_prove(DdlStages& stages, const Json& tables) {
  const DdlOptions& options = stages.options();
  const std::vector<ClusterName> names = stages.snapshot().names();
  PlanBuilder& plan = stages.plan();
  plan.pause_budget_from_next_stage(options.max_pause);
  close_gates(plan, names);
  stages.each("drain transactions", "drain_transactions",
              {{"tables", tables}, {"kill", options.kill}, {"grace_ms", options.grace.count()}});
  // Neither needs the other, and the drain waits for the later of both.
  stages.each("fence and mark", "take_fence");
  for (const ClusterName& name : names) plan.step(on_cluster("write_marker", name));
  stages.each_link("drain links", "drain_link");
  plan.stage("look again");
  for (const ClusterName& name : names)
    plan.step(on_cluster("look_again", name, sweep_args(stages, name, tables)));
  // In the same stage, so that it costs the pause nothing; if the sweep refuses, all is undone.
  for (const ClusterName& name : names) plan.step(on_cluster("announce_line", name));
  if (options.dead) look_again_at_fences(stages, *options.dead);
}

/// SECONDARY before PRIMARY: at no moment two clusters send DDL. On every cluster, since only the
/// run itself sees which role each had when it was taken off.
void restore_roles(DdlStages& stages) {
  const bool any = stages.snapshot().group.ddl_primary.has_value() ||
                   std::ranges::any_of(stages.snapshot().clusters, [](const ClusterSnapshot& seen) {
                     return seen.role != BdrRole::none;
                   });
  if (!any) return;
  for (const BdrRole role : {BdrRole::secondary, BdrRole::primary}) {
    const std::string word(to_string(role));
    stages.each("roles on: " + word, "restore_role", {{"only", word}});
  }
}

}  // namespace

void add_paused(DdlStages& stages, const Statements& part) {
  prepare(stages, part);
  pause_and_prove(stages, to_json(tables_of(part)));
  stages.plan().point_of_no_return("the first DDL job is synced");
  stages.change(part);
  stages.compare("compare", part);
  open_gates(stages.plan(), stages.snapshot().names(), stages.options().kill);
  stages.each_link("feeds on", "carry_on_link");
  stages.prove("");
  restore_roles(stages);
}

Plan plan_paused_ddl(const GroupSnapshot& snapshot, const std::vector<ddl::Statement>& script,
                     const DdlOptions& options) {
  std::vector<ddl::Statement> paused = script;
  for (ddl::Statement& statement : paused) statement.strategy = ddl::Strategy::paused;
  return plan_ddl(snapshot, paused, options);
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
