#include "app/cli/command/exit_code.h"

#include <gtest/gtest.h>

namespace bdrmesh {
namespace {

Json operation(const std::string& state, const std::string& first, const std::string& second) {
  return {{"state", state},
          {"stages",
           {{{"name", "look"}, {"steps", {{{"state", first}}}}},
            {{"name", "do"}, {"steps", {{{"state", second}}}}}}}};
}

TEST(ExitCode, OfAChangeThatWasTakenBackIsThatOfAnythingUndone) {
  Json taken_back = operation("succeeded", "done", "done");
  taken_back["result"] = {{"taken_back", true}, {"failed_on", {"west"}}};
  EXPECT_EQ(exit_code_of_operation(taken_back), ExitCode::reverted);
  taken_back["result"]["taken_back"] = false;
  EXPECT_EQ(exit_code_of_operation(taken_back), ExitCode::done);
}

TEST(ExitCodes, FollowTheEndOfAnOperation) {
  EXPECT_EQ(exit_code_of_operation(operation("succeeded", "done", "done")), ExitCode::done);
  EXPECT_EQ(exit_code_of_operation(operation("blocked", "done", "failed")),
            ExitCode::needs_attention);
  EXPECT_EQ(exit_code_of_operation(operation("reverted", "done", "compensated")),
            ExitCode::reverted);
  EXPECT_EQ(exit_code_of_operation(operation("cancelled", "done", "compensated")),
            ExitCode::reverted);
  EXPECT_EQ(exit_code_of_operation(operation("running", "done", "started")),
            ExitCode::still_running);
  EXPECT_EQ(exit_code_of_operation(Json()), ExitCode::still_running);
}

TEST(ExitCodes, CallItRefusedWhenOnlyTheFirstStageLooked) {
  EXPECT_EQ(exit_code_of_operation(operation("reverted", "failed", "pending")), ExitCode::refused);
  EXPECT_EQ(exit_code_of_operation(operation("reverted", "compensated", "pending")),
            ExitCode::refused);
}

TEST(ExitCodes, DoNotCallAPlanOfOneStageRefused) {
  Json only = operation("reverted", "failed", "pending");
  only["stages"].erase(1);
  EXPECT_EQ(exit_code_of_operation(only), ExitCode::reverted);
}

TEST(ExitCodes, TellDifferencesFromMissingProof) {
  Json proven = operation("succeeded", "done", "done");
  proven["result"] = {{"proven", 5}, {"unproven", 1}};
  EXPECT_EQ(exit_code_of_operation(proven), ExitCode::incomplete);
  proven["result"]["different"] = 1;
  EXPECT_EQ(exit_code_of_operation(proven), ExitCode::differences);
  proven["result"] = {{"proven", 6}, {"unproven", 0}};
  EXPECT_EQ(exit_code_of_operation(proven), ExitCode::done);
}

TEST(ExitCodes, FollowTheKindOfAnError) {
  const auto of = [](ErrorKind kind) { return exit_code_of(Error(kind, "C", "m")); };
  EXPECT_EQ(of(ErrorKind::invalid), ExitCode::refused);
  EXPECT_EQ(of(ErrorKind::precondition), ExitCode::refused);
  EXPECT_EQ(of(ErrorKind::conflict), ExitCode::refused);
  EXPECT_EQ(of(ErrorKind::transient), ExitCode::refused);
  EXPECT_EQ(of(ErrorKind::ambiguous), ExitCode::still_running);
  EXPECT_EQ(of(ErrorKind::bug), ExitCode::internal_error);
}

TEST(ExitCodes, OnlyHealthyIsDone) {
  EXPECT_EQ(exit_code_of_verdict({{"verdict", "healthy"}}), ExitCode::done);
  for (const char* verdict : {"degraded", "down", "unknown"}) {
    EXPECT_EQ(exit_code_of_verdict({{"verdict", verdict}}), ExitCode::degraded_or_drift);
  }
}

TEST(ExitCodes, AreTheDocumentedNumbers) {
  EXPECT_EQ(static_cast<int>(ExitCode::usage), 2);
  EXPECT_EQ(static_cast<int>(ExitCode::refused), 3);
  EXPECT_EQ(static_cast<int>(ExitCode::reverted), 4);
  EXPECT_EQ(static_cast<int>(ExitCode::needs_attention), 5);
  EXPECT_EQ(static_cast<int>(ExitCode::still_running), 6);
  EXPECT_EQ(static_cast<int>(ExitCode::differences), 7);
  EXPECT_EQ(static_cast<int>(ExitCode::incomplete), 8);
  EXPECT_EQ(static_cast<int>(ExitCode::degraded_or_drift), 9);
}

}  // namespace
}  // namespace bdrmesh
