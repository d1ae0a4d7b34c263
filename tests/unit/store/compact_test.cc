// What compacting drops, what it keeps, and when it refuses.
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "store/state_file.h"
#include "unit/store/temporary_folder.h"

namespace bdrmesh {
namespace {

using testing::HasSubstr;

constexpr WallTime kNow{Millis{1'790'000'000'000}};
constexpr Millis kDay{86'400'000};

class CompactTest : public testing::Test {
 protected:
  std::unique_ptr<StateStore> open(const std::string& holder = "process 7 on tester") {
    return StateStore::open({path, {}, holder});
  }
  static void add(StateStore& store, const std::string& id, OperationState state, WallTime at) {
    OperationRecord record;
    record.id = id;
    record.kind = "toy";
    record.title = "a test";
    record.created = at;
    StepRecord step;
    step.operation = id;
    step.step = "0.0";
    step.name = "set:a";
    store.add_operation(record, {}, {step});
    TickWrite tick;
    tick.operation = id;
    tick.facts = {{id, "fence", "", true, "0.0", 1}};
    tick.calls = {{id, "0.0", "verify", at, "tidb east", "read", Millis{1}, "ok", 0}};
    for (int i = 0; i < 100; ++i) {
      tick.events.push_back({0, at, "info", id, "", std::string(500, 'x')});
    }
    tick.header = store.operation(id);
    tick.header->state = state;
    if (is_final(state)) tick.header->ended = at;
    store.write_tick(tick);
  }
  std::string code_of_compact() {
    try {
      compact_state_file(path, kNow, kNow);
    } catch (const Error& error) {
      text = error.message();
      return error.code();
    }
    return "no error";
  }

  TemporaryFolder folder;
  std::string path = folder.file("state.db");
  std::string text;
};

TEST_F(CompactTest, DropsWhatOldOperationsDid) {
  {
    const auto store = open();
    add(*store, "old", OperationState::succeeded, kNow - 100 * kDay);
    add(*store, "young", OperationState::reverted, kNow - 10 * kDay);
    add(*store, "stuck", OperationState::blocked, kNow - 100 * kDay);
    store->add_event({0, kNow - 100 * kDay, "info", "", "east", "an old thing"});
    store->add_event({0, kNow - 1 * kDay, "info", "", "east", "a young thing"});
    store->put_document({"certificate", "c", kNow - 100 * kDay, 1});
    store->put_incarnation({"g", "a", "b", 1, "f", 1, 2, "created"});
  }
  const CompactReport report = compact_state_file(path, kNow - 90 * kDay, kNow);
  EXPECT_EQ(report.dropped.operations, 1);
  EXPECT_EQ(report.dropped.events, 101);
  EXPECT_EQ(report.dropped.calls, 1);
  EXPECT_LT(report.bytes_after, report.bytes_before);
  const auto store = open();
  EXPECT_EQ(store->operation("old").state, OperationState::succeeded) << "that it was stays";
  EXPECT_TRUE(store->steps("old").empty());
  EXPECT_TRUE(store->facts("old").empty());
  EXPECT_TRUE(store->calls("old").empty());
  ASSERT_EQ(store->operation_events("old").size(), 1U);
  EXPECT_THAT(store->operation_events("old")[0].text, HasSubstr("dropped by state compact"));
  for (const char* kept : {"young", "stuck"}) {
    EXPECT_EQ(store->steps(kept).size(), 1U);
    EXPECT_EQ(store->facts(kept).size(), 1U);
    EXPECT_EQ(store->calls(kept).size(), 1U);
    EXPECT_EQ(store->operation_events(kept).size(), 100U);
  }
  EXPECT_TRUE(store->document("certificate", "c").has_value());
  EXPECT_EQ(store->incarnations("g").size(), 1U);
}

TEST_F(CompactTest, SaysItOnceHoweverOftenItRuns) {
  add(*open(), "old", OperationState::succeeded, kNow - 100 * kDay);
  compact_state_file(path, kNow, kNow);
  EXPECT_EQ(compact_state_file(path, kNow, kNow).dropped.operations, 0);
  EXPECT_EQ(open()->operation_events("old").size(), 1U);
}

TEST_F(CompactTest, RefusesWhileADaemonHoldsTheFile) {
  const auto store = open();
  EXPECT_EQ(code_of_compact(), "STATE_HELD");
  EXPECT_THAT(text, HasSubstr("process 7 on tester"));
}

TEST_F(CompactTest, RefusesWhatIsNoStateFile) {
  EXPECT_EQ(code_of_compact(), "STATE_ABSENT");
  std::ofstream(path) << std::string(8192, 'x');
  EXPECT_EQ(code_of_compact(), "STATE_CORRUPT");
}

TEST_F(CompactTest, RefusesADamagedFile) {
  {
    const auto store = open();
    for (int i = 0; i < 2000; ++i)
      store->add_event({0, kNow, "info", "", "", std::string(200, 'x')});
  }
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(40 * 4096);
  file << std::string(std::size_t{40} * 4096, '\x5a');
  file.close();
  EXPECT_EQ(code_of_compact(), "STATE_DAMAGED");
}

}  // namespace
}  // namespace bdrmesh
