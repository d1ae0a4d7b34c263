#include <atomic>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sstream>

#include "app/cli/client/operations.h"
#include "app/cli/offline/config_check.h"
#include "unit/app/served_backend.h"

namespace bdrmesh {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing_api::ServedBackend;

Json operation(const std::string& state, const std::string& second_stage = "pending") {
  return {{"id", "op1"},
          {"kind", "ddl.run"},
          {"title", "drop column c"},
          {"state", state},
          {"stages",
           {{{"name", "look"}, {"steps", {{{"state", "done"}}}}},
            {{"name", "close"}, {"steps", {{{"state", second_stage}}}}}}}};
}

class CommandsTest : public testing::Test {
 protected:
  CommandContext context(OutputForm form = OutputForm::table) {
    return {api_, terminal_, clock_, form, [this] { return interrupted_.load(); }};
  }
  /// The operation goes through these looks; the last one stays.
  void goes_through(std::vector<Json> looks) {
    served_.backend.on_operation = [this, looks](const std::string&) {
      const std::size_t at = static_cast<std::size_t>(looks_++);
      return looks.at(std::min(at, looks.size() - 1));
    };
  }

  ServedBackend served_;
  ApiClient api_{served_.url()};
  std::ostringstream data_;
  std::ostringstream said_;
  Terminal terminal_{data_, said_, false};
  SystemClock clock_;
  std::atomic<bool> interrupted_{false};
  std::atomic<int> looks_{0};
};

TEST_F(CommandsTest, AnOperationIsFollowedToItsEnd) {
  goes_through(
      {operation("running"), operation("running", "started"), operation("succeeded", "done")});
  EXPECT_EQ(run_operation(context(), "ddl.run", {{"group", "g"}}, {}), ExitCode::done);
  EXPECT_THAT(said_.str(), HasSubstr("operation op1\n[1/2] look (1 step)\n[2/2] close (1 step)\n"));
  EXPECT_THAT(data_.str(), testing::StartsWith("ddl.run succeeded: drop column c\n"));
}

TEST_F(CommandsTest, DataAndNarrationStayApart) {
  goes_through({operation("succeeded", "done")});
  run_operation(context(OutputForm::json), "ddl.run", Json::object(), {});
  EXPECT_EQ(parse_json(data_.str(), "standard output").at("state"), "succeeded");
}

TEST_F(CommandsTest, ARevertedOperationSaysSo) {
  goes_through({operation("reverted", "compensated")});
  EXPECT_EQ(run_operation(context(), "ddl.run", Json::object(), {}), ExitCode::reverted);
  EXPECT_THAT(said_.str(), HasSubstr("everything that was done is undone"));
}

TEST_F(CommandsTest, ARefusedOneSaysThatNothingChanged) {
  goes_through({operation("reverted")});
  EXPECT_EQ(run_operation(context(), "ddl.run", Json::object(), {}), ExitCode::refused);
  EXPECT_THAT(said_.str(), HasSubstr("nothing was changed"));
}

TEST_F(CommandsTest, ABlockedOneSaysWhatToType) {
  goes_through({operation("blocked", "failed")});
  EXPECT_EQ(run_operation(context(), "ddl.run", Json::object(), {}), ExitCode::needs_attention);
  EXPECT_THAT(said_.str(), HasSubstr("bdrmesh op resume op1, or bdrmesh op cancel op1"));
}

TEST_F(CommandsTest, AnInterruptDetachesAndSaysHowToComeBack) {
  served_.backend.on_operation = [this](const std::string&) {
    interrupted_ = true;
    return operation("running", "started");
  };
  EXPECT_EQ(run_operation(context(), "ddl.run", Json::object(), {}), ExitCode::still_running);
  EXPECT_THAT(said_.str(), HasSubstr("Come back with: bdrmesh op watch op1"));
  EXPECT_EQ(data_.str(), "");
}

TEST_F(CommandsTest, WatchingEndsAtItsLimit) {
  goes_through({operation("running", "started")});
  StartOptions options;
  options.limit = Millis{150};
  EXPECT_EQ(run_operation(context(), "ddl.run", Json::object(), options), ExitCode::still_running);
}

TEST_F(CommandsTest, DetachPrintsTheId) {
  StartOptions options;
  options.detach = true;
  EXPECT_EQ(run_operation(context(), "ddl.run", Json::object(), options), ExitCode::done);
  EXPECT_EQ(data_.str(), "op1\n");
}

TEST_F(CommandsTest, ADryRunIsNotFollowed) {
  StartOptions options;
  options.dry_run = true;
  EXPECT_EQ(run_operation(context(), "ddl.run", Json::object(), options), ExitCode::done);
  EXPECT_THAT(served_.backend.asked().front(), HasSubstr(" dry"));
  EXPECT_EQ(served_.backend.asked().size(), 1U);
}

TEST_F(CommandsTest, ALostAnswerIsAskedForWithTheSameKey) {
  std::promise<void> go_on;
  const std::shared_future<void> gate = go_on.get_future().share();
  std::atomic<int> tries{0};
  served_.backend.on_submit = [gate, &tries](const SubmitOperation&) -> Json {
    if (tries++ == 0) gate.wait();
    return {{"operation", "op1"}};
  };
  goes_through({operation("succeeded", "done")});
  ApiClient impatient(served_.url(), Millis{300});
  const CommandContext in_hurry{impatient, terminal_, clock_, OutputForm::table, {}};
  EXPECT_EQ(run_operation(in_hurry, "ddl.run", Json::object(), {}), ExitCode::done);
  go_on.set_value();
  const std::vector<std::string> asked = served_.backend.asked();
  ASSERT_GE(asked.size(), 2U);
  EXPECT_EQ(asked[0], asked[1]) << "the same kind, arguments and idempotency key";
  EXPECT_THAT(said_.str(), HasSubstr("the answer was lost"));
}

TEST_F(CommandsTest, WhatTheDaemonRefusesIsThrown) {
  served_.backend.on_submit = [](const SubmitOperation&) -> Json {
    throw Error(ErrorKind::invalid, "UNKNOWN_GROUP", "no group is called 'x'", "known: g");
  };
  EXPECT_THROW(run_operation(context(), "ddl.run", Json::object(), {}), Error);
  EXPECT_EQ(data_.str(), "");
}

TEST_F(CommandsTest, CancellingIsDoneWhenAllIsUndone) {
  goes_through({operation("compensating", "started"), operation("cancelled", "compensated")});
  EXPECT_EQ(steer_operation(context(), "op1", "cancel", {}), ExitCode::done);
  EXPECT_EQ(served_.backend.asked().front(), "cancel op1");
}

TEST_F(CommandsTest, ConfigCheckListsEverythingOrSumsUp) {
  const std::string path = testing::TempDir() + "bdrmesh_commands_test.toml";
  std::ofstream(path) << "[manager]\nlisten = \"x\"\n[[cluster]]\nname = \"a\"\n";
  EXPECT_EQ(check_config(path, OutputForm::table, terminal_), ExitCode::usage);
  EXPECT_THAT(said_.str(), HasSubstr(path + ":2: manager: malformed listen address 'x'"));
  EXPECT_THAT(said_.str(), HasSubstr("refused (BAD_CONFIG): 7 problems in "));
  EXPECT_EQ(data_.str(), "");
  std::remove(path.c_str());
  EXPECT_EQ(check_config(std::string(BDR_SOURCE_DIR) + "/configs/example.toml", OutputForm::table,
                         terminal_),
            ExitCode::done);
  EXPECT_THAT(data_.str(), HasSubstr("group orders  multi-active of east, west, south: 6 links"));
}

}  // namespace
}  // namespace bdrmesh
