// Every kind of operation meets a full disk at every write of its journal.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "flows/every_kind/kinds.h"
#include "flows/every_kind/sample.h"
#include "flows/every_kind/trial.h"

namespace bdrmesh::flows {
namespace {

using fakes::EndOfRun;
using ::testing::IsEmpty;

/// As the store says it.
[[noreturn]] void disk_is_full() {
  throw Error(ErrorKind::precondition, "STATE_UNUSABLE", "the state file: database or disk is full",
              "make room on its disk");
}

class EveryKindDisk : public EveryKindTest {
 protected:
  /// From that write on `times` writes fail.
  void fail_at_every_write(int times, std::size_t wanted) {
    const std::int64_t writes = clean_run(kind()).writes;
    for (const std::size_t at : sample(static_cast<std::size_t>(writes), wanted)) {
      const auto first = static_cast<std::int64_t>(at) + 1;
      SCOPED_TRACE("no room at write " + std::to_string(first));
      Trial trial(kind());
      EndOfRun end;
      try {
        end = trial.run([&](bool before, std::int64_t n) {
          if (before && n >= first && n < first + times) disk_is_full();
        });
      } catch (const Error& e) {
        EXPECT_EQ(e.code(), "STATE_UNUSABLE") << e.message();
        EXPECT_EQ(trial.operation(), "") << "refused, yet stored";
        EXPECT_EQ(trial.standing(), trial.before);
        continue;
      }
      trial.finish(end);
      if (HasFailure()) return;
    }
  }
};

TEST_P(EveryKindDisk, IsFullForOneWrite) { fail_at_every_write(1, 12); }
TEST_P(EveryKindDisk, IsFullForAWhile) { fail_at_every_write(6, 10); }

TEST_P(EveryKindDisk, IsFullUntilTheDaemonIsStartedAnew) {
  static constexpr int kEnough = 12;
  const std::int64_t writes = clean_run(kind()).writes;
  for (const std::size_t at : sample(static_cast<std::size_t>(writes - 1), 10)) {
    const auto first = static_cast<std::int64_t>(at) + 2;
    SCOPED_TRACE("no room from write " + std::to_string(first) + " on");
    Trial trial(kind());
    std::atomic<int> failed = 0;
    trial.bench.store->set_write_hook([&](bool before, std::int64_t n) {
      if (!before || n < first) return;
      ++failed;
      disk_is_full();
    });
    {
      Life life(trial.bench);
      life.runner().start();
      SubmitRequest request;
      request.plan = trial.plan;
      request.idempotency_key = "the one operation of this trial";
      const std::string id = life.runner().submit(request);
      while (failed < kEnough && !life.runner().wait(id, Millis{1})) {
      }
    }
    trial.bench.store->set_write_hook({});
    EXPECT_THAT(trial.forgotten_gates(), IsEmpty()) << trial.bench.inner.diary_text();
    trial.restart_and_finish();
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, EveryKindDisk, testing::ValuesIn(names_of_cases()), kind_name);

}  // namespace
}  // namespace bdrmesh::flows
