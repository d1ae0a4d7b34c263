// `state compact` on a file of its own: what it drops and says, in both forms.
#include "app/cli/offline/state_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sstream>

#include "base/error.h"
#include "fakes/fake_clock.h"
#include "store/state_store.h"
#include "unit/store/temporary_folder.h"

namespace bdrmesh {
namespace {

using testing::HasSubstr;

class CompactCommand : public testing::Test {
 protected:
  static void add_ended(StateStore& store, const std::string& id, WallTime at) {
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
    tick.events = {{0, at, "info", id, "", "one"}, {0, at, "info", id, "", "two"}};
    tick.header = store.operation(id);
    tick.header->state = OperationState::succeeded;
    tick.header->ended = at;
    store.write_tick(tick);
  }
  ExitCode compact(OutputForm form) {
    Terminal terminal(out, err, false);
    return compact_state(path, std::chrono::hours{24}, clock, form, terminal);
  }

  TemporaryFolder folder{TemporaryFolder::On::memory};
  std::string path = folder.file("state.db");
  fakes::FakeClock clock;
  std::ostringstream out;
  std::ostringstream err;
};

TEST_F(CompactCommand, DropsWhatIsOldAndSaysHowMuch) {
  {
    const auto store = StateStore::open({path, {}, "tester"});
    add_ended(*store, "old", clock.now() - std::chrono::hours{48});
    add_ended(*store, "young", clock.now() - std::chrono::hours{1});
  }
  EXPECT_EQ(compact(OutputForm::json), ExitCode::done);
  const Json answer = parse_json(out.str(), "the answer");
  EXPECT_EQ(answer.at("operations"), 1);
  EXPECT_EQ(answer.at("events"), 2);
  EXPECT_EQ(answer.at("file"), path);
  const auto store = StateStore::open({path, {}, "tester"});
  EXPECT_TRUE(store->steps("old").empty());
  EXPECT_EQ(store->steps("young").size(), 1U);
  EXPECT_EQ(store->operations(10).size(), 2U) << "that they were stays";
}

TEST_F(CompactCommand, TellsAPersonInSentences) {
  StateStore::open({path, {}, "tester"});
  EXPECT_EQ(compact(OutputForm::table), ExitCode::done);
  EXPECT_THAT(out.str(), HasSubstr("dropped what 0 operations did"));
}

TEST_F(CompactCommand, RefusesUnderADaemonAndNamesIt) {
  const auto store = StateStore::open({path, {}, "db1, pid 812"});
  try {
    compact(OutputForm::table);
    FAIL() << "compacted under a daemon";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "STATE_HELD");
    EXPECT_THAT(error.message(), HasSubstr("db1, pid 812"));
  }
}

}  // namespace
}  // namespace bdrmesh
