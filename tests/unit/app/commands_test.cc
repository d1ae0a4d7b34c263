#include <atomic>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sstream>

#include "api/refusal.h"
#include "app/cli/client/operations.h"
#include "app/cli/client/problem.h"
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
  EXPECT_THAT(said_.str(), HasSubstr("operation op1\n"));
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
  EXPECT_THAT(said_.str(), HasSubstr("then bdrmesh op resume op1\n"));
  EXPECT_THAT(said_.str(), HasSubstr("bdrmesh op cancel op1\n"));
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
  EXPECT_EQ(steer_operation(context(), "op1", "cancel", Json(), {}), ExitCode::done);
  EXPECT_EQ(served_.backend.asked().front(), "cancel op1");
}

TEST_F(CommandsTest, CancellingTooLateIsRefused) {
  goes_through({operation("succeeded", "done")});
  EXPECT_EQ(steer_operation(context(), "op1", "cancel", Json(), {}), ExitCode::refused);
  EXPECT_THAT(said_.str(), HasSubstr("nothing was undone"));
}

TEST_F(CommandsTest, AStepIsRetriedAndThenFollowed) {
  goes_through({operation("blocked", "failed"), operation("running", "started"),
                operation("succeeded", "done")});
  EXPECT_EQ(steer_operation(context(), "op1", "retry", {{"step", "1.0"}}, {}), ExitCode::done);
  EXPECT_THAT(served_.backend.asked(), testing::Contains("retry op1 1.0"));
}

TEST_F(CommandsTest, AStepIsSkippedWithItsReason) {
  StartOptions options;
  options.detach = true;
  EXPECT_EQ(
      steer_operation(context(), "op1", "skip",
                      {{"step", "1.0"}, {"reason", "by hand"}, {"requested_by", "me"}}, options),
      ExitCode::done);
  EXPECT_THAT(served_.backend.asked(), testing::Contains("skip op1 1.0: by hand (me)"));
}

TEST_F(CommandsTest, AStoredPlanIsRunAsItIs) {
  goes_through({operation("succeeded", "done")});
  StartOptions options;
  options.queue = true;
  options.deadline = Millis{60'000};
  options.idempotency_key = "k1";
  EXPECT_EQ(run_plan(context(), "p1", options), ExitCode::done);
  EXPECT_EQ(served_.backend.asked().front(), "submit p1 {} queue by 60000 key=k1");
}

TEST_F(CommandsTest, AChangedWorldComesWithItsEvidence) {
  served_.backend.on_submit = [](const SubmitOperation&) -> Json {
    throw Refusal(ErrorKind::conflict, "WORLD_CHANGED", "not as it was", "plan again",
                  {{"changed", {{{"what", "east.role"}, {"planned", "a"}, {"now", "b"}}}}});
  };
  try {
    run_plan(context(), "p1", {});
    ADD_FAILURE() << "not refused";
  } catch (const ApiProblem& problem) {
    EXPECT_EQ(exit_code_of(problem), ExitCode::refused);
    EXPECT_EQ(problem.evidence().at("changed").at(0).at("now"), "b");
  }
}

TEST_F(CommandsTest, EveryInvocationHasAKeyOfItsOwn) {
  StartOptions options;
  options.detach = true;
  run_operation(context(), "group.apply", Json::object(), options);
  run_operation(context(), "group.apply", Json::object(), options);
  const std::vector<std::string> asked = served_.backend.asked();
  ASSERT_EQ(asked.size(), 2U);
  EXPECT_THAT(asked[0], testing::Not(testing::EndsWith("key=")));
  EXPECT_NE(asked[0], asked[1]);
}

TEST_F(CommandsTest, ADifferenceAndAMissingProofHaveCodesOfTheirOwn) {
  Json proven = operation("succeeded", "done");
  proven["result"] = {{"unproven", 1}};
  goes_through({proven});
  EXPECT_EQ(run_operation(context(), "verify.links", Json::object(), {}), ExitCode::incomplete);
  proven["result"] = {{"different", 2}};
  goes_through({proven});
  EXPECT_EQ(run_operation(context(), "verify.rows", Json::object(), {}), ExitCode::differences);
}

TEST_F(CommandsTest, AnOperationIsShownWithItsCallsInJson) {
  EXPECT_EQ(show_operation(context(OutputForm::json), "op1", false), ExitCode::done);
  EXPECT_TRUE(parse_json(data_.str(), "standard output").at("calls").is_array());
  EXPECT_THAT(served_.backend.asked(), testing::Contains("calls op1"));
}

TEST_F(CommandsTest, OneStateIsLookedForAmongAllOperations) {
  EXPECT_EQ(list_operations(context(), 20, "blocked"), ExitCode::done);
  EXPECT_EQ(list_operations(context(), 20, ""), ExitCode::done);
  EXPECT_THAT(served_.backend.asked(), testing::ElementsAre("operations 10000", "operations 20"));
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
