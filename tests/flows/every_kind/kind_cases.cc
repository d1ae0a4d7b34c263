#include "flows/every_kind/kind_cases.h"

#include <gmock/gmock.h>
#include <iterator>
#include <sstream>
#include <stdexcept>

#include "base/error.h"
#include "fakes/fake_ddl.h"
#include "flows/gate/maintenance.h"

namespace bdrmesh::flows {
namespace {

using fakes::ClusterState;
using fakes::FeedState;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* kEastToWest = "orders-east-to-west-1";
constexpr const char* kAddHint = "ALTER TABLE app.orders ADD COLUMN hint int";
constexpr const char* kAddIndex = "ALTER TABLE app.orders ADD INDEX by_note (note)";

using World = std::function<Json(FlowBench&)>;
using Done = std::function<void(const FlowBench&, const std::string&)>;

Json between_east_and_west() { return {{"from", "east"}, {"to", "west"}}; }

/// A group that runs; what is asked for.
World running(const Json& args, const std::string& primary = "east") {
  return [=](FlowBench& bench) {
    bench.bring_up(primary);
    return args;
  };
}

Json bare_group(FlowBench& bench) {
  bench.desired.groups.front().ddl_primary = ClusterName("east");
  return Json::object();
}

/// Another operation dies when `dies` first holds at a look at east's token, together with its
/// state.
void lose_an_operation(FlowBench& bench, const Plan& plan, const std::function<bool()>& dies) {
  std::unique_ptr<StateStore> kept = std::exchange(bench.store, StateStore::in_memory());
  fakes::Fault crash;
  crash.cluster = "east";
  crash.method = "tidb.token";
  crash.from_then_on = true;
  crash.before = [&] {
    if (dies()) throw SimulatedCrash{};
  };
  bench.world.arm(crash);
  EXPECT_TRUE(bench.run_dying(plan, {}));
  bench.world.disarm();
  bench.store = std::move(kept);
}

Json gates_left_closed(FlowBench& bench) {
  bench.bring_up();
  lose_an_operation(bench, bench.paused_ddl(),
                    [&] { return bench.inner.closed_gates().size() == 2; });
  return {{"cluster", "east"}};
}

Json in_maintenance(FlowBench& bench) {
  bench.bring_up();
  const Plan start = bench.plan("maintenance.start",
                                {{"cluster", "east"}, {"reason", "disks"}, {"for_ms", 3'600'000}});
  lose_an_operation(bench, start, [&] {
    return bench.inner.look("east", [](const ClusterState& east) {
      return east.token && maintenance_note(*east.token).has_value();
    });
  });
  return {{"cluster", "east"}};
}

/// A schema change took place on east and south, and west cannot follow.
Json half_changed(FlowBench& bench) {
  bench.bring_up();
  bench.inner.with("west", [](ClusterState& cluster) {
    cluster.within_job = [](const std::string& sql, const DdlSession& session) {
      if (fakes::schema_of(sql, session) == "app")
        throw Error(ErrorKind::invalid, "DDL_REFUSED", "1062: Duplicate entry");
    };
  });
  const fakes::EndOfRun blocked = bench.run(bench.paused_ddl());
  EXPECT_EQ(blocked.state(), OperationState::blocked) << blocked.journal;
  return {{"operation", blocked.operation}, {"failed", Json::array({"west"})}};
}

/// Row 1 of app.orders is not the same on east and west, and somebody drafted its repair.
Json rows_differ(FlowBench& bench) {
  bench.bring_up();
  for (const char* name : {"east", "west"}) {
    bench.inner.with(name, [&](ClusterState& cluster) {
      cluster.rows[{"app", "orders"}]["1"] = std::string("of ") + name;
    });
  }
  const Json row{{"table", "app.orders"}, {"key", {"1"}}, {"hashes", Json::object()}};
  return {{"right", "east"}, {"rows", Json::array({row})}};
}

Json repair_drafted(FlowBench& bench) {
  const fakes::EndOfRun end = bench.run(bench.plan("repair.plan", rows_differ(bench)));
  for (const FactRecord& fact : bench.store->facts(end.operation)) {
    if (fact.name == "repair") return {{"file", fact.value}};
  }
  ADD_FAILURE() << end.journal;
  return Json::object();
}

void row_is_as_on_east(const FlowBench& bench, const std::string& journal) {
  for (const char* name : {"east", "west"}) {
    const std::string text = bench.inner.look(name, [](const ClusterState& cluster) {
      return cluster.rows.at({"app", "orders"}).at("1");
    });
    EXPECT_EQ(text, "of east") << name << "\n" << journal;
  }
}

/// The feed from east to west as somebody left it.
World feed_was(const std::function<void(FlowBench&)>& left) {
  return [=](FlowBench& bench) {
    bench.bring_up();
    left(bench);
    return between_east_and_west();
  };
}

void stopped(FlowBench& bench) {
  bench.inner.with_feed("east", kEastToWest,
                        [](FeedState& feed) { feed.detail.state = "stopped"; });
}

void without_bdr_mode(FlowBench& bench) {
  bench.inner.with_feed("east", kEastToWest,
                        [](FeedState& feed) { feed.detail.config["bdr_mode"] = false; });
}

void not_in_the_book(FlowBench& bench) { bench.book.forget(); }

Done applied_once(const std::string& statement) {
  return [=](const FlowBench& bench, const std::string& journal) {
    for (const std::string& name : bench.inner.clusters())
      EXPECT_EQ(bench.inner.times_applied(name, statement), 1) << name << "\n" << journal;
  };
}

void links_are_proven(const FlowBench& bench, const std::string& journal) {
  for (const LinkIncarnation& one : bench.book.incarnations(bench.desired.groups.front().name)) {
    if (one.removed) continue;
    EXPECT_TRUE(one.proven_at.has_value()) << one.changefeed.value() << "\n" << journal;
  }
}

void east_to_west_is_proven(const FlowBench& bench, const std::string& journal) {
  for (const LinkIncarnation& one : bench.book.incarnations(bench.desired.groups.front().name)) {
    if (one.removed || one.link.from != ClusterName("east")) continue;
    EXPECT_TRUE(one.proven_at.has_value()) << one.changefeed.value() << "\n" << journal;
  }
}

void east_is_open(const FlowBench& bench, const std::string& journal) {
  EXPECT_THAT(bench.inner.closed_gates(), Not(Contains("east"))) << journal;
}

void all_are_open(const FlowBench& bench, const std::string& journal) {
  EXPECT_THAT(bench.inner.closed_gates(), IsEmpty()) << journal;
}

void only_west_is_closed(const FlowBench& bench, const std::string& journal) {
  EXPECT_THAT(bench.inner.closed_gates(), ElementsAre("west")) << journal;
}

}  // namespace

static std::vector<KindCase> own_kind_cases() {
  static const Json kForAMinute{{"cluster", "east"}, {"reason", "disks"}, {"for_ms", 60000}};
  return {
      {"group.apply", "group.apply", bare_group, links_are_proven},
      {"ddl.run", "ddl.run paused", running({{"script", kDropNote}, {"strategy", "paused"}}),
       applied_once(kDropNote)},
      {"ddl.run", "ddl.run replicated", running({{"script", kAddHint}}), applied_once(kAddHint)},
      {"ddl.run", "ddl.run everywhere", running({{"script", kAddIndex}}, ""),
       applied_once(kAddIndex)},
      {"ddl.open_healthy",
       "ddl.open_healthy",
       half_changed,
       only_west_is_closed,
       {"east", "west", "south"}},
      {"verify.links", "verify.links", running(Json::object()), all_are_open},
      {"verify.rows", "verify.rows", running(Json::object()), all_are_open},
      {"verify.rows", "verify.rows snapshot", running({{"mode", "snapshot"}}), all_are_open},
      {"repair.plan", "repair.plan", rows_differ, all_are_open},
      {"repair.apply", "repair.apply", repair_drafted, row_is_as_on_east},
      {"verify.schema", "verify.schema", running(Json::object()), all_are_open},
      {"link.adopt", "link.adopt", feed_was(not_in_the_book), all_are_open},
      {"link.pause", "link.pause", running(between_east_and_west()), all_are_open},
      {"link.repair", "link.repair", feed_was(without_bdr_mode), east_to_west_is_proven},
      {"link.resume", "link.resume", feed_was(stopped), all_are_open, {"east", "west"}, true},
      {"gate.open", "gate.open", gates_left_closed, east_is_open, {"east", "west"}, true},
      {"gate.close", "gate.close", running(kForAMinute), all_are_open},
      {"maintenance.start", "maintenance.start", running(kForAMinute), all_are_open},
      {"maintenance.end", "maintenance.end", in_maintenance, all_are_open},
  };
}

const std::vector<KindCase>& kind_cases() {
  static const std::vector<KindCase> kCases = [] {
    std::vector<KindCase> all = own_kind_cases();
    for (std::vector<KindCase> (*more)() : {backup_kind_cases, ddl_kind_cases, dr_kind_cases,
                                            stop_kind_cases, members_kind_cases, mesh_kind_cases}) {
      const std::vector<KindCase> cases = more();
      all.insert(all.end(), cases.begin(), cases.end());
    }
    return all;
  }();
  return kCases;
}

const KindCase& kind_case(const std::string& name) {
  for (const KindCase& one : kind_cases()) {
    if (one.name == name) return one;
  }
  throw std::out_of_range(name);
}

std::vector<std::string> kinds_of_the_registry() {
  FlowBench bench;
  try {
    bench.plan("no such kind");
  } catch (const Error& e) {
    std::string words = e.remedy().substr(e.remedy().find(':') + 1);
    std::ranges::replace(words, ',', ' ');
    std::istringstream text(words);
    return {std::istream_iterator<std::string>(text), {}};
  }
  return {};
}

}  // namespace bdrmesh::flows
