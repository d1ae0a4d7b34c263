// Locks and the queue for them, as rows.
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "store/state_store.h"

namespace bdrmesh {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class LockQueueTest : public testing::Test {
 protected:
  void add(const std::string& id, const std::vector<std::string>& locks, bool wait = true) {
    OperationRecord record;
    record.id = id;
    record.title = "title of " + id;
    record.created = from_millis(++now);
    store->add_operation(record, locks, {}, wait ? WhenLocked::wait : WhenLocked::refuse);
  }
  void become(const std::string& id, OperationState state, bool line_crossed = false) {
    TickWrite tick;
    tick.operation = id;
    tick.header = store->operation(id);
    tick.header->state = state;
    tick.header->line_crossed = line_crossed;
    if (is_final(state)) tick.header->ended = from_millis(++now);
    store->write_tick(tick);
  }
  void end(const std::string& id) { become(id, OperationState::succeeded); }
  std::string holder_of(const std::string& name) {
    for (const auto& lock : store->locks()) {
      if (lock.name == name) return lock.operation;
    }
    return "nobody";
  }
  Error refusal_of(const std::vector<std::string>& locks) {
    try {
      add("refused", locks, false);
    } catch (const Error& error) {
      return error;
    }
    return {ErrorKind::bug, "NO_ERROR", "it got the locks"};
  }

  std::unique_ptr<StateStore> store = StateStore::in_memory();
  std::int64_t now = 1'790'000'000'000;
};

TEST_F(LockQueueTest, GivesFreeLocksAtOnce) {
  add("a", {"east", "west"});
  EXPECT_EQ(holder_of("east"), "a");
  EXPECT_THAT(store->waiting_operations(), IsEmpty());
  EXPECT_THAT(store->lock_waits("a"), IsEmpty());
}

TEST_F(LockQueueTest, PassesLocksOnInTheWriteThatEndsTheHolder) {
  add("a", {"east"});
  add("b", {"east", "west"});
  add("c", {"west"});
  EXPECT_THAT(store->waiting_operations(), ElementsAre("b", "c"));
  EXPECT_EQ(holder_of("west"), "nobody") << "all of its locks or none";
  end("a");
  EXPECT_EQ(holder_of("east"), "b");
  EXPECT_EQ(holder_of("west"), "b");
  EXPECT_THAT(store->waiting_operations(), ElementsAre("c"));
  end("b");
  EXPECT_EQ(holder_of("west"), "c");
}

TEST_F(LockQueueTest, LetsThoseThroughWhoMeetNobody) {
  add("a", {"east"});
  add("b", {"east"});
  add("c", {"north"});
  EXPECT_EQ(holder_of("north"), "c");
  EXPECT_THAT(store->waiting_operations(), ElementsAre("b"));
}

TEST_F(LockQueueTest, GivesSeveralWhatOneReleases) {
  add("a", {"east", "west"});
  add("b", {"east"});
  add("c", {"west"});
  end("a");
  EXPECT_EQ(holder_of("east"), "b");
  EXPECT_EQ(holder_of("west"), "c");
}

TEST_F(LockQueueTest, ForgetsWhoLeavesTheQueue) {
  add("a", {"east"});
  add("b", {"east", "west"});
  add("c", {"west"});
  become("b", OperationState::cancelled);
  EXPECT_EQ(holder_of("west"), "c");
  EXPECT_EQ(holder_of("east"), "a");
  end("a");
  EXPECT_THAT(store->locks(), testing::SizeIs(1));
}

TEST_F(LockQueueTest, SaysForWhomSomebodyWaits) {
  add("a", {"east"});
  add("b", {"east", "west"});
  add("c", {"west"});
  const auto waits = store->lock_waits("c");
  ASSERT_EQ(waits.size(), 1U);
  EXPECT_EQ(waits[0].name, "west");
  EXPECT_EQ(waits[0].holder, "b");
  EXPECT_EQ(waits[0].holder_state, OperationState::queued);
  EXPECT_EQ(store->lock_waits("b").at(0).holder, "a");
  EXPECT_EQ(store->lock_waits("b").at(0).holder_title, "title of a");
}

TEST_F(LockQueueTest, RefusalsNameTheHolderAndHowToEndIt) {
  add("a", {"east"});
  become("a", OperationState::running);
  Error error = refusal_of({"east"});
  EXPECT_EQ(error.code(), "LOCKED");
  EXPECT_EQ(error.message(), "east is locked by operation a (title of a), running, since " +
                                 to_rfc3339(store->locks().at(0).since));
  EXPECT_THAT(error.remedy(), HasSubstr("bdrmesh op watch a"));
  EXPECT_THAT(error.remedy(), HasSubstr("bdrmesh op cancel a"));
  EXPECT_THAT(error.remedy(), HasSubstr("--queue"));

  become("a", OperationState::running, true);
  EXPECT_THAT(refusal_of({"east"}).remedy(), testing::Not(HasSubstr("cancel")));

  become("a", OperationState::blocked, true);
  error = refusal_of({"east"});
  EXPECT_THAT(error.message(), HasSubstr("blocked"));
  EXPECT_THAT(error.remedy(), HasSubstr("bdrmesh op resume a"));
  EXPECT_THAT(error.remedy(), testing::Not(HasSubstr("cancel")));
  EXPECT_FALSE(store->find_operation("refused"));
}

TEST_F(LockQueueTest, ANameTwiceIsOneLock) {
  add("a", {"east", "east"});
  add("b", {"east", "east"});
  end("a");
  EXPECT_EQ(holder_of("east"), "b");
}

TEST_F(LockQueueTest, KeepsCallsInTheirOrder) {
  add("a", {});
  TickWrite tick;
  tick.operation = "a";
  for (const int at : {5, 3, 4}) {
    tick.calls.push_back({"a", "0.0", "execute", from_millis(at), "tidb east", "read", Millis{7},
                          "TIDB_REFUSED 1105", at});
  }
  store->write_tick(tick);
  const auto calls = store->calls("a");
  ASSERT_EQ(calls.size(), 3U);
  EXPECT_EQ(calls[0].at, from_millis(3));
  EXPECT_EQ(calls[2].at, from_millis(5));
  EXPECT_EQ(calls[2].left_out, 5);
  EXPECT_EQ(calls[2].answer, "TIDB_REFUSED 1105");
  EXPECT_EQ(calls[2].during, "execute");
  EXPECT_THAT(store->calls("b"), IsEmpty());
}

TEST_F(LockQueueTest, KeepsTheDeadline) {
  OperationRecord record;
  record.id = "a";
  record.deadline = from_millis(77);
  store->add_operation(record, {}, {});
  EXPECT_EQ(store->operation("a").deadline, from_millis(77));
}

}  // namespace
}  // namespace bdrmesh
