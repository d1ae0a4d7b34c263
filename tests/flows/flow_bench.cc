#include "flows/flow_bench.h"

#include <algorithm>
#include <gmock/gmock.h>

#include "fakes/fake_ddl.h"
#include "flows/kind_args.h"

namespace bdrmesh::flows {

using fakes::ClusterState;
using fakes::EndOfRun;
using fakes::FeedState;
using ::testing::IsEmpty;

FlowBench::Process::Process(FlowBench& bench, std::uint64_t epoch)
    : tokens(bench.world, {"manager-1", epoch}),
      gate(bench.world, tokens, bench.clock),
      feeds(bench.world, bench.clock),
      ports{bench.desired, bench.world, bench.clock,        tokens, gate, feeds,
            bench.book,    bench.hooks, &bench.certificates},
      registry((ports.redo = bench.redo, make_step_registry(ports))) {}

FlowBench::FlowBench(const std::vector<std::string>& names)
    : inner(clock.elsewhere(), names),
      world(inner, clock.elsewhere(), names),
      desired(inner.desired()) {}

void FlowBench::bring_up(const std::string& primary) {
  inner.build_mesh();
  Process process(*this, ++epoch_);
  for (const ClusterSpec& cluster : desired.clusters) process.tokens.claim(cluster.name, {});
  const GroupSpec& group = desired.groups.front();
  for (const Link& link : group.links()) {
    const ChangefeedId feed = changefeed_id(group.name, link, 1);
    const Tso start = inner.ticdc(link.from).list({}).front().checkpoint;
    book.put({group.name, link, 1, feed, start, start, std::nullopt, false});
  }
  if (!primary.empty()) {
    inner.set_roles(primary);
    desired.groups.front().ddl_primary = ClusterName(primary);
  }
  inner.clear_diary();
}

Plan FlowBench::plan(const std::string& kind, const Json& args) {
  Process process(*this, epoch_);
  Json all = args;
  const auto* known = args_of(kind);
  const bool takes_group =
      known == nullptr || std::ranges::find(*known, "group", &KindArg::name) != known->end();
  if (takes_group && !all.contains("group")) all["group"] = desired.groups.front().name.value();
  return plan_operation(process.ports, kind, all, {}).plan;
}

Plan FlowBench::paused_ddl(const std::string& script, Millis max_pause) {
  return plan("ddl.run",
              {{"script", script}, {"max_pause_ms", max_pause.count()}, {"strategy", "paused"}});
}

EndOfRun FlowBench::run(const Plan& plan, fakes::DieAt death) {
  Process process(*this, ++epoch_);
  return fakes::run_to_end(plan, process.registry, *store, clock, death, options);
}

bool FlowBench::run_dying(const Plan& plan, fakes::DieAt death) {
  try {
    run(plan, death);
    return false;
  } catch (const SimulatedCrash&) {
    return true;
  }
}

EndOfRun FlowBench::resume(const std::string& operation) {
  return steer(operation, [&](Runner& runner) { runner.resume(operation); });
}

EndOfRun FlowBench::skip(const std::string& operation, const std::string& step,
                         const std::string& reason) {
  return steer(operation, [&](Runner& runner) { runner.skip(operation, step, reason, "test"); });
}

EndOfRun FlowBench::steer(const std::string& operation, const std::function<void(Runner&)>& act) {
  Process process(*this, ++epoch_);
  EndOfRun end;
  end.operation = operation;
  {
    fakes::SelfTurningRunner runner(*store, process.registry, clock, options);
    runner->start();
    act(*runner);
    EXPECT_TRUE(runner->wait(operation, fakes::kRealLimit)) << fakes::journal_of(*store, operation);
  }
  end.record = store->operation(operation);
  end.journal = fakes::journal_of(*store, operation);
  return end;
}

Json FlowBench::standing() const {
  Json all = Json::object();
  for (const std::string& name : inner.clusters()) {
    all[name] = inner.look(name, [](const ClusterState& cluster) {
      Json one{{"role", cluster.role},
               {"source_id", cluster.source_id},
               {"read_only", cluster.read_only},
               {"tables", Json::object()}};
      for (const auto& [table, state] : cluster.tables)
        one["tables"][to_string(table)] = fakes::render_create(table, state);
      for (const auto& [id, feed] : cluster.feeds) one["feeds"][id] = feed.detail.state;
      one["gates"] = cluster.token ? cluster.token->gates : Json::array();
      one["schemas"] = cluster.schemas;
      one["schemas"].erase(std::remove_if(one["schemas"].begin(), one["schemas"].end(),
                                          [](const Json& schema) {
                                            // Made once and kept: a cluster stays managed.
                                            return schema == "bdrmesh" || schema == "bdrmesh_local";
                                          }),
                           one["schemas"].end());
      one["tables"].erase("bdrmesh.marker");
      return one;
    });
  }
  return all;
}

void expect_no_hazard(const FlowBench& bench, const std::string& journal) {
  EXPECT_THAT(bench.inner.hazards(), IsEmpty()) << journal << bench.inner.diary_text();
}

void expect_reverted(const FlowBench& bench, const EndOfRun& end, const Json& before) {
  EXPECT_EQ(end.state(), OperationState::reverted) << end.journal << bench.inner.diary_text();
  EXPECT_TRUE(bench.inner.all_gates_open()) << end.journal << bench.inner.diary_text();
  EXPECT_THAT(bench.inner.announced_gates(), IsEmpty()) << end.journal;
  EXPECT_EQ(bench.standing(), before) << "differs: " << Json::diff(before, bench.standing()) << "\n"
                                      << end.journal << bench.inner.diary_text();
  EXPECT_TRUE(bench.store->locks().empty());
}

void expect_column_dropped(const FlowBench& bench, const EndOfRun& end,
                           const std::string& primary) {
  ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal << bench.inner.diary_text();
  for (const std::string& name : bench.inner.clusters()) {
    EXPECT_EQ(bench.inner.times_applied(name, kDropNote), 1)
        << name << "\n"
        << end.journal << bench.inner.diary_text();
    const std::string role = primary.empty() ? "" : name == primary ? "primary" : "secondary";
    EXPECT_EQ(bench.inner.role(name), role) << name << "\n" << end.journal;
  }
  EXPECT_TRUE(bench.inner.all_gates_open()) << end.journal << bench.inner.diary_text();
  EXPECT_THAT(bench.inner.announced_gates(), IsEmpty()) << end.journal;
  expect_no_hazard(bench, end.journal);
}

}  // namespace bdrmesh::flows
