#include "flows/every_kind/trial.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <map>

#include "base/random_id.h"

namespace bdrmesh::flows {

using fakes::EndOfRun;
using ::testing::IsEmpty;

namespace {

constexpr int kResumes = 4;

/// Every property of every cluster is as before or as after a clean run.
bool stands_between(const Json& now, const Json& before, const Json& after) {
  for (const auto& [cluster, one] : now.items()) {
    for (const auto& [what, value] : one.items()) {
      if (value != before.at(cluster).at(what) && value != after.at(cluster).at(what)) return false;
    }
  }
  return true;
}

std::string told(const FlowBench& bench, const EndOfRun& end) {
  return end.journal + bench.inner.diary_text();
}

}  // namespace

Life::Life(FlowBench& bench, std::uint64_t epoch) : Life(bench, *bench.store, epoch) {}

Life::Life(FlowBench& bench, StateStore& store, std::uint64_t epoch)
    : bench_(bench),
      store_(store),
      moments_(bench.clock),
      tokens_(bench.world, {"manager-1", epoch == 0 ? bench.next_epoch() : epoch, random_id(8)}),
      world_(bench.world, tokens_, moments_),
      gate_(world_, tokens_, moments_),
      feeds_(world_, moments_),
      ports_{bench.desired, world_,      moments_,           tokens_, gate_, feeds_,
             bench.book,    bench.hooks, &bench.certificates},
      registry_((ports_.redo = bench.redo, make_step_registry(ports_))),
      runner_(store, registry_, bench.clock, bench.options) {
  tokens_.on_superseded([this](const Superseded& found) { runner_->halt(found.text); });
}

void Life::turn_clock() {
  bench_.clock.run_by_itself([runner = &*runner_] { return runner->calls_in_progress(); });
}

EndOfRun Life::wait(const std::string& operation) {
  const bool ended = runner_->wait(operation, fakes::kRealLimit);
  if (runner_->crashed()) throw SimulatedCrash{};
  EndOfRun end = end_of(operation);
  if (!ended) ADD_FAILURE() << "does not end\n" << told(bench_, end);
  return end;
}

EndOfRun Life::end_of(const std::string& operation) const {
  EndOfRun end;
  end.operation = operation;
  end.record = store_.operation(operation);
  end.journal = fakes::journal_of(store_, operation);
  return end;
}

Trial::Trial(const KindCase& which, std::unique_ptr<StateStore> store)
    : kind(which), bench(which.clusters) {
  if (store) bench.store = std::move(store);
  const Json args = kind.world(bench);
  plan = bench.plan(kind.kind, args);
  bench.inner.clear_diary();
  before = standing();
  calls_before = bench.world.calls().size();
  locks_before = bench.store->locks().size();
  earlier_ = operation();
}

EndOfRun Trial::run(const StateStore::WriteHook& on_write, const std::function<void(Life&)>& alive,
                    const std::function<void()>& ended) {
  struct HookGone {
    StateStore& store;
    ~HookGone() { store.set_write_hook({}); }
  };
  bench.store->set_write_hook(on_write);
  const HookGone guard{*bench.store};
  Life life(bench);
  life.runner().start();
  if (alive) alive(life);
  SubmitRequest request;
  request.plan = plan;
  request.idempotency_key = "the one operation of this trial";
  request.requested_by = "test";
  const std::string id = life.runner().submit(request);
  EndOfRun end = life.wait(id);
  if (!ended) return end;
  ended();
  return life.wait(id);
}

void Trial::finish(EndOfRun end) {
  bench.world.disarm();
  for (int i = 0; i < kResumes && end.state() == OperationState::blocked; ++i) {
    expect_blocked_well(end);
    Life person(bench);
    person.runner().start();
    person.runner().resume(end.operation);
    end = person.wait(end.operation);
  }
  judge(end);
}

void Trial::restart_and_finish() {
  bench.world.disarm();
  finish(run());
}

void Trial::expect_blocked_well(const EndOfRun& end) const {
  EXPECT_FALSE(end.record.error_code.empty()) << told(bench, end);
  EXPECT_FALSE(end.record.error_text.empty()) << told(bench, end);
  EXPECT_THAT(forgotten_gates(), IsEmpty()) << told(bench, end);
}

void Trial::judge(const EndOfRun& end) const {
  EXPECT_TRUE(is_final(end.state())) << told(bench, end);
  EXPECT_EQ(bench.store->locks().size(), locks_before) << told(bench, end);
  EXPECT_THAT(bench.inner.hazards(), IsEmpty()) << told(bench, end);
  EXPECT_THAT(forgotten_gates(), IsEmpty()) << told(bench, end);
  const bool succeeded = end.state() == OperationState::succeeded;
  const bool stands =
      !succeeded && kind.one_way && stands_between(standing(), before, clean_run(kind).standing);
  const Json wanted = stands ? standing() : succeeded ? clean_run(kind).standing : before;
  EXPECT_EQ(standing(), wanted) << "differs: " << Json::diff(wanted, standing()) << "\n"
                                << told(bench, end);
  if (succeeded) {
    kind.done(bench, told(bench, end));
    return;
  }
  EXPECT_FALSE(end.record.line_crossed) << told(bench, end);
  EXPECT_FALSE(end.record.error_code.empty()) << told(bench, end);
}

Json Trial::standing() const {
  Json all = bench.standing();
  for (auto& [name, one] : all.items()) {
    for (Json& gate : one["gates"]) gate = Json{{"reason", gate.value("reason", "")}};
  }
  return all;
}

std::vector<std::string> Trial::forgotten_gates() const {
  std::vector<std::string> forgotten;
  for (const std::string& name : bench.inner.clusters()) {
    const bool silent = bench.inner.look(name, [](const fakes::ClusterState& cluster) {
      const bool noted = cluster.token && !cluster.token->gates.empty();
      return cluster.read_only && !noted;
    });
    if (silent) forgotten.push_back(name);
  }
  return forgotten;
}

std::string Trial::operation() const {
  const auto newest = bench.store->operations(1);
  return newest.empty() || newest.front().id == earlier_ ? "" : newest.front().id;
}

const CleanRun& clean_run(const KindCase& kind) {
  static std::map<std::string, CleanRun> known;
  const auto found = known.find(kind.name);
  if (found != known.end()) return found->second;
  Trial trial(kind);
  CleanRun clean;
  const EndOfRun end = trial.run([&](bool, std::int64_t n) { clean.writes = n; });
  EXPECT_EQ(end.state(), OperationState::succeeded) << told(trial.bench, end);
  clean.standing = trial.standing();
  const std::vector<fakes::PortCall> calls = trial.bench.world.calls();
  clean.calls.assign(calls.begin() + static_cast<std::ptrdiff_t>(trial.calls_before), calls.end());
  return known[kind.name] = clean;
}

std::string describe(const CallSite& site) {
  return site.method + " of " + site.cluster + ", call " + std::to_string(site.nth);
}

std::vector<CallSite> call_sites(const KindCase& kind) {
  std::map<std::pair<std::string, std::string>, int> seen;
  std::vector<CallSite> sites;
  for (const fakes::PortCall& call : clean_run(kind).calls) {
    const int nth = ++seen[{call.cluster, call.method}];
    sites.push_back({call.cluster, call.method, call.changes, nth});
  }
  return sites;
}

}  // namespace bdrmesh::flows
