#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/cli/command/invocation.h"
#include "app/cli/command_groups.h"
#include "app/cli/completion/candidates.h"

namespace bdrmesh {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

class FakeNames final : public NameSource {
 public:
  std::vector<std::string> names(Names kind) override {
    ++asked;
    if (kind == Names::cluster) return {"east", "west"};
    if (kind == Names::group) return {"orders", "billing"};
    if (kind == Names::operation) return {"op1"};
    return {};
  }
  int asked = 0;
};

class CompletionTest : public testing::Test {
 protected:
  std::vector<std::string> words(const std::vector<std::string>& typed) {
    return complete(groups_, typed, source_).words;
  }
  std::vector<CommandGroup> groups_ = command_groups();
  FakeNames source_;
};

TEST_F(CompletionTest, KnowsCommandsWordByWord) {
  EXPECT_THAT(words({"gr"}), ElementsAre("group"));
  EXPECT_THAT(words({""}), AllOf(Contains("status"), Contains("op"), Not(Contains("complete"))));
  EXPECT_THAT(words({"group", ""}), Contains("apply"));
  EXPECT_THAT(words({"group", "pl"}), ElementsAre("plan"));
  EXPECT_THAT(words({"--config", "x", "group", "pl"}), ElementsAre("plan"));
  EXPECT_THAT(words({}), Contains("status"));
  EXPECT_EQ(source_.asked, 0) << "words are known without asking anybody";
}

TEST_F(CompletionTest, KnowsOptionsThatAreNotGivenYet) {
  EXPECT_THAT(words({"group", "apply", "orders", "--dr"}), ElementsAre("--dry-run"));
  EXPECT_THAT(words({"group", "apply", "orders", "--dry-run", "--dr"}), IsEmpty());
  EXPECT_THAT(words({"group", "apply", "orders", "--"}),
              AllOf(Contains("--no-wait"), Contains("--server")));
  EXPECT_THAT(words({"--se"}), ElementsAre("--server"));
}

TEST_F(CompletionTest, KnowsNamesByPlaceAndByOption) {
  EXPECT_THAT(words({"group", "apply", "or"}), ElementsAre("orders"));
  EXPECT_THAT(words({"link", "show", "orders", ""}), ElementsAre("east", "west"));
  EXPECT_THAT(words({"link", "show", "orders", "east", "w"}), ElementsAre("west"));
  EXPECT_THAT(words({"ddl", "run", "--group", ""}), ElementsAre("orders", "billing"));
  EXPECT_THAT(words({"ddl", "run", "--group=or"}), ElementsAre("--group=orders"));
  EXPECT_THAT(words({"op", "show", ""}), ElementsAre("op1"));
  EXPECT_THAT(words({"op", "--server", "http://x", "show", ""}), ElementsAre("op1"));
}

TEST_F(CompletionTest, KnowsClosedSetsOfWords) {
  EXPECT_THAT(words({"status", "-o", ""}), ElementsAre("table", "json"));
  EXPECT_THAT(words({"op", "list", "--state", "bl"}), ElementsAre("blocked"));
}

TEST_F(CompletionTest, LeavesFilesToTheShell) {
  EXPECT_TRUE(complete(groups_, {"config", "check", ""}, source_).files);
  EXPECT_TRUE(complete(groups_, {"--config", ""}, source_).files);
  EXPECT_FALSE(complete(groups_, {"group", "apply", ""}, source_).files);
}

TEST_F(CompletionTest, HasNothingToOfferForNonsense) {
  EXPECT_THAT(words({"xyzzy", ""}), IsEmpty());
  EXPECT_THAT(words({"status", "now", "then", "x"}), IsEmpty());
  EXPECT_THAT(words({"ddl", "run", "--statement", ""}), IsEmpty());
}

TEST(CompletionScripts, AreThereForThreeShells) {
  for (const char* shell : {"bash", "zsh", "fish"})
    EXPECT_THAT(completion_script(shell), testing::HasSubstr("complete"));
  EXPECT_THROW(completion_script("tcsh"), Error);
}

}  // namespace
}  // namespace bdrmesh
