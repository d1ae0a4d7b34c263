#include "flows/ddl/ddl_plan.h"

#include <algorithm>

#include "flows/ddl/everywhere_ddl.h"
#include "flows/ddl/paused_ddl.h"
#include "flows/ddl/replicated_ddl.h"
#include "flows/require.h"

namespace bdrmesh::flows {
namespace {

using ddl::Strategy;

bool has(const std::vector<ddl::Statement>& script, Strategy wanted) {
  return std::ranges::any_of(script,
                             [&](const ddl::Statement& one) { return one.strategy == wanted; });
}

std::string kind_of(const std::vector<ddl::Statement>& script) {
  if (pauses(script)) return "ddl.paused";
  return has(script, Strategy::replicated) ? "ddl.replicated" : "ddl.everywhere";
}

/// What a run without a pause wants to be true before the first statement leaves.
void prepare_without_pause(DdlStages& stages) {
  stages.each("claim", "claim_token");
  stages.each("quiet DDL queues", "require_quiet_ddl_queue");
  stages.each_link("healthy links", "require_healthy_link",
                   {{"max_lag_ms", stages.options().max_lag.count()}});
  stages.plan().stage("roles and DDL jobs");
  for (const ClusterSnapshot& seen : stages.snapshot().clusters) {
    if (seen.role_supported && seen.role) {
      stages.plan().step(
          on_cluster("require_role", seen.name, {{"role", std::string(to_string(*seen.role))}}));
    }
    stages.plan().step(on_cluster("note_ddl_jobs", seen.name));
  }
  stages.plan().point_of_no_return("the first DDL job is synced");
}

/// The statements from `from` on that share its strategy.
Statements run_of(const Statements& all, std::size_t from) {
  const auto begin = all.begin() + static_cast<std::ptrdiff_t>(from);
  const auto end = std::find_if(begin, all.end(), [&](const NumberedStatement& one) {
    return one.statement.strategy != begin->statement.strategy;
  });
  return {begin, end};
}

}  // namespace

bool pauses(const std::vector<ddl::Statement>& script) { return has(script, Strategy::paused); }

Plan plan_ddl(const GroupSnapshot& snapshot, const std::vector<ddl::Statement>& script,
              const DdlOptions& options) {
  require_managed(snapshot);
  require_feeds(snapshot, snapshot.links);
  const std::vector<ddl::Statement> undo =
      fitting_undo(script, options, classifier_context(snapshot, options));
  Statements all;
  for (const ddl::Statement& one : script) {
    const std::size_t at = all.size();
    all.push_back({static_cast<int>(at) + 1, one, undo.empty() ? std::string() : undo[at].text});
  }
  DdlStages stages(kind_of(script), snapshot, all, options);
  if (!pauses(script)) prepare_without_pause(stages);
  for (std::size_t at = 0; at < all.size();) {
    const Statements part = run_of(all, at);
    at += part.size();
    switch (part.front().statement.strategy) {
      case Strategy::paused:
        add_paused(stages, part);
        break;
      case Strategy::replicated:
        add_replicated(stages, part);
        break;
      case Strategy::everywhere:
        add_everywhere(stages, part);
        break;
      case Strategy::refused:
        throw Error(ErrorKind::bug, "BAD_PLAN", "a refused statement came to planning");
    }
  }
  stages.tell_outcome();
  return stages.plan().build();
}

}  // namespace bdrmesh::flows
