#include "app/cli/render/narrator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bdrmesh {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Json step(const std::string& state, const Json& waiting = {}) {
  return {{"name", "drain"}, {"state", state}, {"waiting_for", waiting}};
}

Json operation(const Json& first, const Json& second) {
  return {
      {"state", "running"},
      {"line",
       {{"crossed_when", "the first job is synced"}, {"crossed", false}, {"evidence", nullptr}}},
      {"stages",
       {{{"name", "close"}, {"steps", {first, first}}}, {{"name", "change"}, {"steps", {second}}}}},
      {"events", Json::array()}};
}

const WallTime kNow = from_rfc3339("2026-11-21T10:00:00.000Z");

TEST(Narrator, TellsEachStageOnce) {
  Narrator narrator;
  EXPECT_THAT(narrator.tell(operation(step("pending"), step("pending")), kNow), IsEmpty());
  EXPECT_THAT(narrator.tell(operation(step("started"), step("pending")), kNow),
              ElementsAre("[1/2] close (2 steps)"));
  EXPECT_THAT(narrator.tell(operation(step("started"), step("pending")), kNow), IsEmpty());
  EXPECT_THAT(narrator.tell(operation(step("done"), step("started")), kNow),
              ElementsAre("[2/2] change (1 step)"));
}

TEST(Narrator, TellsStagesThatWerePassedBetweenTwoLooks) {
  Narrator narrator;
  EXPECT_THAT(narrator.tell(operation(step("done"), step("done")), kNow),
              ElementsAre("[1/2] close (2 steps)", "[2/2] change (1 step)"));
}

TEST(Narrator, TellsThePointOfNoReturnOnce) {
  Narrator narrator;
  Json crossed = operation(step("pending"), step("pending"));
  crossed["line"]["crossed"] = true;
  EXPECT_THAT(narrator.tell(crossed, kNow),
              ElementsAre("── point of no return crossed: the first job is synced"));
  EXPECT_THAT(narrator.tell(crossed, kNow), IsEmpty());
}

TEST(Narrator, TellsWarningsOnceAndNoInformation) {
  Narrator narrator;
  Json told = operation(step("pending"), step("pending"));
  told["events"] = {{{"at", "t1"}, {"severity", "info"}, {"text", "fine"}},
                    {{"at", "t1"}, {"severity", "warning"}, {"text", "careful"}}};
  EXPECT_THAT(narrator.tell(told, kNow), ElementsAre("warning: careful"));
  EXPECT_THAT(narrator.tell(told, kNow), IsEmpty());
}

TEST(Narrator, TellsWhatIsWaitedForAfterAWhile) {
  Narrator narrator;
  const Json waiting = operation(step("started", "checkpoint of east"), step("pending"));
  narrator.tell(waiting, kNow);
  EXPECT_THAT(narrator.tell(waiting, kNow + Millis{1000}), IsEmpty());
  EXPECT_THAT(narrator.tell(waiting, kNow + Millis{2000}),
              ElementsAre("  drain waits for checkpoint of east"));
  EXPECT_THAT(narrator.tell(waiting, kNow + Millis{9000}), IsEmpty());
}

TEST(Narrator, TellsWhyItUndoes) {
  Narrator narrator;
  Json undone = operation(step("pending"), step("pending"));
  undone["state"] = "compensating";
  undone["error"] = {{"code", "GATE_OPENED"}, {"text", "somebody opened it"}};
  EXPECT_THAT(narrator.tell(undone, kNow),
              ElementsAre("undoing what was done: (GATE_OPENED) somebody opened it"));
  EXPECT_THAT(narrator.tell(undone, kNow), IsEmpty());
}

TEST(Narrator, TellsOfTheQueueOnlyWhenItLasts) {
  Narrator narrator;
  Json queued{{"state", "queued"}, {"created", "2026-11-21T10:00:00.000Z"}};
  EXPECT_THAT(narrator.tell(queued, kNow + Millis{500}), IsEmpty());
  EXPECT_THAT(narrator.tell(queued, kNow + Millis{3000}),
              ElementsAre("in the queue: waits for another operation on the same clusters"));
  EXPECT_THAT(narrator.tell(queued, kNow + Millis{4000}), IsEmpty());
}

TEST(Narrator, TellsEveryEventWithItsTimeWhereNobodyDrawsStages) {
  Narrator narrator(Narrator::Tells::everything);
  Json told = operation(step("started"), step("pending"));
  told["events"] = {{{"number", 1}, {"at", "t1"}, {"severity", "info"}, {"text", "stage begins"}}};
  EXPECT_THAT(narrator.tell(told, kNow), ElementsAre("t1 stage begins"));
  EXPECT_EQ(narrator.tell_event(told["events"][0]), "") << "heard again by the stream";
}

TEST(PauseClock, RunsWhileAGateIsClosed) {
  Json paused{
      {"pause", {{"started", "2026-11-21T10:00:00.000Z"}, {"ended", nullptr}, {"limit_ms", 5000}}}};
  EXPECT_EQ(Narrator::pause_clock(paused, kNow + Millis{1234}), "writes paused for 1.2 s of 5.0 s");
  EXPECT_EQ(Narrator::pause_clock(paused, kNow - Millis{50}), "writes paused for 0 ms of 5.0 s")
      << "another machine's clock";
  paused["pause"]["ended"] = "2026-11-21T10:00:01.000Z";
  EXPECT_EQ(Narrator::pause_clock(paused, kNow), "");
  EXPECT_EQ(Narrator::pause_clock(Json{{"pause", nullptr}}, kNow), "");
}

TEST(Times, AreReadBack) {
  EXPECT_EQ(to_rfc3339(from_rfc3339("2026-11-21T03:04:05.678Z")), "2026-11-21T03:04:05.678Z");
  EXPECT_EQ(from_rfc3339("soon"), WallTime{});
}

}  // namespace
}  // namespace bdrmesh
