// A member is dead, or must be treated so.
#include <gmock/gmock.h>

#include "flows/flow_bench.h"
#include "mesh/membership.h"

namespace bdrmesh::flows {
namespace {

using fakes::ClusterState;
using fakes::Death;
using fakes::EndOfRun;
using fakes::Fault;
using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::vector<std::string> kThree{"east", "west", "south"};
const std::vector<std::string> kSurvivors{"east", "west"};

Json evict_south(const std::string& because = "") {
  Json args{{"cluster", "south"}, {"confirm", "south"}};
  if (!because.empty()) args["although_alive_because"] = because;
  return args;
}

std::string sink_user_of_south(const FlowBench& on, const std::string& at) {
  return on.desired.cluster(ClusterName(at)).sink.user_for(ClusterName("south"));
}

/// Its feeds still have sessions at the others: nobody has told those yet that it is dead.
void leave_sessions(FlowBench& on) {
  for (const std::string& name : on.inner.clusters()) {
    if (name == "south") continue;
    const std::string user = sink_user_of_south(on, name);
    on.inner.with(name, [&](ClusterState& state) { state.sessions[user] = {71, 72}; });
  }
}

void kill_south(FlowBench& on) {
  Fault dead;
  dead.cluster = "south";
  dead.effect = fakes::Effect::transient;
  dead.from_then_on = true;
  on.world.arm(dead);
}

struct Evict : ::testing::Test {
  FlowBench bench{kThree};

  Evict() {
    bench.bring_up();
    leave_sessions(bench);
  }
  static bool locked(const FlowBench& on, const std::string& at) {
    const std::string user = sink_user_of_south(on, at);
    return on.inner.look(at, [&](const ClusterState& state) {
      const auto account = state.accounts.find(user);
      return account != state.accounts.end() && account->second.locked;
    });
  }
  static std::size_t sessions(const FlowBench& on, const std::string& at) {
    const std::string user = sink_user_of_south(on, at);
    return on.inner.look(at, [&](const ClusterState& state) {
      const auto open = state.sessions.find(user);
      return open == state.sessions.end() ? std::size_t{0} : open->second.size();
    });
  }
  static std::vector<std::string> feeds_at(const FlowBench& on, const std::string& at) {
    return on.inner.look(at, [](const ClusterState& state) {
      std::vector<std::string> all;
      for (const auto& [id, feed] : state.feeds) all.push_back(id + " " + feed.detail.state);
      return all;
    });
  }
  static std::vector<EndedMembership> told(const FlowBench& on, const std::string& at) {
    return on.inner.look(at,
                         [](const ClusterState& state) { return ended_memberships(*state.token); });
  }
  static void expect_evicted(const FlowBench& on, const EndOfRun& end) {
    ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal << on.inner.diary_text();
    for (const std::string& name : kSurvivors) {
      EXPECT_TRUE(locked(on, name)) << name << end.journal;
      EXPECT_EQ(sessions(on, name), 0U) << name << end.journal;
      ASSERT_EQ(told(on, name).size(), 1U) << name << end.journal;
      EXPECT_EQ(told(on, name)[0].how, "evicted");
    }
    EXPECT_THAT(feeds_at(on, "east"), ElementsAre("orders-east-to-west-1 normal"));
    EXPECT_THAT(feeds_at(on, "west"), ElementsAre("orders-west-to-east-1 normal"));
    EXPECT_TRUE(on.inner.all_gates_open()) << end.journal;
    expect_no_hazard(on, end.journal);
  }
  std::string refusal(const Json& args) {
    try {
      bench.plan("cluster.evict", args);
    } catch (const Error& e) {
      EXPECT_FALSE(e.remedy().empty()) << e.code();
      return e.code();
    }
    return "planned";
  }
  Json fact(const EndOfRun& end, const std::string& name) const {
    for (const FactRecord& one : bench.store->facts(end.operation)) {
      if (one.name == name) return one.value;
    }
    return {};
  }
};

TEST_F(Evict, ADeadMemberIsShutOutAndItsFeedsGo) {
  kill_south(bench);
  const EndOfRun end = bench.run(bench.plan("cluster.evict", evict_south()));
  expect_evicted(bench, end);
}

TEST_F(Evict, ItIsShutOutBeforeAFeedIsTouched) {
  kill_south(bench);
  bool in_time = true;
  for (const std::string& name : kSurvivors) {
    Fault watch;
    watch.cluster = name;
    watch.method = "ticdc.remove";
    watch.before = [&] {
      for (const std::string& at : kSurvivors)
        in_time = in_time && locked(bench, at) && sessions(bench, at) == 0;
    };
    bench.world.arm(watch);
  }
  expect_evicted(bench, bench.run(bench.plan("cluster.evict", evict_south())));
  EXPECT_TRUE(in_time);
}

TEST_F(Evict, TheLossIsStatedForEachLink) {
  kill_south(bench);
  const EndOfRun end = bench.run(bench.plan("cluster.evict", evict_south()));
  ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal;
  const Json eviction = fact(end, "eviction");
  ASSERT_TRUE(eviction.is_object()) << end.journal;
  ASSERT_EQ(eviction.at("loss").size(), 2U);
  for (const Json& one : eviction.at("loss")) {
    EXPECT_THAT(one.at("link").get<std::string>(), HasSubstr("south-to-"));
    EXPECT_THAT(one.at("text").get<std::string>(), HasSubstr("at most"));
  }
  EXPECT_THAT(eviction.at("configuration").get<std::string>(), HasSubstr("[\"east\", \"west\"]"));
}

TEST_F(Evict, TheSurvivorsAreCompared) {
  for (const std::string& name : kSurvivors) {
    bench.inner.with(name, [&](ClusterState& state) {
      state.rows[{"app", "orders"}]["1"] = "as on " + name;
    });
  }
  kill_south(bench);
  const EndOfRun end = bench.run(bench.plan("cluster.evict", evict_south()));
  expect_evicted(bench, end);
  const Json found = fact(end, "verification");
  ASSERT_TRUE(found.is_object()) << end.journal;
  EXPECT_EQ(found.at("differences").size(), 1U) << found.dump(1);
  EXPECT_EQ(fact(end, "certificate").at("proof"), false) << "survivors that differ are no proof";
}

TEST_F(Evict, ItsCertificateProvesThatTheSurvivorsAgreeAndNoMore) {
  kill_south(bench);
  const EndOfRun end = bench.run(bench.plan("cluster.evict", evict_south()));
  expect_evicted(bench, end);
  EXPECT_EQ(fact(end, "certificate").at("proof"), true) << end.journal;
  EXPECT_THAT(fact(end, "proof").at("not_proven").dump(), HasSubstr("committed last"));
  const Json compared_by_nobody = [&] {
    FlowBench other{kThree};
    other.bring_up();
    kill_south(other);
    Json args = evict_south();
    args["compare"] = false;
    const EndOfRun run = other.run(other.plan("cluster.evict", args));
    for (const FactRecord& one : other.store->facts(run.operation))
      if (one.name == "proof") return one.value;
    return Json();
  }();
  EXPECT_EQ(compared_by_nobody.at("verdict"), "not compared");
  EXPECT_EQ(compared_by_nobody.at("holds"), false);
}

TEST_F(Evict, OneThatAnswersIsEvictedOnlyWithAReason) {
  EXPECT_EQ(refusal(evict_south()), "MEMBER_ANSWERS");
  const EndOfRun end = bench.run(bench.plan("cluster.evict", evict_south("it must go")));
  ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_THAT(feeds_at(bench, "south"),
              ElementsAre("orders-south-to-east-1 stopped", "orders-south-to-west-1 stopped"));
  EXPECT_THAT(bench.inner.closed_gates(), ElementsAre("south")) << end.journal;
  for (const std::string& name : kSurvivors) EXPECT_TRUE(locked(bench, name));
}

TEST_F(Evict, OnlyItsTicdcLivesAndIsAnAnswer) {
  for (const char* dead : {"tidb.super_read_only", "tidb.servers", "pd.cluster_id"}) {
    Fault fault;
    fault.cluster = "south";
    fault.method = dead;
    fault.effect = fakes::Effect::transient;
    fault.from_then_on = true;
    bench.world.arm(fault);
  }
  EXPECT_EQ(refusal(evict_south()), "MEMBER_ANSWERS");
}

TEST_F(Evict, ItsNameIsTypedTwice) {
  kill_south(bench);
  EXPECT_EQ(refusal({{"cluster", "south"}}), "NOT_CONFIRMED");
  EXPECT_EQ(refusal({{"cluster", "south"}, {"confirm", "west"}}), "NOT_CONFIRMED");
}

TEST_F(Evict, ItIsEvictedOnce) {
  kill_south(bench);
  ASSERT_EQ(bench.run(bench.plan("cluster.evict", evict_south())).state(),
            OperationState::succeeded);
  EXPECT_EQ(refusal(evict_south()), "NOT_A_MEMBER");
}

TEST_F(Evict, TheRestGoesOnWithoutIt) {
  kill_south(bench);
  ASSERT_EQ(bench.run(bench.plan("cluster.evict", evict_south())).state(),
            OperationState::succeeded);
  const EndOfRun ddl = bench.run(bench.paused_ddl());
  EXPECT_EQ(ddl.state(), OperationState::succeeded) << ddl.journal;
}

TEST_F(Evict, OneThatWakesUpStaysOut) {
  kill_south(bench);
  ASSERT_EQ(bench.run(bench.plan("cluster.evict", evict_south())).state(),
            OperationState::succeeded);
  bench.world.disarm();
  const EndOfRun apply = bench.run(bench.group_apply());
  EXPECT_EQ(apply.state(), OperationState::succeeded) << apply.journal;
  for (const std::string& name : kSurvivors) EXPECT_TRUE(locked(bench, name));
  EXPECT_THAT(feeds_at(bench, "east"), ElementsAre("orders-east-to-west-1 normal"));
}

TEST_F(Evict, OfTwoOneIsLeft) {
  FlowBench two({"east", "south"});
  two.bring_up();
  leave_sessions(two);
  kill_south(two);
  const EndOfRun end = two.run(two.plan("cluster.evict", evict_south()));
  ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_TRUE(locked(two, "east"));
  EXPECT_THAT(feeds_at(two, "east"), IsEmpty());
}

TEST_F(Evict, WhatFailsBeforeTheLineIsUndone) {
  kill_south(bench);
  const Plan plan = bench.plan("cluster.evict", evict_south());
  Fault fault;
  fault.cluster = "west";
  fault.method = "users.set_locked";
  fault.effect = fakes::Effect::refuse;
  bench.world.arm(fault);
  const EndOfRun end = bench.run(plan);
  ASSERT_EQ(bench.world.struck() > 0, true);
  EXPECT_EQ(end.state(), OperationState::reverted) << end.journal;
  EXPECT_FALSE(locked(bench, "east")) << end.journal;
  EXPECT_THAT(told(bench, "east"), IsEmpty());
  EXPECT_EQ(feeds_at(bench, "east").size(), 2U);
}

TEST_F(Evict, ItGoesOnWhereverTheDaemonDies) {
  int deaths = 0;
  for (const Death when : {Death::before_write, Death::after_write}) {
    for (int write = 1; write <= 80; ++write) {
      SCOPED_TRACE(fakes::describe(fakes::die(when, write)));
      FlowBench fresh(kThree);
      fresh.bring_up();
      leave_sessions(fresh);
      kill_south(fresh);
      const Plan plan = fresh.plan("cluster.evict", evict_south());
      if (!fresh.run_dying(plan, fakes::die(when, write))) break;
      ++deaths;
      expect_evicted(fresh, fresh.run(plan));
      if (HasFailure()) return;
    }
  }
  EXPECT_GT(deaths, 20);
}

TEST_F(Evict, ItSurvivesLostAnswers) {
  for (const char* method : {"users.set_locked", "users.end_session", "tidb.replace_token",
                             "ticdc.pause", "ticdc.remove"}) {
    for (int nth = 1; nth <= 3; ++nth) {
      SCOPED_TRACE(std::string(method) + " " + std::to_string(nth));
      FlowBench fresh(kThree);
      fresh.bring_up();
      leave_sessions(fresh);
      kill_south(fresh);
      const Plan plan = fresh.plan("cluster.evict", evict_south());
      Fault fault;
      fault.method = method;
      fault.nth = nth;
      fault.effect = fakes::Effect::lose_answer;
      fresh.world.arm(fault);
      expect_evicted(fresh, fresh.run(plan));
      if (HasFailure()) return;
    }
  }
}

}  // namespace
}  // namespace bdrmesh::flows
