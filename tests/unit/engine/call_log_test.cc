#include "engine/call_log.h"

#include <gtest/gtest.h>

#include "engine/due_times.h"

namespace bdrmesh {
namespace {

CallRecord call(const std::string& what, int at = 0, const std::string& answer = "ok") {
  return {"op1", "0.0", "verify", from_millis(at), "tidb east", what, Millis{1}, answer, 0};
}

std::int64_t counted(const std::vector<CallRecord>& calls) {
  std::int64_t all = 0;
  for (const auto& each : calls) all += 1 + each.left_out;
  return all;
}

TEST(CallLog, KeepsTheFirstAndTheLastOfIdenticalCalls) {
  CallLog log;
  for (int i = 0; i < 1000; ++i) log.add(call("read", i));
  const auto calls = log.take();
  ASSERT_EQ(calls.size(), 1 + CallLog::kLastKept);
  EXPECT_EQ(calls[0].at, from_millis(0));
  EXPECT_EQ(calls[1].at, from_millis(997));
  EXPECT_EQ(calls.back().at, from_millis(999));
  EXPECT_EQ(calls[0].left_out, 996);
  EXPECT_EQ(counted(calls), 1000);
}

TEST(CallLog, TellsCallsApartByAnswerTargetAndName) {
  CallLog log;
  for (int i = 0; i < 50; ++i) {
    log.add(call("read", i));
    log.add(call("read", i, "TIDB_UNREACHABLE"));
    log.add(call("write", i));
  }
  const auto calls = log.take();
  EXPECT_EQ(calls.size(), 3 * (1 + CallLog::kLastKept));
  EXPECT_EQ(counted(calls), 150);
}

TEST(CallLog, AddsUpWhatAnotherLogHasCounted) {
  CallLog inner;
  for (int i = 0; i < 10; ++i) inner.add(call("read", i));
  CallLog outer;
  for (int i = 0; i < 3; ++i) {
    for (const auto& each : inner.take()) outer.add(each);
    for (int k = 0; k < 10; ++k) inner.add(call("read", 100 * i + k));
  }
  EXPECT_EQ(counted(outer.take()), 30);
}

TEST(CallLog, StaysSmallWhateverComes) {
  CallLog log;
  for (int i = 0; i < 5000; ++i) log.add(call("read " + std::to_string(i), i));
  const auto calls = log.take();
  EXPECT_LE(calls.size(), CallLog::kMost);
  EXPECT_EQ(counted(calls), 5000);
  EXPECT_EQ(calls.front().what, "read 0");
  EXPECT_EQ(calls.back().what, "read 4999");
}

TEST(CallLog, IsEmptyOnceTaken) {
  CallLog log;
  log.add(call("read"));
  EXPECT_EQ(log.take().size(), 1U);
  EXPECT_TRUE(log.take().empty());
}

TEST(DueTimes, GivesWhatIsDueOnceAndInOrder) {
  const MonoTime zero{};
  DueTimes due;
  EXPECT_EQ(due.next(), MonoTime::max());
  due.set("late", zero + Millis{30});
  due.set("soon", zero + Millis{10});
  due.set("never", MonoTime::max());
  due.set("late", zero + Millis{20});  // replaces
  due.set("gone", zero + Millis{1});
  due.forget("gone");
  EXPECT_EQ(due.next(), zero + Millis{10});
  EXPECT_EQ(due.take_due(zero + Millis{5}).size(), 0U);
  EXPECT_EQ(due.take_due(zero + Millis{25}), (std::vector<std::string>{"soon", "late"}));
  EXPECT_EQ(due.next(), MonoTime::max());
}

}  // namespace
}  // namespace bdrmesh
