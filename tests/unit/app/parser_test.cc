#include "app/cli/command/parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>
#include <sstream>

#include "app/cli/command_groups.h"

namespace bdrmesh {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class ParserTest : public testing::Test {
 protected:
  std::optional<Parsed> parse(const std::vector<std::string>& arguments) {
    return parse_arguments(groups_, arguments, "1.2.3", out_);
  }
  /// The text and the remedy of the refusal.
  std::string refusal(const std::vector<std::string>& arguments) {
    try {
      parse(arguments);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), "USAGE");
      EXPECT_FALSE(error.remedy().empty()) << error.message();
      return error.message() + " → " + error.remedy();
    }
    ADD_FAILURE() << "not refused";
    return {};
  }

  std::vector<CommandGroup> groups_ = command_groups();
  std::ostringstream out_;
};

TEST_F(ParserTest, FindsTheCommandAndItsValuesInAnyOrder) {
  const auto parsed = parse({"-ojson", "ddl", "--config=f.toml", "run", "--statement", "--a",
                             "--group", "orders", "--dry-run"});
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->command->words, "ddl run");
  const auto& values = parsed->values;
  EXPECT_THAT(values.at("--output"), ElementsAre("json"));
  EXPECT_THAT(values.at("--config"), ElementsAre("f.toml"));
  EXPECT_THAT(values.at("--statement"), ElementsAre("--a")) << "a value may look like an option";
  EXPECT_THAT(values.at("--group"), ElementsAre("orders"));
  EXPECT_TRUE(values.contains("--dry-run"));
}

TEST_F(ParserTest, TakesValuesByTheirPlace) {
  const auto parsed = parse({"link", "show", "orders", "--", "-east", "west"});
  EXPECT_THAT(parsed->values.at("GROUP"), ElementsAre("orders"));
  EXPECT_THAT(parsed->values.at("FROM"), ElementsAre("-east"));
  EXPECT_THAT(parsed->values.at("TO"), ElementsAre("west"));
}

TEST_F(ParserTest, ADashAloneIsAValue) {
  EXPECT_THAT(parse({"ddl", "run", "-", "--group", "g"})->values.at("FILE"), ElementsAre("-"));
}

TEST_F(ParserTest, KnowsAnOptionByEachOfItsNames) {
  EXPECT_TRUE(parse({"group", "apply", "g", "--detach"})->values.contains("--no-wait"));
  EXPECT_TRUE(parse({"group", "apply", "g", "--no-wait"})->values.contains("--no-wait"));
}

TEST_F(ParserTest, SaysWhatWasMeant) {
  EXPECT_THAT(refusal({"gruop", "plan"}), HasSubstr("did you mean 'group'?"));
  EXPECT_THAT(refusal({"group", "aply", "g"}),
              HasSubstr("no command 'group aply' → did you mean 'apply'?"));
  EXPECT_THAT(refusal({"group", "apply", "g", "--dryrun"}), HasSubstr("did you mean '--dry-run'?"));
  EXPECT_THAT(refusal({"status", "-o", "jsno"}), HasSubstr("did you mean 'json'?"));
  EXPECT_THAT(refusal({"--sever", "x", "status"}), HasSubstr("did you mean '--server'?"));
}

TEST_F(ParserTest, SaysWhatThereIsWhenNothingIsNear) {
  EXPECT_THAT(refusal({"group", "xyzzyxyzzy"}), HasSubstr("there are: plan, apply, "));
  EXPECT_THAT(refusal({}), HasSubstr("which command?"));
  EXPECT_THAT(refusal({"op"}), HasSubstr("which command of 'bdrmesh op'? → one of: list, show"));
}

TEST_F(ParserTest, SaysWhatIsMissingOrTooMuch) {
  EXPECT_THAT(refusal({"group", "apply"}),
              HasSubstr("GROUP is missing → bdrmesh group apply GROUP"));
  EXPECT_THAT(refusal({"ddl", "run", "f"}), HasSubstr("--group is missing"));
  EXPECT_THAT(refusal({"status", "now"}), HasSubstr("'now' is one argument too many"));
  EXPECT_THAT(refusal({"ddl", "run", "--group", "--dry-run"}), HasSubstr("--group needs a value"));
  EXPECT_THAT(refusal({"ddl", "run", "--group"}), HasSubstr("--group needs a value"));
  EXPECT_THAT(refusal({"ddl", "run", "--group", "a", "--group", "b"}), HasSubstr("given twice"));
  EXPECT_THAT(refusal({"group", "apply", "g", "--dry-run=yes"}), HasSubstr("takes no value"));
}

TEST_F(ParserTest, ChecksNumbersAndSpans) {
  for (const char* wrong : {"-1", "many", "", "1.5", "99999999999999999999"})
    EXPECT_THAT(refusal({"op", "list", "--limit", wrong}), HasSubstr("whole number")) << wrong;
  for (const char* wrong : {"0s", "soon", "5", "-5s"})
    EXPECT_THAT(refusal({"op", "watch", "o", "--timeout", wrong}), HasSubstr("no duration"))
        << wrong;
}

TEST_F(ParserTest, HelpAndVersionNeedNothingElse) {
  EXPECT_FALSE(parse({"group", "apply", "--help"}));
  EXPECT_THAT(out_.str(), HasSubstr("bdrmesh group apply GROUP [options]"));
  EXPECT_THAT(out_.str(), HasSubstr("example:\n  bdrmesh group apply orders"));
  out_.str("");
  EXPECT_FALSE(parse({"group", "-h"}));
  EXPECT_THAT(out_.str(), HasSubstr("group plan"));
  EXPECT_THAT(out_.str(), Not(HasSubstr("link list")));
  out_.str("");
  EXPECT_FALSE(parse({"--version"}));
  EXPECT_EQ(out_.str(), "bdrmesh 1.2.3\n");
}

TEST_F(ParserTest, EveryCommandHasHelpAnExampleThatParsesAndAnAction) {
  std::set<std::string> seen;
  for (const CommandGroup& group : groups_) {
    for (const Command& command : group.commands) {
      SCOPED_TRACE(command.words);
      EXPECT_TRUE(seen.insert(command.words).second) << "twice";
      EXPECT_TRUE(group.word.empty() || command.words.starts_with(group.word + " "));
      EXPECT_FALSE(command.help.empty());
      EXPECT_TRUE(command.run);
      for (const Parameter& parameter : command.parameters) EXPECT_FALSE(parameter.help.empty());
      ASSERT_THAT(command.example, testing::StartsWith("bdrmesh " + command.words));
      std::istringstream words(command.example.substr(8));
      std::vector<std::string> arguments;
      bool quoted = false;
      for (std::string word; words >> word;) {
        if (quoted) {
          arguments.back() += " " + word;
        } else {
          arguments.push_back(word);
        }
        for (const char c : word) quoted = quoted != (c == '\'' || c == '"');
      }
      const auto parsed = parse(arguments);
      ASSERT_TRUE(parsed);
      EXPECT_EQ(parsed->command, &command);
    }
  }
}

TEST_F(ParserTest, HelpFitsEightyColumns) {
  for (const CommandGroup& group : groups_) {
    for (const Command& command : group.commands) {
      parse({"--help"});
      std::vector<std::string> words;
      std::istringstream split(command.words);
      for (std::string word; split >> word;) words.push_back(word);
      words.emplace_back("--help");
      parse(words);
    }
  }
  std::istringstream lines(out_.str());
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("  bdrmesh ")) continue;  // to be copied in one piece
    EXPECT_LE(line.size(), 82U) << line;
  }
}

}  // namespace
}  // namespace bdrmesh
