// Every kind of operation dies at every journal write; and its state is lost and comes back from an
// older copy.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

#include "flows/every_kind/kept_states.h"
#include "flows/every_kind/kinds.h"
#include "flows/every_kind/sample.h"
#include "flows/every_kind/trial.h"

namespace bdrmesh::flows {
namespace {

using fakes::Death;
using fakes::EndOfRun;
using ::testing::UnorderedElementsAreArray;

TEST(EveryKind, OfTheRegistryHasAWorldHere) {
  std::set<std::string> here;
  for (const KindCase& one : kind_cases()) here.insert(one.kind);
  EXPECT_THAT(here, UnorderedElementsAreArray(kinds_of_the_registry()))
      << "a kind without a line in kind_cases.cc is tested by nobody";
}

class EveryKindDies : public EveryKindTest {
 protected:
  void die_at_every_write(Death when) {
    const std::int64_t writes = clean_run(kind()).writes;
    for (const std::size_t at : sample(static_cast<std::size_t>(writes), 14)) {
      const fakes::DieAt death = fakes::die(when, static_cast<std::int64_t>(at) + 1);
      SCOPED_TRACE(describe(death));
      Trial trial(kind());
      bool dead = false;
      try {
        trial.run([&](bool before, std::int64_t n) {
          const Death now = before ? Death::before_write : Death::after_write;
          dead = dead || (now == death.when && n >= death.write);
          if (dead) throw SimulatedCrash{};
        });
      } catch (const SimulatedCrash&) {
      }
      trial.restart_and_finish();
      if (HasFailure()) return;
    }
  }
};

TEST_P(EveryKindDies, BeforeAnyJournalWrite) { die_at_every_write(Death::before_write); }
TEST_P(EveryKindDies, AfterAnyJournalWrite) { die_at_every_write(Death::after_write); }
INSTANTIATE_TEST_SUITE_P(Kinds, EveryKindDies, testing::ValuesIn(names_of_cases()), kind_name);

class EveryKindOldState : public EveryKindTest {
 protected:
  /// The operation ends; then a process begins with the state of an earlier moment.
  void restore_every_copy(bool with_newer_epoch) {
    KeptStates kept;
    Trial trial(kind(), kept.open());
    const EndOfRun end = trial.run([&](bool before, std::int64_t n) {
      if (before) kept.keep(n);
    });
    ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal;
    const Json after = trial.standing();
    std::vector<std::size_t> older = sample(kept.copies().size(), 8);
    std::ranges::reverse(older);
    for (const std::size_t at : older) {
      const std::int64_t write = kept.copies().at(at);
      SCOPED_TRACE("restored from before write " + std::to_string(write));
      trial.bench.store = kept.restored(write);
      const std::string id = trial.operation();
      if (id.empty()) continue;  // from before it was asked for
      const bool was_final = is_final(trial.bench.store->operation(id).state);
      EndOfRun again;
      bool halted = false;
      {
        Life life(trial.bench, with_newer_epoch ? 0 : 1);
        life.runner().start();
        const bool rests = life.runner().wait(id, fakes::kRealLimit);
        again = life.end_of(id);
        halted = life.runner().crashed();
        EXPECT_TRUE(rests || halted) << again.journal;
      }
      EXPECT_FALSE(with_newer_epoch && halted) << again.journal;
      EXPECT_EQ(trial.standing(), after)
          << Json::diff(after, trial.standing()) << again.journal << trial.bench.inner.diary_text();
      EXPECT_TRUE(halted || was_final || again.state() == OperationState::succeeded ||
                  !again.record.error_code.empty())
          << again.journal;
      EXPECT_TRUE(trial.forgotten_gates().empty()) << again.journal;
      kind().done(trial.bench, again.journal);
      if (HasFailure()) return;
    }
  }
};

TEST_P(EveryKindOldState, ComesBackWithANewerEpochAndDoesNothingTwice) { restore_every_copy(true); }
TEST_P(EveryKindOldState, ComesBackWithAnOldEpochAndTouchesNothing) { restore_every_copy(false); }
INSTANTIATE_TEST_SUITE_P(Kinds, EveryKindOldState, testing::ValuesIn(names_of_cases()), kind_name);

}  // namespace
}  // namespace bdrmesh::flows
