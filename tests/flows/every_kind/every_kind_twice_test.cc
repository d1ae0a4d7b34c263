// Every kind of operation is taken over by a newer daemon at every journal write; the old one, when
// it wakes, changes nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <semaphore>

#include "flows/every_kind/kept_states.h"
#include "flows/every_kind/kinds.h"
#include "flows/every_kind/sample.h"
#include "flows/every_kind/trial.h"

namespace bdrmesh::flows {
namespace {

using fakes::EndOfRun;

/// Holds the thread that is about to make a certain write, as a suspended process would stand.
class Suspension {
 public:
  explicit Suspension(std::int64_t write) : write_(write) {}

  StateStore::WriteHook hook() {
    return [this](bool before, std::int64_t n) {
      if (!before || n != write_) return;
      reached_.release();
      go_on_.acquire();
    };
  }
  /// @return false when the operation came to rest before
  bool await(Life& life, const std::string& operation) {
    while (!reached_.try_acquire_for(std::chrono::milliseconds{1})) {
      if (life.runner().wait(operation, Millis{0})) return reached_.try_acquire();
    }
    return true;
  }
  void go_on() { go_on_.release(); }

 private:
  std::int64_t write_;
  std::binary_semaphore reached_{0};
  std::binary_semaphore go_on_{0};
};

class EveryKindTwice : public EveryKindTest {
 protected:
  using NewState = std::function<std::unique_ptr<StateStore>(KeptStates&)>;

  void take_over_at_every_write(const NewState& new_state) {
    const std::int64_t writes = clean_run(kind()).writes;
    for (const std::size_t at : sample(static_cast<std::size_t>(writes - 1), 12)) {
      const auto write = static_cast<std::int64_t>(at) + 2;  // the first one stores the request
      SCOPED_TRACE("taken over at write " + std::to_string(write));
      take_over_at(write, new_state);
      if (HasFailure()) return;
    }
  }

 private:
  void take_over_at(std::int64_t write, const NewState& new_state) {
    KeptStates kept;
    Trial trial(kind(), kept.open());
    StateStore& old_store = *trial.bench.store;
    Suspension suspension(write);
    old_store.set_write_hook(suspension.hook());
    Life old(trial.bench);
    old.runner().start();
    SubmitRequest request;
    request.plan = trial.plan;
    request.idempotency_key = "the one operation of this trial";
    const std::string id = old.runner().submit(request);
    if (!suspension.await(old, id)) return;
    calls_under_way_end(trial);

    const std::unique_ptr<StateStore> kept_old = std::exchange(trial.bench.store, new_state(kept));
    EndOfRun end;
    {
      Life next(trial.bench);
      next.runner().start();
      end = next.wait(id);
    }
    trial.finish(end);
    const Json after = trial.standing();
    const std::size_t acts = trial.bench.inner.diary().size();

    // It slept for longer than a look at the token row lets a change leave.
    trial.bench.clock.advance(kTokenLease + Millis{1});
    old.turn_clock();
    suspension.go_on();
    const bool rests = old.runner().wait(id, fakes::kRealLimit);
    EXPECT_TRUE(rests || old.runner().crashed()) << fakes::journal_of(old_store, id);
    EXPECT_EQ(trial.standing(), after) << Json::diff(after, trial.standing());
    std::string late;
    const auto diary = trial.bench.inner.diary();
    for (std::size_t i = acts; i < diary.size(); ++i)
      late += diary[i].cluster + " " + diary[i].what + " " + diary[i].detail + "\n";
    EXPECT_EQ(late, "") << "the old one has changed this\n" << fakes::journal_of(old_store, id);
    old_store.set_write_hook({});
  }

  /// A suspended process has no calls under way that still do something: those are another test's.
  static void calls_under_way_end(const Trial& trial) {
    std::size_t seen = 0;
    for (int quiet = 0; quiet < 4;) {
      const std::size_t calls = trial.bench.world.calls().size();
      quiet = calls == seen ? quiet + 1 : 0;
      seen = calls;
      std::binary_semaphore(0).try_acquire_for(std::chrono::milliseconds{1});
    }
  }
};

TEST_P(EveryKindTwice, OnTheSameStateFile) {
  take_over_at_every_write([](KeptStates& kept) { return kept.open_taken(); });
}

TEST_P(EveryKindTwice, OnACopyOfTheStateFile) {
  take_over_at_every_write([](KeptStates& kept) {
    kept.keep(0);
    return kept.restored(0);
  });
}

INSTANTIATE_TEST_SUITE_P(Kinds, EveryKindTwice, testing::ValuesIn(names_of_cases()), kind_name);

}  // namespace
}  // namespace bdrmesh::flows
