// Which names must be typed before a script drops or empties what they name.
#include "flows/ddl/protection.h"

#include <gtest/gtest.h>

#include "ddl/classify.h"

namespace bdrmesh::flows {
namespace {

using Names = std::vector<std::string>;

Names asked_for(const std::string& script, const std::vector<std::string>& rules,
                const Names& typed = {}) {
  GroupSpec group;
  group.protected_tables = rules;
  return names_to_type(ddl::classify(script, {}), group, typed);
}

const Names kAll{"*.*"};

TEST(Protection, AsksForNothingInAGroupThatProtectsNothing) {
  EXPECT_EQ(asked_for("DROP TABLE app.orders; DROP DATABASE app", {}), Names{});
}

TEST(Protection, AsksForEveryTableThatLosesItsRows) {
  EXPECT_EQ(asked_for("DROP TABLE app.a, app.b", kAll), (Names{"app.a", "app.b"}));
  EXPECT_EQ(asked_for("TRUNCATE TABLE app.a", kAll), Names{"app.a"});
  EXPECT_EQ(asked_for("ALTER TABLE app.a DROP PARTITION p0", kAll), Names{"app.a"});
  EXPECT_EQ(asked_for("ALTER TABLE app.a TRUNCATE PARTITION p0", kAll), Names{"app.a"});
}

TEST(Protection, AsksForTheDatabaseByItsOwnName) {
  EXPECT_EQ(asked_for("DROP DATABASE app", kAll), Names{"app"});
  EXPECT_EQ(asked_for("DROP DATABASE app", {"app.orders"}), Names{"app"});
  EXPECT_EQ(asked_for("DROP DATABASE other", {"app.orders"}), Names{});
}

TEST(Protection, AsksForEachNameOnce) {
  EXPECT_EQ(asked_for("TRUNCATE TABLE app.a; DROP TABLE app.a", kAll), Names{"app.a"});
}

TEST(Protection, AsksNoMoreForWhatWasTyped) {
  EXPECT_EQ(asked_for("DROP TABLE app.a, app.b", kAll, {"app.b"}), Names{"app.a"});
  EXPECT_EQ(asked_for("DROP TABLE app.a", kAll, {"a"}), Names{"app.a"}) << "not its whole name";
}

TEST(Protection, LeavesChangesThatTakeNoRowsAlone) {
  for (const char* script :
       {"ALTER TABLE app.a ADD COLUMN c INT", "ALTER TABLE app.a DROP INDEX i",
        "CREATE TABLE app.a (id INT PRIMARY KEY)", "DROP VIEW app.v", "DROP SEQUENCE app.s"}) {
    EXPECT_EQ(asked_for(script, kAll), Names{}) << script;
  }
}

TEST(Protection, FollowsTheRulesOfTheGroup) {
  const std::vector<std::string> rules{"app.*", "!app.tmp_*"};
  EXPECT_EQ(asked_for("DROP TABLE app.orders, app.tmp_1, other.t", rules), Names{"app.orders"});
}

}  // namespace
}  // namespace bdrmesh::flows
