#include "ddl/rewrite.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "ddl/classify.h"

namespace bdrmesh::ddl {
namespace {

Statement one(std::string_view sql) {
  Context context;
  context.default_schema = "app";
  context.tidb = {8, 5, 0};
  context.roles_set = true;
  return classify(sql, context).at(0);
}

const std::map<TableName, TableName> kCopies = {{{"app", "t"}, {"try", "t0"}},
                                                {{"app", "u"}, {"try", "t1"}}};

TEST(Rewrite, TagsWithinTheFirst64Characters) {
  const std::string text =
      tagged("ALTER TABLE t COMMENT 'x'", OperationId("op-1"), ClusterName("east"));
  EXPECT_EQ(text, "/* bdrmesh:op-1:east */ ALTER TABLE t COMMENT 'x'");
  EXPECT_EQ(classify(text, {.default_schema = "app"}).at(0).text, "ALTER TABLE t COMMENT 'x'");
}

TEST(Rewrite, RefusesTagsThatDoNotFitOrBreakOut) {
  for (const auto& [operation, cluster] :
       std::vector<std::pair<std::string, std::string>>{{"op*/ DROP", "east"},
                                                        {"op", "ea st"},
                                                        {"", "east"},
                                                        {"op", ""},
                                                        {std::string(60, 'o'), "east"}}) {
    try {
      tagged("DROP TABLE t", OperationId(operation), ClusterName(cluster));
      ADD_FAILURE() << operation << " " << cluster;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), "BAD_DDL_TAG");
    }
  }
}

TEST(Rewrite, PointsAStatementAtCopies) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"ALTER TABLE t ADD COLUMN t INT COMMENT 't'",
       "ALTER TABLE `try`.`t0` ADD COLUMN t INT COMMENT 't'"},
      {"ALTER TABLE `App` . `T` /* t */ COMMENT 'x'", "ALTER TABLE `try`.`t0` /* t */ COMMENT 'x'"},
      {"CREATE INDEX t ON app.t (t)", "CREATE INDEX t ON `try`.`t0` (t)"},
      {"DROP INDEX t ON t", "DROP INDEX t ON `try`.`t0`"},
      {"RENAME TABLE t TO u", "RENAME TABLE `try`.`t0` TO `try`.`t1`"},
      {"CREATE TABLE t LIKE o", "CREATE TABLE `try`.`t0` LIKE `app`.`o`"},
      {"ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES o (id)",
       "ALTER TABLE `try`.`t0` ADD FOREIGN KEY (a) REFERENCES `app`.`o` (id)"},
      {"ALTER TABLE t EXCHANGE PARTITION p WITH TABLE u",
       "ALTER TABLE `try`.`t0` EXCHANGE PARTITION p WITH TABLE `try`.`t1`"},
      {"DROP TABLE t, u", "DROP TABLE `try`.`t0`, `try`.`t1`"},
      {"TRUNCATE TABLE t", "TRUNCATE TABLE `try`.`t0`"},
  };
  for (const auto& [sql, expected] : cases) EXPECT_EQ(retarget(one(sql), kCopies), expected);
}

TEST(Rewrite, RefusesWhatWouldTouchTheRealThing) {
  for (const std::string sql :
       {"CREATE DATABASE app", "DROP DATABASE app", "CREATE VIEW t AS SELECT 1", "DROP VIEW t",
        "CREATE SEQUENCE t", "ALTER DATABASE app CHARSET utf8mb4",
        "CREATE PLACEMENT POLICY p FOLLOWERS=1", "RENAME TABLE t TO elsewhere",
        "DROP TABLE t, other", "ALTER TABLE t ADD COLUMN g INT AS (t.a + 1)", "FLASHBACK TABLE t",
        "SELECT 1", "ALTER TABLE t ADD CHECK (app.t.a > 0)"}) {
    try {
      ADD_FAILURE() << retarget(one(sql), kCopies);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::invalid);
      EXPECT_EQ(error.code(), "CANNOT_REHEARSE") << sql;
    }
  }
}

}  // namespace
}  // namespace bdrmesh::ddl
