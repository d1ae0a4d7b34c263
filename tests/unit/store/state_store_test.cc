#include "store/state_store.h"

#include <atomic>
#include <chrono>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>

#include "base/error.h"

namespace bdrmesh {
namespace {

using testing::HasSubstr;

OperationRecord operation(const std::string& id, const std::string& key = {}) {
  OperationRecord record;
  record.id = id;
  record.kind = "ddl.paused";
  record.title = "add a column";
  record.plan = {{"stages", Json::array()}};
  record.requested_by = "anna";
  record.idempotency_key = key;
  record.created = from_millis(1000);
  return record;
}

StepRecord step(const std::string& op, const std::string& id) {
  StepRecord record;
  record.operation = op;
  record.step = id;
  record.name = "step " + id;
  return record;
}

EventRecord event(const std::string& text, const std::string& op = {}) {
  return {0, from_millis(5), "info", op, "east", text};
}

std::string code_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  return "no error";
}

class StateStoreTest : public testing::Test {
 protected:
  std::unique_ptr<StateStore> store = StateStore::in_memory();
};

TEST_F(StateStoreTest, GivesBackAnOperationAsItWasStored) {
  EXPECT_EQ(store->add_operation(operation("op1", "k"), {"cluster:east"}, {step("op1", "0.0")}),
            "op1");
  const OperationRecord read = store->operation("op1");
  EXPECT_EQ(read.kind, "ddl.paused");
  EXPECT_EQ(read.state, OperationState::queued);
  EXPECT_EQ(read.plan, operation("op1").plan);
  EXPECT_EQ(read.requested_by, "anna");
  EXPECT_EQ(read.created, from_millis(1000));
  EXPECT_FALSE(read.pause_started || read.pause_ended || read.ended);
  EXPECT_TRUE(read.undo_cause.is_null());
  ASSERT_EQ(store->steps("op1").size(), 1U);
  EXPECT_EQ(store->steps("op1")[0].state, StepState::pending);
  ASSERT_EQ(store->locks().size(), 1U);
  EXPECT_EQ(store->locks()[0].operation, "op1");
}

TEST_F(StateStoreTest, ReadsHeadersWithoutPlansAndNewestFirst) {
  store->add_operation(operation("op1"), {}, {step("op1", "0.0")});
  store->add_operation(operation("op2"), {}, {});
  const auto headers = store->operation_headers(10);
  ASSERT_EQ(headers.size(), 2U);
  EXPECT_EQ(headers[0].id, "op2");
  EXPECT_EQ(headers[1].title, "add a column");
  EXPECT_EQ(headers[1].created, from_millis(1000));
  EXPECT_TRUE(headers[1].plan.is_null());
  EXPECT_EQ(store->operation_headers(1).size(), 1U);
}

TEST_F(StateStoreTest, ReadsAnOperationAsOfOneMoment) {
  store->add_operation(operation("op1"), {}, {step("op1", "0.0")});
  TickWrite tick;
  tick.operation = "op1";
  tick.facts = {{"op1", "fence", "east", false, "0.0", Json(99)}};
  tick.events = {event("done", "op1")};
  store->write_tick(tick);
  const WholeOperation whole = store->whole_operation("op1");
  EXPECT_EQ(whole.record.plan, operation("op1").plan);
  EXPECT_EQ(whole.steps.size(), 1U);
  EXPECT_EQ(whole.facts.size(), 1U);
  EXPECT_EQ(whole.events.size(), 1U);
  EXPECT_EQ(code_of([&] { (void)store->whole_operation("op2"); }), "UNKNOWN_OPERATION");
  store->write_tick(tick);  // no transaction was left open
}

TEST_F(StateStoreTest, KeepsStepsInTheOrderOfThePlan) {
  std::vector<StepRecord> steps;
  for (int i = 0; i < 12; ++i) steps.push_back(step("op1", "0." + std::to_string(i)));
  store->add_operation(operation("op1"), {}, steps);
  EXPECT_EQ(store->steps("op1").at(2).step, "0.2");
  EXPECT_EQ(store->steps("op1").at(10).step, "0.10");
}

TEST_F(StateStoreTest, WritesATickAsAWhole) {
  store->add_operation(operation("op1"), {"a", "b"}, {step("op1", "0.0"), step("op1", "0.1")});
  TickWrite tick;
  tick.operation = "op1";
  tick.steps = {step("op1", "0.1")};
  tick.steps[0].state = StepState::done;
  tick.steps[0].started = from_millis(7);
  tick.facts = {{"op1", "fence", "east", false, "0.1", Json(99)}};
  tick.events = {event("done", "op1")};
  tick.header = operation("op1");
  tick.header->state = OperationState::running;
  tick.header->pause_started = from_millis(8);
  tick.header->line_crossed = true;
  tick.header->line_evidence = "synced";
  tick.header->undo_cause = {{"code", "X"}};
  store->write_tick(tick);
  EXPECT_EQ(store->steps("op1")[0].state, StepState::pending);
  EXPECT_EQ(store->steps("op1")[1].state, StepState::done);
  EXPECT_EQ(store->steps("op1")[1].started, from_millis(7));
  ASSERT_EQ(store->facts("op1").size(), 1U);
  EXPECT_EQ(store->facts("op1")[0].value, Json(99));
  EXPECT_FALSE(store->facts("op1")[0].durable);
  EXPECT_EQ(store->operation_events("op1").size(), 1U);
  const OperationRecord read = store->operation("op1");
  EXPECT_EQ(read.state, OperationState::running);
  EXPECT_EQ(read.pause_started, from_millis(8));
  EXPECT_EQ(read.undo_cause.value("code", ""), "X");
  EXPECT_EQ(store->locks().size(), 2U);
}

TEST_F(StateStoreTest, NeverTakesBackACrossedLineNorAWishToCancel) {
  store->add_operation(operation("op1"), {}, {});
  store->request_cancel("op1");
  TickWrite tick;
  tick.operation = "op1";
  tick.header = operation("op1");
  tick.header->line_crossed = true;
  store->write_tick(tick);
  tick.header->line_crossed = false;
  tick.header->cancel_requested = false;
  store->write_tick(tick);
  EXPECT_TRUE(store->operation("op1").line_crossed);
  EXPECT_TRUE(store->operation("op1").cancel_requested);
}

TEST_F(StateStoreTest, ForgetsTheFactsOfAStepBeforeItWritesNewOnes) {
  store->add_operation(operation("op1"), {}, {});
  TickWrite tick;
  tick.operation = "op1";
  tick.facts = {{"op1", "fence", "east", false, "1.0", Json(1)},
                {"op1", "id", "", true, "0.0", Json(2)}};
  store->write_tick(tick);
  tick.forget_facts_of = {"1.0"};
  tick.facts = {{"op1", "fence", "west", false, "1.1", Json(3)}};
  store->write_tick(tick);
  const auto facts = store->facts("op1");
  ASSERT_EQ(facts.size(), 2U);
  EXPECT_EQ(facts[0].scope, "west");
  EXPECT_EQ(facts[1].name, "id");
}

TEST_F(StateStoreTest, RefusesALockNamingItsHolderAndStoresNothing) {
  store->add_operation(operation("op1"), {"cluster:east"}, {});
  try {
    store->add_operation(operation("op2"), {"cluster:west", "cluster:east"}, {});
    FAIL() << "a lock was taken twice";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "LOCKED");
    EXPECT_EQ(error.kind(), ErrorKind::conflict);
    EXPECT_THAT(error.message(), HasSubstr("op1"));
    EXPECT_THAT(error.message(), HasSubstr("cluster:east"));
  }
  EXPECT_FALSE(store->find_operation("op2"));
  EXPECT_EQ(store->locks().size(), 1U);
}

TEST_F(StateStoreTest, ReleasesTheLocksOfAnOperationThatHasEnded) {
  store->add_operation(operation("op1"), {"cluster:east"}, {});
  EXPECT_EQ(store->unfinished_operations().size(), 1U);
  TickWrite tick;
  tick.operation = "op1";
  tick.header = operation("op1");
  for (const auto state : {OperationState::running, OperationState::blocked}) {
    tick.header->state = state;
    store->write_tick(tick);
    EXPECT_EQ(store->locks().size(), 1U) << to_string(state);
  }
  tick.header->state = OperationState::reverted;
  store->write_tick(tick);
  EXPECT_TRUE(store->locks().empty());
  EXPECT_TRUE(store->unfinished_operations().empty());
  store->add_operation(operation("op2"), {"cluster:east"}, {});
  EXPECT_EQ(store->operations(10).at(0).id, "op2");
}

TEST_F(StateStoreTest, FindsAnOperationByItsIdempotencyKeyAndTakesNoSecondLock) {
  store->add_operation(operation("op1", "key"), {"cluster:east"}, {});
  EXPECT_EQ(store->add_operation(operation("op2", "key"), {"cluster:east"}, {}), "op1");
  EXPECT_EQ(store->add_operation(operation("op3"), {}, {}), "op3");
  EXPECT_EQ(store->add_operation(operation("op4"), {}, {}), "op4");
  EXPECT_EQ(store->operations(10).size(), 3U);
}

TEST_F(StateStoreTest, NamesAnOperationThatDoesNotExist) {
  EXPECT_EQ(code_of([&] { store->operation("none"); }), "UNKNOWN_OPERATION");
  EXPECT_EQ(code_of([&] { store->request_cancel("none"); }), "UNKNOWN_OPERATION");
  EXPECT_FALSE(store->find_operation("none"));
}

TEST_F(StateStoreTest, CallsTheHookAroundEveryWriteAndTheWriteHappensBetween) {
  std::vector<std::string> calls;
  store->set_write_hook([&](bool before, std::int64_t ordinal) {
    calls.push_back((before ? "before " : "after ") + std::to_string(ordinal) + " with " +
                    std::to_string(store->newest_events(10).size()));
  });
  store->add_event(event("one"));
  store->add_event(event("two"));
  EXPECT_THAT(calls, testing::ElementsAre("before 1 with 0", "after 1 with 1", "before 2 with 1",
                                          "after 2 with 2"));
}

TEST_F(StateStoreTest, ADeathBeforeAWriteLosesItAndADeathAfterKeepsIt) {
  store->set_write_hook([](bool before, std::int64_t) {
    if (before) throw SimulatedCrash{};
  });
  EXPECT_THROW(store->add_event(event("lost")), SimulatedCrash);
  store->set_write_hook([](bool before, std::int64_t) {
    if (!before) throw SimulatedCrash{};
  });
  EXPECT_THROW(store->add_event(event("kept")), SimulatedCrash);
  store->set_write_hook({});
  store->add_event(event("later"));
  ASSERT_EQ(store->newest_events(10).size(), 2U);
  EXPECT_EQ(store->newest_events(10)[1].text, "kept");
}

TEST_F(StateStoreTest, PagesThroughEvents) {
  for (int i = 1; i <= 10; ++i) store->add_event(event(std::to_string(i), i % 2 == 0 ? "op" : ""));
  const auto page = store->events(3, 4);
  ASSERT_EQ(page.size(), 4U);
  EXPECT_EQ(page[0].number, 4);
  EXPECT_EQ(page[3].text, "7");
  EXPECT_EQ(store->newest_events(2).at(0).text, "10");
  EXPECT_EQ(store->operation_events("op").size(), 5U);
}

TEST_F(StateStoreTest, KeepsIncarnationsAndDocuments) {
  IncarnationRecord link{
      "orders", "east", "west", 1, "orders-east-to-west-1", 449'000'000'000'000'000U, 5, "created"};
  store->put_incarnation(link);
  link.proven_tso = 449'000'000'000'000'001U;
  store->put_incarnation(link);
  ASSERT_EQ(store->incarnations("orders").size(), 1U);
  EXPECT_EQ(store->incarnations("orders")[0].proven_tso, 449'000'000'000'000'001U);
  EXPECT_EQ(store->incarnations("orders")[0].start_tso, 449'000'000'000'000'000U);
  EXPECT_TRUE(store->incarnations("billing").empty());

  store->put_document({"certificate", "b", from_millis(2), {{"sum", "x"}}});
  store->put_document({"certificate", "a", from_millis(3), {{"bytes", "\xff\xfe"}}});
  EXPECT_EQ(store->documents("certificate").at(0).key, "b");
  EXPECT_EQ(store->document("certificate", "b")->body.value("sum", ""), "x");
  EXPECT_TRUE(store->document("certificate", "a"));
  EXPECT_FALSE(store->document("marker", "a"));
}

TEST_F(StateStoreTest, ServesManyThreads) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([this] {
      for (int i = 0; i < 50; ++i) {
        store->add_event(event("x"));
        store->newest_events(1);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(store->events(0, 1000).size(), 400U);
}

}  // namespace
}  // namespace bdrmesh
