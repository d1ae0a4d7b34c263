// Every kind of operation is taken over by a newer daemon at every journal write: the old one, when
// it wakes, changes nothing. And it meets a daemon on a copy of its state that counts as many
// starts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <semaphore>
#include <set>

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

 protected:
  static std::string submit(const Trial& trial, Life& life) {
    SubmitRequest request;
    request.plan = trial.plan;
    request.idempotency_key = "the one operation of this trial";
    return life.runner().submit(request);
  }

  void take_over_at(std::int64_t write, const NewState& new_state) {
    KeptStates kept;
    Trial trial(kind(), kept.open());
    StateStore& old_store = *trial.bench.store;
    Suspension suspension(write);
    old_store.set_write_hook(suspension.hook());
    Life old(trial.bench);
    old.runner().start();
    const std::string id = submit(trial, old);
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

/// Of a copied state file that is started as often as the original.
class EveryKindTwin : public EveryKindTwice {
 protected:
  using Clusters = std::set<std::string>;

  static Clusters held_with(const Trial& trial, std::uint64_t epoch,
                            const std::function<bool(const std::string&)>& start) {
    Clusters held;
    for (const std::string& name : trial.bench.inner.clusters()) {
      const bool is_held = trial.bench.inner.look(name, [&](const fakes::ClusterState& cluster) {
        return cluster.token && cluster.token->epoch == epoch &&
               start(get_or<std::string>(cluster.token->remembered, "holder_start", ""));
      });
      if (is_held) held.insert(name);
    }
    return held;
  }
  static Clusters held_by(const Trial& trial, const Life& life) {
    const ManagerIdentity& one = life.identity();
    return held_with(trial, one.epoch,
                     [&](const std::string& start) { return start == one.start; });
  }
  static Clusters held_by_somebody_else(const Trial& trial, const Life& life) {
    const ManagerIdentity& one = life.identity();
    return held_with(trial, one.epoch,
                     [&](const std::string& start) { return start != one.start; });
  }

  static Clusters changed_since(const Trial& trial, std::size_t acts) {
    Clusters changed;
    const auto diary = trial.bench.inner.diary();
    for (std::size_t i = acts; i < diary.size(); ++i) changed.insert(diary[i].cluster);
    return changed;
  }

  static std::string common(const Clusters& one, const Clusters& other) {
    std::string text;
    for (const std::string& name : one) text += other.contains(name) ? name + " " : "";
    return text;
  }

  /// The copy comes to life while the original stands still before a write; then that one goes on.
  void meet_at(std::int64_t write) {
    KeptStates kept;
    Trial trial(kind(), kept.open());
    StateStore& store = *trial.bench.store;
    Suspension suspension(write);
    store.set_write_hook(suspension.hook());
    Life original(trial.bench);
    original.runner().start();
    const std::string id = submit(trial, original);
    if (!suspension.await(original, id)) return;
    calls_under_way_end(trial);
    kept.keep(0);
    const std::unique_ptr<StateStore> copy = kept.restored(0);
    copy_lives(trial, *copy, original, id);

    const Clusters lost = held_by_somebody_else(trial, original);
    const std::size_t acts = trial.bench.inner.diary().size();
    original.turn_clock();
    suspension.go_on();
    EXPECT_TRUE(original.runner().wait(id, fakes::kRealLimit) || original.runner().crashed())
        << fakes::journal_of(store, id);
    EXPECT_EQ(common(changed_since(trial, acts), lost), "")
        << "the original has changed what the copy took\n"
        << fakes::journal_of(store, id) << trial.bench.inner.diary_text();
    store.set_write_hook({});
  }

 private:
  static void copy_lives(Trial& trial, StateStore& copy, const Life& original,
                         const std::string& id) {
    const Clusters held = held_by(trial, original);
    const std::size_t acts = trial.bench.inner.diary().size();
    Life twin(trial.bench, copy, original.identity().epoch);
    twin.runner().start();
    EXPECT_TRUE(twin.runner().wait(id, fakes::kRealLimit) || twin.runner().crashed())
        << fakes::journal_of(copy, id);
    EXPECT_EQ(common(changed_since(trial, acts), held), "")
        << "the copy has changed what the original holds\n"
        << fakes::journal_of(copy, id) << trial.bench.inner.diary_text();
  }
};

TEST_P(EveryKindTwin, NeitherChangesWhatTheOtherHolds) {
  const std::int64_t writes = clean_run(kind()).writes;
  for (const std::size_t at : sample(static_cast<std::size_t>(writes - 1), 12)) {
    const auto write = static_cast<std::int64_t>(at) + 2;
    SCOPED_TRACE("meets its copy at write " + std::to_string(write));
    meet_at(write);
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, EveryKindTwin, testing::ValuesIn(names_of_cases()), kind_name);
INSTANTIATE_TEST_SUITE_P(Kinds, EveryKindTwice, testing::ValuesIn(names_of_cases()), kind_name);

}  // namespace
}  // namespace bdrmesh::flows
