// The verified stop: what it proves and in which order, what a sabotaged mesh gets instead of a
// certificate, and that it can be gone back on until the feeds are removed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "flows/flow_bench.h"
#include "gate/standing_gate.h"
#include "verify/certificate.h"

namespace bdrmesh::flows {
namespace {

using fakes::Act;
using fakes::ClusterState;
using fakes::Death;
using fakes::EndOfRun;
using fakes::FeedState;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const TableName kOrders{"app", "orders"};
const std::vector<std::string> kThree{"east", "west", "south"};

void fill(FlowBench& bench, int rows) {
  for (const std::string& name : bench.inner.clusters()) {
    bench.inner.with(name, [&](ClusterState& cluster) {
      for (int i = 1; i <= rows; ++i)
        cluster.rows[kOrders][std::to_string(i)] = "note " + std::to_string(i);
    });
  }
}

Json open(const std::vector<std::string>& names) { return {{"open", names}}; }

Json with(Json args, const Json& more) {
  args.update(more);
  return args;
}

std::size_t feeds(const FlowBench& bench, const std::string& state) {
  std::size_t count = 0;
  for (const std::string& name : bench.inner.clusters()) {
    count += bench.inner.look(name, [&](const ClusterState& cluster) {
      return static_cast<std::size_t>(std::ranges::count_if(cluster.feeds, [&](const auto& one) {
        return state.empty() || one.second.detail.state == state;
      }));
    });
  }
  return count;
}

Json only_certificate(const FlowBench& bench) {
  const auto all = bench.certificates.all();
  EXPECT_EQ(all.size(), 1U);
  return all.empty() ? Json() : all.begin()->second;
}

void expect_stopped(const FlowBench& bench, const EndOfRun& end) {
  ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal << bench.inner.diary_text();
  EXPECT_TRUE(end.record.line_crossed);
  EXPECT_EQ(feeds(bench, ""), 0U) << end.journal;
  for (const std::string& name : bench.inner.clusters()) {
    EXPECT_EQ(bench.inner.role(name), "") << name;
    EXPECT_EQ(bench.inner.look(name,
                               [](const ClusterState& cluster) {
                                 return cluster.variables.at("tidb_gc_life_time");
                               }),
              "10m0s");
  }
  const Json certificate = only_certificate(bench);
  EXPECT_EQ(certificate.at("proof"), true) << certificate.dump(1);
  EXPECT_THAT(verify::certificate_faults(verify::canonical(certificate)), IsEmpty());
  expect_no_hazard(bench, end.journal);
}

/// Before the line: everything is as before, no certificate.
void expect_refused(FlowBench& bench, const std::string& code, const Json& more = Json::object()) {
  const Json before = bench.standing();
  const EndOfRun end = bench.run(bench.plan("group.stop", with(open({"all"}), more)));
  expect_reverted(bench, end, before);
  EXPECT_EQ(end.record.error_code, code) << end.journal;
  EXPECT_THAT(bench.certificates.all(), IsEmpty());
}

TEST(GroupStop, ProvesStopsAndLeavesACertificate) {
  FlowBench bench(kThree);
  bench.bring_up();
  fill(bench, 50);
  const EndOfRun end = bench.run(bench.plan("group.stop", open({"all"})));
  expect_stopped(bench, end);
  EXPECT_TRUE(bench.inner.all_gates_open());
  EXPECT_THAT(bench.inner.announced_gates(), IsEmpty());

  const Json certificate = only_certificate(bench);
  EXPECT_EQ(certificate.at("operation"), end.operation);
  EXPECT_EQ(certificate.at("verdict"), "equal");
  EXPECT_EQ(certificate.at("plan").at("kind"), "group.stop");
  EXPECT_EQ(certificate.at("plan").at("sha256").get<std::string>().size(), 64U);
  EXPECT_THAT(certificate.at("not_recorded"), IsEmpty()) << certificate.dump(1);
  const Json& evidence = certificate.at("evidence");
  for (const char* per_cluster : {"cluster", "fence", "marker", "snapshot", "schema"})
    EXPECT_EQ(evidence.at(per_cluster).size(), 3U) << per_cluster;
  for (const char* per_link : {"link", "link_before", "drained", "stopped"})
    EXPECT_EQ(evidence.at(per_link).size(), 6U) << per_link;
  EXPECT_EQ(evidence.at("verification").at("rows"), 50);
  for (const auto& [link, stopped] : evidence.at("stopped").items()) {
    const std::string origin = link.substr(0, link.find("-to-"));
    EXPECT_GT(parse_tso(stopped.at("tso").get<std::string>()),
              parse_tso(evidence.at("fence").at(origin).at("tso").get<std::string>()))
        << link;
  }
}

TEST(GroupStop, PausesFeedsBehindClosedGatesAndRemovesThemAfterTheLastDigest) {
  FlowBench bench;
  bench.bring_up();
  fill(bench, 5);
  const EndOfRun end = bench.run(bench.plan("group.stop", open({"all"})));
  ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal;
  std::size_t closed = 0;
  std::size_t paused = 0;
  bool opened = false;
  for (const Act& act : bench.inner.diary()) {
    if (act.what == "set_gc_life_time") {
      EXPECT_TRUE(closed == 0 || opened);
    }
    if (act.what == "set_super_read_only" && act.detail == "on") ++closed;
    if (act.what == "pause") {
      EXPECT_EQ(closed, 2U);
      EXPECT_FALSE(opened);
      ++paused;
    }
    if (act.what == "set_super_read_only" && act.detail == "off") {
      EXPECT_EQ(paused, 2U);
      opened = true;
    }
    if (act.what == "remove") {
      EXPECT_TRUE(opened);
    }
  }
  EXPECT_TRUE(opened);
}

TEST(GroupStop, OpensOnlyTheClusterThatIsNamed) {
  FlowBench bench(kThree);
  bench.bring_up();
  const EndOfRun end = bench.run(bench.plan("group.stop", open({"west"})));
  expect_stopped(bench, end);
  EXPECT_THAT(bench.inner.closed_gates(), testing::UnorderedElementsAre("east", "south"));
  for (const char* name : {"east", "south"}) {
    const auto note = bench.inner.look(name, [](const ClusterState& cluster) {
      return note_of(*cluster.token, standing_owner(stopped_member_role("orders")));
    });
    ASSERT_TRUE(note.has_value());
    EXPECT_TRUE(note->standing);
    EXPECT_EQ(command_to_open(ClusterName(name), *note), std::string("bdrmesh gate open ") + name);
  }
}

TEST(GroupStop, WithNoneAllGatesStayClosed) {
  FlowBench bench;
  bench.bring_up();
  expect_stopped(bench, bench.run(bench.plan("group.stop", open({"none"}))));
  EXPECT_EQ(bench.inner.closed_gates().size(), 2U);
}

TEST(GroupStop, RefusesClustersThatAreNoMembers) {
  FlowBench bench;
  bench.bring_up();
  EXPECT_THROW(bench.plan("group.stop", open({"north"})), Error);
  EXPECT_THROW(bench.plan("group.stop", Json::object()), Error);
  EXPECT_THROW(bench.plan("group.stop", open({"all", "east"})), Error);
}

TEST(GroupStop, KeepsFeedsPausedAndStartsAgain) {
  FlowBench bench(kThree);
  bench.bring_up();
  fill(bench, 5);
  const Json before = bench.standing();
  const EndOfRun stop =
      bench.run(bench.plan("group.stop", with(open({"east"}), {{"keep_feeds_paused", true}})));
  ASSERT_EQ(stop.state(), OperationState::succeeded) << stop.journal;
  EXPECT_EQ(feeds(bench, "stopped"), 6U);
  EXPECT_EQ(only_certificate(bench).at("proof"), true);
  EXPECT_THAT(stop.journal, HasSubstr("bdrmesh group start orders"));
  EXPECT_EQ(bench.inner.role("east"), "primary");

  const EndOfRun start = bench.run(bench.plan("group.start"));
  ASSERT_EQ(start.state(), OperationState::succeeded) << start.journal;
  EXPECT_EQ(feeds(bench, "normal"), 6U);
  EXPECT_TRUE(bench.inner.all_gates_open()) << start.journal;
  EXPECT_EQ(bench.standing(), before) << Json::diff(before, bench.standing());
}

TEST(GroupStop, AfterAProvenStopStartSaysWhatToTypeAndApplyBringsTheMeshUp) {
  FlowBench bench;
  bench.bring_up();
  fill(bench, 5);
  expect_stopped(bench, bench.run(bench.plan("group.stop", open({"all"}))));
  try {
    bench.plan("group.start");
    FAIL() << "there is nothing to start";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), "FEEDS_REMOVED");
    EXPECT_THAT(e.remedy(), HasSubstr("bdrmesh group apply orders"));
  }
  const EndOfRun up = bench.run(bench.group_apply());
  ASSERT_EQ(up.state(), OperationState::succeeded) << up.journal;
  EXPECT_EQ(feeds(bench, "normal"), 2U);
  EXPECT_EQ(bench.inner.role("east"), "primary");

  // Nobody watched while there were no feeds: only equal rows close that gap.
  Plan refused = bench.plan("group.stop", open({"all"}));
  refused.title += " again";  // an operation of its own
  EXPECT_EQ(bench.run(refused).record.error_code, "LINK_UNPROVEN");
  const EndOfRun rows = bench.run(bench.plan("verify.rows", {{"mode", "live"}}));
  ASSERT_EQ(rows.state(), OperationState::succeeded) << rows.journal;
  Plan last = bench.plan("group.stop", open({"none"}));
  last.title += " at last";
  const EndOfRun again = bench.run(last);
  EXPECT_EQ(again.state(), OperationState::succeeded) << again.journal;
}

// --- a sabotaged mesh

TEST(SabotagedStop, ARowThatWasLostIsFoundBeforeThePause) {
  FlowBench bench(kThree);
  bench.bring_up();
  fill(bench, 5);
  bench.inner.with("west", [](ClusterState& cluster) { cluster.rows[kOrders].erase("3"); });
  bench.inner.clear_diary();
  expect_refused(bench, "ROWS_DIFFER");
  EXPECT_EQ(bench.inner.diary_text().find("set_super_read_only"), std::string::npos);
}

/// Loses a row on west when the line is crossed: after all that was proven with open gates.
class LostInThePause : public testing::Test {
 protected:
  LostInThePause() : bench_(kThree) {
    bench_.bring_up();
    fill(bench_, 5);
    fakes::Fault lose;
    lose.cluster = "east";
    lose.method = "ticdc.pause";
    lose.before = [this] {
      bench_.inner.with("west", [](ClusterState& cluster) { cluster.rows[kOrders].erase("3"); });
    };
    bench_.world.arm(lose);
  }

  FlowBench bench_;
};

TEST_F(LostInThePause, LeavesFeedsPausedAndACertificateThatIsNoProof) {
  const EndOfRun end = bench_.run(bench_.plan("group.stop", open({"all"})));
  ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_EQ(feeds(bench_, "stopped"), 6U) << end.journal;
  EXPECT_EQ(bench_.inner.role("east"), "primary");
  EXPECT_TRUE(bench_.inner.all_gates_open());
  const Json certificate = only_certificate(bench_);
  EXPECT_EQ(certificate.at("proof"), false);
  EXPECT_EQ(certificate.at("verdict"), "differences");
  EXPECT_EQ(certificate.at("evidence").at("verification").at("different"), 1);
  EXPECT_THAT(end.journal, HasSubstr("bdrmesh group start orders"));

  const EndOfRun start = bench_.run(bench_.plan("group.start"));
  ASSERT_EQ(start.state(), OperationState::succeeded) << start.journal;
  EXPECT_EQ(feeds(bench_, "normal"), 6U);
}

TEST_F(LostInThePause, IsFoundBehindGatesThatStayClosedToo) {
  const EndOfRun end = bench_.run(bench_.plan("group.stop", open({"none"})));
  ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_EQ(only_certificate(bench_).at("proof"), false);
  EXPECT_EQ(bench_.inner.closed_gates().size(), 3U);
  const EndOfRun start = bench_.run(bench_.plan("group.start"));
  ASSERT_EQ(start.state(), OperationState::succeeded) << start.journal;
  EXPECT_TRUE(bench_.inner.all_gates_open()) << start.journal;
}

TEST(SabotagedStop, AFrozenFeedThatSaysNormalEndsThePauseAndIsReverted) {
  FlowBench bench(kThree);
  bench.bring_up();
  fill(bench, 5);
  // Frozen at the last moment before the pause, so that only the drain can notice.
  fakes::Fault freeze;
  freeze.cluster = "south";
  freeze.method = "tidb.set_super_read_only";
  freeze.before = [&] {
    bench.inner.with_feed("east", "orders-east-to-west-1",
                          [](FeedState& feed) { feed.frozen = true; });
  };
  bench.world.arm(freeze);
  expect_refused(bench, "PAUSE_BUDGET_SPENT");
}

TEST(SabotagedStop, ANarrowFilterIsRefused) {
  FlowBench bench;
  bench.bring_up();
  bench.inner.with_feed("east", "orders-east-to-west-1", [](FeedState& feed) {
    feed.detail.config["filter"]["rules"] = {"app.other", "bdrmesh.*"};
  });
  expect_refused(bench, "FEED_DIFFERS");
}

TEST(SabotagedStop, AFilterThatIsNarrowedWhileRowsAreComparedIsSeenInTheSweep) {
  FlowBench bench;
  bench.bring_up();
  fakes::Fault narrow;
  narrow.cluster = "east";
  narrow.method = "tidb.write_marker";
  narrow.before = [&] {
    bench.inner.with_feed("east", "orders-east-to-west-1", [](FeedState& feed) {
      feed.detail.config["filter"]["rules"] = {"app.other", "bdrmesh.*"};
    });
  };
  bench.world.arm(narrow);
  expect_refused(bench, "FEED_DIFFERS");
}

TEST(SabotagedStop, AMissingTableOnOneMemberIsRefused) {
  FlowBench bench(kThree);
  bench.bring_up();
  bench.inner.with("west", [](ClusterState& cluster) { cluster.tables.erase(kOrders); });
  const EndOfRun end = bench.run(bench.plan("group.stop", open({"all"})));
  EXPECT_EQ(end.state(), OperationState::reverted) << end.journal;
  EXPECT_THAT(end.record.error_code, testing::AnyOf("SCHEMAS_DIFFER", "TABLE_NOT_CARRIED"));
  EXPECT_THAT(bench.certificates.all(), IsEmpty());
}

TEST(SabotagedStop, AnIndexThatComesDuringThePauseIsSeen) {
  FlowBench bench;
  bench.bring_up();
  fakes::Fault change;
  change.cluster = "west";
  change.method = "tidb.write_marker";
  change.before = [&] {
    bench.inner.with("west", [](ClusterState& cluster) {
      cluster.tables[kOrders].keys.push_back("KEY `extra` (`id`)");
    });
  };
  bench.world.arm(change);
  const EndOfRun end = bench.run(bench.plan("group.stop", open({"all"})));
  EXPECT_EQ(end.state(), OperationState::reverted) << end.journal;
  EXPECT_EQ(end.record.error_code, "SCHEMA_CHANGED");
  EXPECT_TRUE(bench.inner.all_gates_open());
}

TEST(SabotagedStop, AGapInThePositionsIsRefused) {
  FlowBench bench;
  bench.bring_up();
  const GroupName group("orders");
  for (LinkIncarnation one : bench.book.incarnations(group)) {
    if (one.link.from != ClusterName("east")) continue;
    LinkIncarnation before = one;
    before.number = 0;
    before.changefeed = ChangefeedId("orders-east-to-west-0");
    before.removed = true;
    before.proven = Tso(one.start.value() - 1);
    bench.book.put(before);
  }
  expect_refused(bench, "LINK_UNPROVEN");
}

TEST(SabotagedStop, AFeedThatTheBookDoesNotKnowIsRefused) {
  FlowBench bench;
  bench.bring_up();
  bench.book.forget();
  expect_refused(bench, "LINK_UNPROVEN");
}

/// Accepting what no digest takes does not accept a table that nobody could read.
TEST(SabotagedStop, ATableThatIsGoneAtTheCutProvesNothing) {
  FlowBench bench;
  bench.bring_up();
  fill(bench, 5);
  fakes::Fault drop;
  drop.cluster = "east";
  drop.method = "ticdc.pause";
  drop.before = [&] {
    bench.inner.with("west", [](ClusterState& cluster) { cluster.tables.erase(kOrders); });
  };
  bench.world.arm(drop);
  const EndOfRun end =
      bench.run(bench.plan("group.stop", with(open({"all"}), {{"accept_unproven", true}})));
  ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_EQ(only_certificate(bench).at("proof"), false);
  EXPECT_EQ(only_certificate(bench).at("verdict"), "incomplete");
  EXPECT_EQ(feeds(bench, "stopped"), 2U);
}

// --- death

/// Dies at every `stride`th write, beginning with `first`.
void die_everywhere(Death when, const Json& args, std::int64_t first = 1, std::int64_t stride = 1) {
  for (std::int64_t n = first;; n += stride) {
    SCOPED_TRACE(describe(fakes::die(when, n)));
    FlowBench bench;
    bench.bring_up();
    fill(bench, 5);
    const Plan plan = bench.plan("group.stop", args);
    if (!bench.run_dying(plan, fakes::die(when, n))) {
      EXPECT_GT(n, 40) << "so few journal writes cannot be all";
      return;
    }
    expect_stopped(bench, bench.run(plan));
    if (testing::Test::HasFailure()) return;
  }
}

TEST(GroupStopDies, FinishesWhereverTheDaemonDiesBeforeAWrite) {
  die_everywhere(Death::before_write, open({"all"}));
}
TEST(GroupStopDies, FinishesWhereverTheDaemonDiesAfterAWrite) {
  die_everywhere(Death::after_write, open({"all"}), 2, 3);
}
TEST(GroupStopDies, FinishesWhenGatesStayClosed) {
  die_everywhere(Death::before_write, open({"east"}), 3, 5);
}

TEST(GroupStopDies, WithDifferencesItNeverRemovesAFeedWhereverItDies) {
  for (std::int64_t n = 1;; n += 4) {
    SCOPED_TRACE(describe(fakes::die(Death::before_write, n)));
    FlowBench bench;
    bench.bring_up();
    fill(bench, 5);
    fakes::Fault lose;
    lose.cluster = "east";
    lose.method = "ticdc.pause";
    lose.before = [&] {
      bench.inner.with("west", [](ClusterState& cluster) { cluster.rows[kOrders].erase("3"); });
    };
    bench.world.arm(lose);
    const Plan plan = bench.plan("group.stop", open({"all"}));
    if (!bench.run_dying(plan, fakes::die(Death::before_write, n))) return;
    const EndOfRun end = bench.run(plan);
    EXPECT_EQ(feeds(bench, ""), 2U) << end.journal;
    for (const auto& [id, certificate] : bench.certificates.all())
      EXPECT_EQ(certificate.at("proof"), false) << end.journal;
    EXPECT_TRUE(bench.inner.all_gates_open()) << end.journal;
    if (testing::Test::HasFailure()) return;
  }
}

TEST(GroupStartDies, FinishesWhereverTheDaemonDies) {
  for (std::int64_t n = 1;; n += 2) {
    SCOPED_TRACE(describe(fakes::die(Death::before_write, n)));
    FlowBench bench;
    bench.bring_up();
    const EndOfRun stop =
        bench.run(bench.plan("group.stop", with(open({"east"}), {{"keep_feeds_paused", true}})));
    ASSERT_EQ(stop.state(), OperationState::succeeded) << stop.journal;
    const Plan plan = bench.plan("group.start");
    if (!bench.run_dying(plan, fakes::die(Death::before_write, n))) return;
    const EndOfRun end = bench.run(plan);
    ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal;
    EXPECT_EQ(feeds(bench, "normal"), 2U) << end.journal;
    EXPECT_TRUE(bench.inner.all_gates_open()) << end.journal;
    if (testing::Test::HasFailure()) return;
  }
}

/// What it had opened is open, and the note gone, when the stage is taken anew.
TEST(GroupStartDies, FinishesAfterAnyChangeOfATokenRow) {
  for (int nth = 1;; ++nth) {
    SCOPED_TRACE(nth);
    FlowBench bench;
    bench.bring_up();
    const EndOfRun stop =
        bench.run(bench.plan("group.stop", with(open({"east"}), {{"keep_feeds_paused", true}})));
    ASSERT_EQ(stop.state(), OperationState::succeeded) << stop.journal;
    const Plan plan = bench.plan("group.start");
    fakes::Fault crash;
    crash.cluster = "west";
    crash.method = "tidb.replace_token";
    crash.nth = nth;
    crash.effect = fakes::Effect::crash_after;
    bench.world.arm(crash);
    bool died = false;
    try {
      bench.run(plan);
    } catch (const SimulatedCrash&) {
      died = true;
    }
    bench.world.disarm();
    if (!died) {
      EXPECT_GT(nth, 2) << "no gate was opened";
      return;
    }
    const EndOfRun end = bench.run(plan);
    ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal;
    EXPECT_TRUE(bench.inner.all_gates_open()) << end.journal;
  }
}

}  // namespace
}  // namespace bdrmesh::flows
