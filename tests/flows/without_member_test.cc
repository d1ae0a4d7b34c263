// A schema change while one member is dead: it takes no part, and can do no harm when it wakes up.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "fakes/fake_ddl.h"
#include "flows/flow_bench.h"

namespace bdrmesh::flows {
namespace {

using fakes::ClusterState;
using fakes::EndOfRun;
using ::testing::HasSubstr;

const std::vector<std::string> kSurvivors{"east", "west"};

class WithoutMember : public ::testing::Test {
 protected:
  void SetUp() override {
    bench.bring_up();
    for (const std::string& name : kSurvivors) {
      bench.inner.with(name, [&](ClusterState& at) { at.sessions[user_at(name)] = {71, 72}; });
    }
  }

  /// As whom the feeds of south write there.
  std::string user_at(const std::string& name) const {
    return bench.desired.cluster(ClusterName(name)).sink.user_for(ClusterName("south"));
  }

  void south_is(bool alive) {
    bench.inner.with("south", [=](ClusterState& south) {
      for (auto& server : south.servers) server.up = alive;
      south.pd_up = alive;
      south.ticdc_up = alive;
    });
  }

  Plan plan() {
    return bench.plan("ddl.run", {{"script", kDropNote}, {"without_member", "south"}});
  }

  /// @param without  empty: nobody is left out
  std::string refusal(const std::string& without) {
    Json args{{"script", kDropNote}};
    if (!without.empty()) args["without_member"] = without;
    try {
      bench.plan("ddl.run", args);
    } catch (const Error& e) {
      return e.code();
    }
    return "planned";
  }

  bool locked(const std::string& name) const {
    return bench.inner.look(name, [&](const ClusterState& at) {
      const auto account = at.accounts.find(user_at(name));
      return account != at.accounts.end() && account->second.locked;
    });
  }

  std::string feed_to(const std::string& from, const std::string& to) const {
    return bench.inner.look(from, [&](const ClusterState& at) {
      return at.feeds.at("orders-" + from + "-to-" + to + "-1").detail.state;
    });
  }

  Json result_of(const EndOfRun& end) const {
    for (const FactRecord& fact : bench.store->facts(end.operation)) {
      if (fact.name == "result") return fact.value;
    }
    return Json::object();
  }

  FlowBench bench{{"east", "west", "south"}};
};

TEST_F(WithoutMember, ChangesTheOthersAndFencesTheDeadOne) {
  south_is(false);
  const EndOfRun end = bench.run(plan());
  ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_EQ(bench.inner.times_applied("south", kDropNote), 0);
  for (const std::string& name : kSurvivors) {
    EXPECT_EQ(bench.inner.times_applied(name, kDropNote), 1) << name;
    EXPECT_TRUE(locked(name)) << name << end.journal;
    EXPECT_EQ(feed_to(name, "south"), "stopped") << end.journal;
  }
  EXPECT_EQ(feed_to("east", "west"), "normal");
  EXPECT_TRUE(bench.inner.all_gates_open());
  const Json result = result_of(end);
  EXPECT_EQ(result.value("without_member", ""), "south") << result;
  EXPECT_THAT(result.value("next", ""), HasSubstr("bdrmesh cluster evict south")) << result;
  EXPECT_THAT(end.journal, HasSubstr("south does not have this change"));
}

TEST_F(WithoutMember, IsShutOutBeforeAnyGateCloses) {
  south_is(false);
  bool in_time = true;
  fakes::Fault watch;
  watch.method = "tidb.set_super_read_only";
  watch.before = [&] { in_time = in_time && locked("east") && locked("west"); };
  bench.world.arm(watch);
  const EndOfRun end = bench.run(plan());
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_TRUE(in_time) << end.journal;
}

TEST_F(WithoutMember, LetsItInAgainWhenTheChangeDoesNotTakePlace) {
  south_is(false);
  for (const std::string& name : kSurvivors) {
    bench.inner.with(name, [](ClusterState& at) {
      at.within_job = [](const std::string& sql, const DdlSession& session) {
        if (fakes::schema_of(sql, session) != "app") return;
        throw Error(ErrorKind::invalid, "DDL_REFUSED", "1105: no");
      };
    });
  }
  const EndOfRun end = bench.run(plan());
  EXPECT_EQ(end.state(), OperationState::reverted) << end.journal;
  for (const std::string& name : kSurvivors) {
    EXPECT_FALSE(locked(name)) << name << end.journal;
    EXPECT_EQ(feed_to(name, "south"), "normal") << end.journal;
  }
  EXPECT_TRUE(bench.inner.all_gates_open());
}

TEST_F(WithoutMember, IsRefusedWhileItAnswers) {
  EXPECT_EQ(refusal("south"), "MEMBER_ANSWERS");
  bench.inner.with("south", [](ClusterState& south) {
    for (auto& server : south.servers) server.up = false;
    south.ticdc_up = false;
  });
  EXPECT_EQ(refusal("south"), "MEMBER_ANSWERS") << "its PD answers";
}

TEST_F(WithoutMember, BeginsNothingWhenItIsBackByThen) {
  south_is(false);
  const Plan made = plan();
  south_is(true);
  const EndOfRun end = bench.run(made);
  EXPECT_EQ(end.state(), OperationState::reverted) << end.journal;
  EXPECT_THAT(end.journal, HasSubstr("MEMBER_ANSWERS"));
  for (const std::string& name : kSurvivors) EXPECT_FALSE(locked(name)) << name;
}

TEST_F(WithoutMember, WantsAMemberThatIsOne) {
  south_is(false);
  EXPECT_EQ(refusal(""), "TIDB_UNREACHABLE") << "nobody said that it may stay away";
  EXPECT_EQ(refusal("nowhere"), "UNKNOWN_CLUSTER");
}

}  // namespace
}  // namespace bdrmesh::flows
