// The daemon's answers over clusters in memory: stored plans, idempotency, what it says of itself.
#include "app/daemon/backend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/daemon_bench.h"
#include "api/refusal.h"
#include "fakes/fake_clock.h"

namespace bdrmesh {
namespace {

using fakes::ClusterState;
using fakes::FeedState;
using testing::HasSubstr;
using testing::IsEmpty;
using testing_api::DaemonBench;

const Json kDropNote{{"group", "orders"},
                     {"script", "ALTER TABLE app.orders DROP COLUMN old_note"}};

SubmitOperation request(const std::string& kind, const Json& args, const std::string& key = {}) {
  SubmitOperation wanted;
  wanted.kind = kind;
  wanted.args = args;
  wanted.idempotency_key = key;
  return wanted;
}

SubmitOperation plan_run(const std::string& plan, const std::string& key = {}) {
  SubmitOperation wanted;
  wanted.plan = plan;
  wanted.idempotency_key = key;
  return wanted;
}

class BackendTest : public testing::Test {
 protected:
  std::string dry_run(const std::string& kind = "ddl.run", const Json& args = kDropNote) {
    SubmitOperation wanted = request(kind, args);
    wanted.dry_run = true;
    return bench_.backend.submit(wanted).at("plan_id");
  }
  std::string started(const SubmitOperation& wanted) {
    return bench_.backend.submit(wanted).at("operation");
  }
  Refusal refused(const SubmitOperation& wanted) {
    try {
      bench_.backend.submit(wanted);
    } catch (const Refusal& refusal) {
      return refusal;
    } catch (const Error& error) {
      return {error.kind(), error.code(), error.message(), error.remedy(), Json::object()};
    }
    ADD_FAILURE() << "not refused";
    return {ErrorKind::bug, "NONE", "", "", Json::object()};
  }

  fakes::FakeClock clock_;
  DaemonBench bench_{clock_};
};

TEST_F(BackendTest, ADryRunChangesNothingAndKeepsItsPlan) {
  bench_.inner.clear_diary();
  const std::string id = dry_run();
  EXPECT_THAT(bench_.inner.diary(), IsEmpty()) << bench_.inner.diary_text();
  EXPECT_THAT(bench_.store->operations(10), IsEmpty());
  const Json kept = bench_.backend.plan(id);
  EXPECT_EQ(kept.at("plan_id"), id);
  EXPECT_EQ(kept.at("seen").at("east.role"), "primary");
  EXPECT_EQ(kept.at("seen").at("west.role"), "secondary");
  EXPECT_EQ(kept.at("operation"), nullptr);
}

TEST_F(BackendTest, ExactlyTheStoredPlanRuns) {
  const std::string plan = dry_run();
  const Json stored = bench_.store->document("plan", plan)->body.at("plan");
  const std::string id = started(plan_run(plan));
  EXPECT_EQ(bench_.store->operation(id).plan, stored);
  EXPECT_EQ(bench_.backend.plan(plan).at("operation"), id);
}

struct Move {
  const char* what;
  std::function<void(DaemonBench&)> happens;
};

class WorldChanged : public BackendTest, public testing::WithParamInterface<Move> {};

TEST_P(WorldChanged, RefusesTheStoredPlanAndShowsBoth) {
  const std::string plan = dry_run();
  const Json seen = bench_.backend.plan(plan).at("seen");
  GetParam().happens(bench_);
  clock_.advance(Millis{2000});
  const Refusal refusal = refused(plan_run(plan));
  ASSERT_EQ(refusal.code(), "WORLD_CHANGED") << refusal.message();
  EXPECT_EQ(refusal.kind(), ErrorKind::conflict);
  EXPECT_THAT(refusal.message(), HasSubstr(GetParam().what));
  bool shown = false;
  for (const Json& one : refusal.evidence().at("changed")) {
    if (one.at("what") != GetParam().what) continue;
    shown = true;
    EXPECT_NE(one.at("planned"), one.at("now"));
    EXPECT_EQ(one.at("planned"), seen.value(GetParam().what, Json()));
  }
  EXPECT_TRUE(shown) << refusal.evidence();
  EXPECT_THAT(bench_.store->operations(10), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Every, WorldChanged,
    testing::Values(
        Move{"east.role", [](DaemonBench& b) { b.inner.set_roles("west"); }},
        Move{"west.source_id",
             [](DaemonBench& b) {
               b.inner.with("west", [](ClusterState& west) { west.source_id = 7; });
             }},
        Move{"east.token",
             [](DaemonBench& b) {
               b.inner.with("east", [](ClusterState& east) { east.token->manager = "mgr-other"; });
             }},
        Move{"west.gates",
             [](DaemonBench& b) {
               GateNote note;
               note.operation = "op77";
               b.gate.announce(ClusterName("west"), note, {});
             }},
        Move{"east-to-west.state",
             [](DaemonBench& b) {
               b.inner.with_feed("east", "orders-east-to-west-1",
                                 [](FeedState& feed) { feed.detail.state = "stopped"; });
             }},
        Move{"east-to-west.feed",
             [](DaemonBench& b) {
               b.inner.with("east",
                            [](ClusterState& east) { east.feeds.erase("orders-east-to-west-1"); });
             }},
        Move{"east.table.app.orders",
             [](DaemonBench& b) {
               b.inner.tidb(ClusterName("east"))
                   .run_ddl("ALTER TABLE app.orders ADD COLUMN more INT", {}, [](const SentDdl&) {},
                            {});
             }},
        Move{"config.tables",
             [](DaemonBench& b) { b.desired.groups.front().tables.emplace_back("more.*"); }},
        Move{"config.west.tidb",
             [](DaemonBench& b) { b.desired.clusters[1].tidb = {ServerAddress("10.9.9.9:4000")}; }},
        Move{"config.members",
             [](DaemonBench& b) { b.desired.groups.front().members.pop_back(); }}),
    [](const auto& one) {
      std::string name = one.param.what;
      std::ranges::replace_if(
          name, [](char c) { return !std::isalnum(c); }, '_');
      return name;
    });

TEST_F(BackendTest, WhatMovesByItselfDoesNotCount) {
  const std::string plan = dry_run();
  EXPECT_TRUE(bench_.inner.try_write("east", 0));
  clock_.advance(std::chrono::minutes(5));
  EXPECT_THAT(started(plan_run(plan)), HasSubstr("op"));
}

TEST_F(BackendTest, APlanRunsOnce) {
  const std::string plan = dry_run();
  const std::string id = started(plan_run(plan, "key1"));
  EXPECT_EQ(started(plan_run(plan, "key1")), id);
  const Refusal refusal = refused(plan_run(plan, "key2"));
  EXPECT_EQ(refusal.code(), "PLAN_ALREADY_RUN");
  EXPECT_EQ(refusal.evidence().at("operation"), id);
}

TEST_F(BackendTest, PlansAreKeptForADay) {
  const std::string plan = dry_run();
  clock_.advance(std::chrono::hours(24) + Millis{1});
  EXPECT_EQ(refused(plan_run(plan)).code(), "PLAN_EXPIRED");
  dry_run();
  EXPECT_EQ(refused(plan_run(plan)).code(), "UNKNOWN_PLAN");
}

TEST_F(BackendTest, TheNewestTwoHundredPlansAreKept) {
  const std::string first = dry_run("verify.links", {{"group", "orders"}});
  for (int n = 0; n < StoredPlans::kMost; ++n) {
    clock_.advance(Millis{1});
    dry_run("verify.links", {{"group", "orders"}});
  }
  EXPECT_EQ(bench_.store->documents("plan").size(), 200U);
  EXPECT_EQ(refused(plan_run(first)).code(), "UNKNOWN_PLAN");
}

struct Kind {
  const char* kind;
  Json args;
};

class Kinds : public BackendTest, public testing::WithParamInterface<Kind> {};

TEST_P(Kinds, RestOnWhatTheirPlanSays) {
  const std::string plan = dry_run(GetParam().kind, GetParam().args);
  EXPECT_TRUE(bench_.backend.plan(plan).at("seen").contains("east.token"));
  EXPECT_THAT(started(plan_run(plan)), HasSubstr("op"));
}

INSTANTIATE_TEST_SUITE_P(
    Every, Kinds,
    testing::Values(Kind{"group.apply", {{"group", "orders"}}}, Kind{"ddl.run", kDropNote},
                    Kind{"verify.links", {{"group", "orders"}}},
                    Kind{"gate.close",
                         {{"cluster", "east"}, {"reason", "test"}, {"for_ms", 60'000}}}));

TEST_F(BackendTest, TheSameKeyFindsTheSameOperation) {
  const SubmitOperation wanted = request("verify.links", {{"group", "orders"}}, "key1");
  const std::string id = started(wanted);
  // The clusters are not even asked: nothing that they say now changes what was started.
  bench_.world.arm({"", "tidb.servers", 1, fakes::Effect::transient, true, {}, {}});
  EXPECT_EQ(started(wanted), id);
  EXPECT_EQ(bench_.store->operations(10).size(), 1U);
}

TEST_F(BackendTest, TheSameKeyForAnotherWishIsRefused) {
  started(request("verify.links", {{"group", "orders"}}, "key1"));
  for (const SubmitOperation& other :
       {request("ddl.run", kDropNote, "key1"),
        request("verify.links", {{"group", "orders"}, {"patience_ms", 5000}}, "key1"),
        plan_run("pl1", "key1")}) {
    const Refusal refusal = refused(other);
    EXPECT_EQ(refusal.code(), "IDEMPOTENCY_KEY_REUSED");
    EXPECT_EQ(refusal.evidence().at("earlier").at("kind"), "verify.links");
  }
  EXPECT_EQ(bench_.store->operations(10).size(), 1U);
}

TEST_F(BackendTest, AKeyWhoseRequestWasRefusedCanBeSentAgain) {
  bench_.world.arm({"", "tidb.servers", 1, fakes::Effect::transient, true, {}, {}});
  const SubmitOperation wanted = request("verify.links", {{"group", "orders"}}, "key1");
  EXPECT_EQ(refused(wanted).kind(), ErrorKind::transient);
  bench_.world.disarm();
  EXPECT_THAT(started(wanted), HasSubstr("op"));
}

TEST_F(BackendTest, WaitsForLocksWhenAskedTo) {
  const std::string first = started(request("ddl.run", kDropNote));
  EXPECT_EQ(refused(request("ddl.run", kDropNote)).code(), "LOCKED");
  SubmitOperation patient = request("ddl.run", kDropNote);
  patient.queue = true;
  patient.deadline = Millis{60'000};
  const Json view = bench_.backend.operation(started(patient));
  EXPECT_EQ(view.at("state"), "queued");
  EXPECT_EQ(view.at("deadline"), to_rfc3339(clock_.now() + Millis{60'000}));
}

TEST_F(BackendTest, AHaltedDaemonSaysSoFirst) {
  bench_.runner.start();
  bench_.runner.halt("EPOCH_LOST: another daemon has taken over");
  const Json status = bench_.backend.status();
  EXPECT_EQ(status.at("manager").at("state"), "halted");
  EXPECT_THAT(status.at("manager").at("why").get<std::string>(), HasSubstr("EPOCH_LOST"));
  EXPECT_EQ(status.at("verdict"), "degraded");
  EXPECT_THAT(status.at("reasons").at(0).get<std::string>(), HasSubstr("only reads"));
  EXPECT_THAT(status.at("next").get<std::string>(), HasSubstr("kill "));
}

TEST_F(BackendTest, ClustersOfAnotherManagerAreNamed) {
  const SystemClock real;
  DaemonBench live(real);
  live.inner.with("west", [](ClusterState& west) { west.token->manager = "mgr-other"; });
  live.look_once();
  EXPECT_EQ(live.backend.status().at("manager").at("read_only_on"), Json::array({"west"}));
}

TEST_F(BackendTest, ADaemonThatStopsAsksNobodyAnyMore) {
  bench_.backend.stop_asking();
  bench_.world.arm({"", "tidb.servers", 1, fakes::Effect::stall, true, {}, {}});
  EXPECT_NE(refused(request("ddl.run", kDropNote)).code(), "NONE");
  EXPECT_THROW(bench_.backend.group_plan("orders"), Error);
}

TEST_F(BackendTest, EventsOfOneOperationAreAlone) {
  for (const char* operation : {"", "other"})
    bench_.store->add_event({0, clock_.now(), "info", operation, "", "something"});
  const std::string id = started(request("verify.links", {{"group", "orders"}}));
  bench_.store->add_event({0, clock_.now(), "info", id, "", "mine"});
  const Json events = bench_.backend.events(0, 10, id).at("events");
  ASSERT_FALSE(events.empty());
  for (const Json& one : events) EXPECT_EQ(one.at("operation"), id);
  EXPECT_EQ(bench_.backend.newest_event(), events.back().at("number"));
  EXPECT_THAT(bench_.backend.events(bench_.backend.newest_event(), 10, id).at("events"), IsEmpty());
}

}  // namespace
}  // namespace bdrmesh
