#include "flows/ddl/ddl_stages.h"

#include <set>

#include "flows/ddl/dead_member.h"

namespace bdrmesh::flows {
namespace {

/// `ddl.paused` runs a `paused DDL`.
std::string title_of(const std::string& kind) { return kind.substr(kind.find('.') + 1) + " DDL"; }

}  // namespace

std::vector<TableName> tables_of(const Statements& script) {
  std::set<TableName> all;
  for (const NumberedStatement& one : script)
    all.insert(one.statement.tables.begin(), one.statement.tables.end());
  return {all.begin(), all.end()};
}

DdlStages::DdlStages(const std::string& kind, const GroupSnapshot& snapshot,
                     const Statements& script, const DdlOptions& options)
    : snapshot_(snapshot),
      options_(options),
      statements_(script.size()),
      plan_(kind, title_of(kind) + " on group " + snapshot.group.name.value()) {
  Json texts = Json::array();
  Json strategies = Json::array();
  for (const NumberedStatement& one : script) {
    texts.push_back(one.statement.text);
    strategies.push_back(to_string(one.statement.strategy));
  }
  const std::string& group = snapshot.group.name.value();
  Json subject{{"group", group},
               {"statements", texts},
               {"strategies", strategies},
               {"reason", title_of(kind) + ": " + script.front().statement.text}};
  if (!options.undo.empty()) subject["undo"] = options.undo;
  if (options.dead) {
    subject["without_member"] = options.dead->name.value();
    subject["consequences"] = consequences(*options.dead);
  }
  plan_.subject(std::move(subject));
  plan_.lock("group:" + group);
  for (const ClusterName& name : snapshot.names()) plan_.lock("cluster:" + name.value());
  if (options.dead) plan_.lock("cluster:" + options.dead->name.value());
}

void DdlStages::each(const std::string& stage, const std::string& type, const Json& args) {
  plan_.stage(stage);
  for (const ClusterName& name : snapshot_.names()) plan_.step(on_cluster(type, name, args));
}

void DdlStages::each_link(const std::string& stage, const std::string& type, Json args,
                          const std::optional<ClusterName>& from) {
  plan_.stage(stage);
  args["group"] = snapshot_.group.name.value();
  for (const LinkSnapshot& link : snapshot_.links) {
    if (from && link.link.from != *from) continue;
    args["changefeed"] = link.changefeed.value();
    plan_.step(on_link(type, link.link, args));
  }
}

PlannedStep DdlStages::apply(const NumberedStatement& one, const ClusterName& cluster) const {
  PlannedStep step = on_cluster("apply_ddl", cluster,
                                {{"statement", one.statement.text},
                                 {"number", one.number},
                                 {"schema", options_.schema},
                                 {"tables", to_json(one.statement.tables)}});
  step.lane = LaneKind::slow;
  return step;
}

std::string DdlStages::label(const std::string& what, const NumberedStatement& one) const {
  return statements_ == 1 ? what : what + " " + std::to_string(one.number);
}

Json DdlStages::names() const {
  Json all = Json::array();
  for (const ClusterName& name : snapshot_.names()) all.push_back(name.value());
  return all;
}

void DdlStages::change(const Statements& part) {
  const bool has_way_back = !options_.undo.empty();
  for (const NumberedStatement& one : part) {
    plan_.stage(label("change", one));
    for (const ClusterName& name : snapshot_.names()) {
      PlannedStep step = apply(one, name);
      if (has_way_back) {
        step.args["clusters"] = names();
        step.skip_means = "the change does not take place on " + name.value() +
                          "; what took place is taken back on every cluster: " + options_.undo;
      }
      plan_.step(std::move(step));
    }
  }
  if (!has_way_back) return;
  for (auto one = part.rbegin(); one != part.rend(); ++one) take_back(*one);
}

void DdlStages::take_back(const NumberedStatement& one) {
  plan_.stage(label("take back where it is wanted", one));
  for (const ClusterName& name : snapshot_.names()) {
    PlannedStep back = apply(one, name);
    back.type = "take_back_ddl";
    back.args["statement"] = one.undo;
    back.args["clusters"] = names();
    back.args["statements"] = statements_;
    plan_.step(std::move(back));
  }
}

void DdlStages::tell_outcome() {
  if (options_.undo.empty() && !options_.dead) return;
  PlannedStep outcome;
  outcome.type = "tell_ddl_outcome";
  if (!options_.undo.empty()) outcome.args = {{"clusters", names()}, {"statements", statements_}};
  if (options_.dead) {
    outcome.args["left_behind"] = {{"without_member", options_.dead->name.value()},
                                   {"consequences", consequences(*options_.dead)},
                                   {"next", way_on(*options_.dead, snapshot_.group.name)}};
  }
  plan_.stage("outcome").step(outcome);
}

void DdlStages::compare(const std::string& stage, const Statements& part) {
  const std::vector<TableName> tables = tables_of(part);
  if (tables.empty()) return;
  PlannedStep compare;
  compare.type = "compare_schemas";
  compare.args = {{"tables", to_json(tables)}, {"clusters", names()}};
  plan_.stage(stage).step(compare);
}

void DdlStages::prove(const std::string& suffix) {
  const std::string fact = "marker_after" + suffix;
  each("mark again" + suffix, "write_marker", {{"fact", fact}});
  each_link("prove" + suffix, "await_marker", {{"fact", fact}});
}

}  // namespace bdrmesh::flows
