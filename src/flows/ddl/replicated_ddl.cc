#include "flows/ddl/replicated_ddl.h"

#include <algorithm>
#include <set>

namespace bdrmesh::flows {
namespace {

ClusterName primary_of(const GroupSnapshot& snapshot) {
  const auto found = std::ranges::find(snapshot.clusters, BdrRole::primary,
                                       [](const ClusterSnapshot& seen) { return seen.role; });
  if (found != snapshot.clusters.end()) return found->name;
  throw Error(ErrorKind::precondition, "NO_PRIMARY",
              "no member of " + snapshot.group.name.value() + " is PRIMARY",
              "bdrmesh group plan " + snapshot.group.name.value());
}

/// What must have arrived on every other member.
Json arrival_of(const Statements& batch, const ClusterName& primary) {
  std::set<std::string> schemas;
  for (const NumberedStatement& one : batch)
    schemas.insert(one.statement.schemas.begin(), one.statement.schemas.end());
  return {{"primary", primary.value()},
          {"number", batch.back().number},
          {"tables", to_json(tables_of(batch))},
          {"schemas", schemas}};
}

void follow(DdlStages& stages, const Statements& batch, const ClusterName& primary) {
  const NumberedStatement& last = batch.back();
  const std::string fact = "marker_ddl_" + std::to_string(last.number);
  stages.plan().stage(stages.label("mark", last));
  stages.plan().step(on_cluster("write_marker", primary, {{"fact", fact}}));
  stages.each_link(stages.label("follow", last), "await_marker", {{"fact", fact}}, primary);
  stages.plan().stage(stages.label("arrive", last));
  for (const ClusterName& name : stages.snapshot().names()) {
    if (name == primary) continue;
    stages.plan().step(on_cluster("follow_ddl", name, arrival_of(batch, primary)));
  }
}

}  // namespace

void add_replicated(DdlStages& stages, const Statements& part) {
  const ClusterName primary = primary_of(stages.snapshot());
  Statements batch;
  for (const NumberedStatement& one : part) {
    stages.plan().stage(stages.label("change on the PRIMARY", one));
    stages.plan().step(stages.apply(one, primary));
    batch.push_back(one);
    if (!one.statement.reorganises && &one != &part.back()) continue;
    follow(stages, batch, primary);
    batch.clear();
  }
}

}  // namespace bdrmesh::flows
