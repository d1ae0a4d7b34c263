#include "app/cli/render/board.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sstream>

#include "app/cli/render/narrator.h"

namespace bdrmesh {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

const WallTime kNow = from_rfc3339("2026-11-21T10:00:10.000Z");

Json stage(const std::string& name, const std::string& state, bool behind = false) {
  Json step{{"id", "0.0"}, {"name", name + ":east-to-west"}, {"state", state}};
  if (state != "pending") step["started"] = "2026-11-21T10:00:05.000Z";
  if (state == "done") step["ended"] = "2026-11-21T10:00:06.500Z";
  if (state == "started") step["waiting_for"] = "the checkpoint to pass 4611";
  return {{"name", name}, {"behind_line", behind}, {"steps", {step}}};
}

Json operation(Json stages) {
  return {
      {"kind", "ddl.run"},
      {"title", "drop column c"},
      {"state", "running"},
      {"created", "2026-11-21T10:00:00.000Z"},
      {"ended", nullptr},
      {"line", {{"crossed", false}}},
      {"pause", {{"started", "2026-11-21T10:00:07.600Z"}, {"ended", nullptr}, {"limit_ms", 5000}}},
      {"stages", std::move(stages)}};
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

TEST(Board, ShowsStagesWaitsLagAndTheLine) {
  const Json links{{"links", {{{"from", "east"}, {"to", "west"}, {"lag_ms", 850}}}}};
  const std::string text =
      joined(board(operation({stage("close", "done"), stage("drain", "started"),
                              stage("change", "pending", true)}),
                   links, kNow, {80, 40}));
  EXPECT_THAT(text, HasSubstr("ddl.run  running  for 10.0 s  drop column c\n"));
  EXPECT_THAT(text, HasSubstr("  ✓ 1/3 close               1 step     done     1.5 s\n"));
  EXPECT_THAT(text, HasSubstr("  ▶ 2/3 drain               1 step     running  5.0 s\n"));
  EXPECT_THAT(text, HasSubstr("      drain:east-to-west  5.0 s  lag 850 ms\n"
                              "        waits for the checkpoint to pass 4611\n"));
  EXPECT_THAT(text, HasSubstr("── point of no return: not crossed; "));
  EXPECT_LT(text.find("point of no return"), text.find("3/3 change"));
}

TEST(Board, HasALargeClockWhileWritesArePaused) {
  const std::vector<std::string> lines =
      board(operation({stage("close", "started")}), Json(), kNow, {80, 40});
  EXPECT_THAT(lines, Contains("    writes paused for 2.4 s of 5.0 s: applications cannot write"));
  EXPECT_THAT(lines, Contains("    " + large_text("2.4").front()));
  Json open = operation({stage("close", "done")});
  open["pause"]["ended"] = "2026-11-21T10:00:09.000Z";
  EXPECT_THAT(joined(board(open, Json(), kNow, {80, 40})), Not(HasSubstr("█")));
}

TEST(Board, FitsALowTerminalAndKeepsWhatMatters) {
  Json stages = Json::array();
  for (int at = 0; at < 10; ++at) stages.push_back(stage("done" + std::to_string(at), "done"));
  stages.push_back(stage("drain", "started"));
  for (int at = 0; at < 10; ++at) stages.push_back(stage("later" + std::to_string(at), "pending"));
  for (const std::size_t rows : {12U, 16U, 24U}) {
    const std::vector<std::string> lines = board(operation(stages), Json(), kNow, {80, rows});
    EXPECT_LT(lines.size(), rows);
    EXPECT_THAT(joined(lines), HasSubstr("11/21 drain"));
    EXPECT_THAT(joined(lines), HasSubstr("writes paused for 2.4 s"));
    EXPECT_THAT(joined(lines), HasSubstr("stages are not shown"));
  }
}

TEST(Board, SurvivesAnythingAndAnySize) {
  for (const Json& odd : {Json(), Json(7), Json{{"stages", {1, nullptr}}}, Json{{"pause", 3}}})
    EXPECT_NO_THROW(board(odd, odd, kNow, {0, 0}));
}

TEST(LargeText, HasFiveLinesOfOneWidth) {
  for (const std::string digits : {"0.0", "12.3", "456.7", "89.0"}) {
    const std::vector<std::string> lines = large_text(digits);
    ASSERT_EQ(lines.size(), 5U);
    for (const std::string& line : lines) EXPECT_FALSE(line.empty());
  }
}

TEST(TerminalBlock, IsTakenAwayBeforeAnythingElseIsSaid) {
  std::ostringstream data;
  std::ostringstream said;
  Terminal terminal(data, said, true);
  terminal.measure([] { return TerminalSize{20, 4}; });
  terminal.block({"one", "two", "three", "four"});
  EXPECT_EQ(said.str(), "one\ntwo\nthree\n") << "one row is kept for the cursor";
  terminal.block({"one", "two", "three", "four"});
  EXPECT_EQ(said.str(), "one\ntwo\nthree\n") << "nothing has changed";
  said.str("");
  terminal.say("news");
  EXPECT_EQ(said.str(), "\x1b[3A\r\x1b[Jnews\n");
}

TEST(TerminalBlock, IsNotShownWhereItCannotBeRedrawn) {
  std::ostringstream data;
  std::ostringstream said;
  Terminal terminal(data, said, false);
  terminal.block({"one"});
  EXPECT_EQ(said.str(), "");
}

TEST(Colours, RepeatWhatWordsSayAndNothingElse) {
  const std::string text = "degraded  now\n  east → west  stuck  1.2 s\nfailed to load is no cell?";
  const std::string coloured = painted(text);
  EXPECT_THAT(coloured, HasSubstr("\x1b[33mdegraded\x1b[0m  now"));
  EXPECT_THAT(coloured, HasSubstr("  \x1b[31mstuck\x1b[0m  "));
  std::string plain = coloured;
  for (const std::string code : {"\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[0m"}) {
    for (std::size_t at = plain.find(code); at != std::string::npos; at = plain.find(code))
      plain.erase(at, code.size());
  }
  EXPECT_EQ(plain, text);
}

TEST(Colours, AreForPeopleOnly) {
  std::ostringstream data;
  std::ostringstream said;
  Terminal terminal(data, said, false);
  terminal.colour_data(true);
  terminal.data("{\"state\": \"failed\"}\nfailed\n");
  EXPECT_THAT(data.str(), Not(HasSubstr("\x1b")));
  terminal.data_for_people("failed\n");
  EXPECT_THAT(data.str(), HasSubstr("\x1b[31mfailed\x1b[0m\n"));
}

}  // namespace
}  // namespace bdrmesh
