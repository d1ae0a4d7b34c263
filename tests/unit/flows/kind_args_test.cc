// The arguments of each kind: what is mistyped is refused, and docs/api.md names them all.
#include "flows/kind_args.h"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <regex>
#include <set>
#include <sstream>

#include "flows/kinds.h"
#include "unit/flows/flow_unit.h"

namespace bdrmesh::flows {
namespace {

using ::testing::HasSubstr;
using ::testing::UnorderedElementsAreArray;

struct KindArgsTest : FlowUnit {
  std::vector<std::string> kinds() {
    const Error error =
        error_of([&] { (void)plan_operation(ports, "no such kind", Json::object(), {}); });
    std::string names = error.remedy().substr(error.remedy().find(':') + 1);
    std::ranges::replace(names, ',', ' ');
    std::istringstream text(names);
    return {std::istream_iterator<std::string>(text), {}};
  }
  static Error refusal(const std::string& kind, const Json& args) {
    return error_of([&] { require_known_args(kind, args); });
  }
};

TEST_F(KindArgsTest, RefusesAMemberThatNothingWouldReadAndListsTheKnownOnes) {
  const Error error = refusal("ddl.run", {{"group", "orders"}, {"max_pause", 5000}});
  EXPECT_EQ(error.code(), "BAD_ARGUMENT");
  EXPECT_EQ(error.kind(), ErrorKind::invalid);
  EXPECT_THAT(error.message(), HasSubstr("'max_pause'"));
  EXPECT_THAT(error.remedy(), HasSubstr("max_pause_ms"));
}

TEST_F(KindArgsTest, RefusesAValueOfAnotherTypeAndNamesIt) {
  const std::vector<std::pair<std::string, Json>> wrong{
      {"ddl.run", {{"kill", "yes"}}},          {"ddl.run", {{"script", 7}}},
      {"ddl.run", {{"max_pause_ms", "5s"}}},   {"verify.rows", {{"tables", "app.*"}}},
      {"verify.rows", {{"tables", {1, 2}}}},   {"repair.plan", {{"rows", Json::object()}}},
      {"repair.apply", {{"file", "f.json"}}},  {"gate.close", {{"for_ms", 1.5}}},
      {"maintenance.start", {{"upgrade", 1}}}, {"link.repair", {{"replace", Json::array()}}}};
  for (const auto& [kind, args] : wrong) {
    const Error error = refusal(kind, args);
    EXPECT_EQ(error.code(), "BAD_ARGUMENT") << kind << args;
    EXPECT_THAT(error.message(), HasSubstr("'" + args.begin().key() + "'"));
  }
}

TEST_F(KindArgsTest, TakesNullForAbsent) {
  require_known_args("ddl.run", {{"group", "orders"}, {"undo", nullptr}});
}

TEST_F(KindArgsTest, AreLookedAtBeforeAnyClusterIs) {
  const Error error = error_of([&] {
    (void)plan_operation(ports, "group.apply", {{"grupo", "orders"}}, {});
  });
  EXPECT_EQ(error.code(), "BAD_ARGUMENT");
  EXPECT_THAT(error.message(), HasSubstr("'grupo'"));
}

/// The names in back quotes of a cell, without the values in brackets.
std::set<std::string> names_in(std::string cell) {
  cell = std::regex_replace(cell, std::regex(R"(\([^)]*\)|:[^;|]*)"), "");
  std::set<std::string> names;
  const std::regex name("`([a-z_.]+)`");
  for (auto at = std::sregex_iterator(cell.begin(), cell.end(), name); at != std::sregex_iterator();
       ++at)
    names.insert((*at)[1]);
  return names;
}

std::map<std::string, std::set<std::string>> documented() {
  std::ifstream file(std::string(BDR_SOURCE_DIR) + "/docs/api.md");
  std::map<std::string, std::set<std::string>> rows;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("| Kind | Arguments |", 0) == 0) inside = true;
    if (!inside) continue;
    if (line.empty()) break;
    const std::size_t middle = line.find('|', 1);
    for (const std::string& kind : names_in(line.substr(0, middle)))
      rows[kind] = names_in(line.substr(middle));
  }
  return rows;
}

TEST_F(KindArgsTest, OfEveryKindStandInTheDescriptionOfTheApi) {
  const auto rows = documented();
  for (const std::string& kind : kinds()) {
    ASSERT_TRUE(rows.contains(kind)) << kind << " is missing in docs/api.md";
    const auto* args = args_of(kind);
    if (args == nullptr) continue;
    std::vector<std::string> names;
    for (const KindArg& one : *args) names.emplace_back(one.name);
    EXPECT_THAT(rows.at(kind), UnorderedElementsAreArray(names)) << kind;
  }
}

}  // namespace
}  // namespace bdrmesh::flows
