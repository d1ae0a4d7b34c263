#include "ddl/table_check.h"

#include <gtest/gtest.h>

namespace bdrmesh::ddl {
namespace {

constexpr const char* kTable = R"(CREATE TABLE `t` (
  `id` bigint NOT NULL,
  `a` int DEFAULT NULL,
  `b` varchar(20) DEFAULT 'x',
  `c` int NOT NULL DEFAULT '1',
  PRIMARY KEY (`id`) /*T![clustered_index] CLUSTERED */,
  KEY `ka` (`a`),
  UNIQUE KEY `ub` (`b`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin)";

constexpr const char* kNoPrimary = R"(CREATE TABLE `t` (
  `a` int NOT NULL,
  `b` int NOT NULL,
  `n` int DEFAULT NULL,
  UNIQUE KEY `ua` (`a`),
  UNIQUE KEY `un` (`n`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin)";

constexpr const char* kTwoKeys = R"(CREATE TABLE `t` (
  `id` bigint NOT NULL,
  `a` int NOT NULL,
  PRIMARY KEY (`id`) /*T![clustered_index] NONCLUSTERED */,
  UNIQUE KEY `ua` (`a`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin)";

Context context() {
  Context result;
  result.default_schema = "app";
  result.tidb = {8, 5, 0};
  result.roles_set = true;
  result.tables = TableFilter({"app.*"});
  return result;
}

Statement settled(const std::string& sql, const char* table) {
  const Statement first = classify(sql, context()).at(0);
  EXPECT_TRUE(first.needs_table_check) << sql;
  std::map<TableName, std::string> definitions;
  for (const TableName& name : tables_to_check(first)) definitions[name] = table;
  EXPECT_EQ(definitions.size(), 1U) << sql;
  Statement result = check_with_table(first, definitions, context());
  EXPECT_FALSE(result.needs_table_check);
  EXPECT_FALSE(result.reason.empty());
  return result;
}

struct Case {
  const char* table;
  std::string sql;
  Strategy strategy;
};

TEST(TableCheck, SettlesWhatTheTextCannot) {
  const std::vector<Case> cases = {
      {kTable, "ALTER TABLE t DROP INDEX ka", Strategy::replicated},
      {kTable, "ALTER TABLE t DROP INDEX KA", Strategy::replicated},
      {kTable, "ALTER TABLE t DROP INDEX ub", Strategy::paused},
      {kTable, "DROP INDEX ub ON t", Strategy::paused},
      {kTable, "ALTER TABLE t DROP COLUMN a", Strategy::paused},
      {kTable, "ALTER TABLE t MODIFY a INT DEFAULT 5", Strategy::replicated},
      {kTable, "ALTER TABLE t MODIFY a INT(11) DEFAULT 5 COMMENT 'c'", Strategy::replicated},
      {kTable, "ALTER TABLE t MODIFY a BIGINT DEFAULT 5", Strategy::paused},
      {kTable, "ALTER TABLE t MODIFY a INT UNSIGNED DEFAULT 5", Strategy::paused},
      {kTable, "ALTER TABLE t MODIFY b VARCHAR(20) DEFAULT 'y'", Strategy::replicated},
      {kTable, "ALTER TABLE t MODIFY b VARCHAR(40) DEFAULT 'y'", Strategy::paused},
      {kTable, "ALTER TABLE t MODIFY c INT DEFAULT 5",
       Strategy::paused},  // would lose its NOT NULL
      {kTable, "ALTER TABLE t MODIFY missing INT DEFAULT 5", Strategy::refused},
      {kTable, "ALTER TABLE t DROP CONSTRAINT ub", Strategy::paused},
      {kTable, "CREATE TABLE n LIKE t", Strategy::replicated},
      {kTable, "ALTER TABLE t DROP PRIMARY KEY", Strategy::refused},
      {kTable, "ALTER TABLE t DROP INDEX `PRIMARY`", Strategy::refused},
      {kTwoKeys, "ALTER TABLE t DROP PRIMARY KEY", Strategy::paused},
      {kTwoKeys, "ALTER TABLE t DROP INDEX ua", Strategy::paused},
      {kTwoKeys, "ALTER TABLE t DROP INDEX ua, DROP PRIMARY KEY", Strategy::refused},
      {kTwoKeys, "ALTER TABLE t DROP PRIMARY KEY, MODIFY a INT NULL", Strategy::refused},
      {kNoPrimary, "ALTER TABLE t DROP INDEX ua", Strategy::refused},
      {kNoPrimary, "DROP INDEX ua ON t", Strategy::refused},
      {kNoPrimary, "ALTER TABLE t DROP COLUMN a", Strategy::refused},
      {kNoPrimary, "ALTER TABLE t MODIFY a INT NULL", Strategy::refused},
      {kNoPrimary, "ALTER TABLE t MODIFY a INT DEFAULT 3", Strategy::refused},
      {kNoPrimary, "ALTER TABLE t CHANGE a x INT", Strategy::refused},
      {kNoPrimary, "ALTER TABLE t DROP INDEX un", Strategy::paused},
      {kNoPrimary, "ALTER TABLE t COMMENT 'x', DROP INDEX ua", Strategy::refused},
      {kNoPrimary, "ALTER TABLE t MODIFY a BIGINT NOT NULL", Strategy::paused},
      {"CREATE TABLE `t` (`a` int)", "CREATE TABLE n LIKE t", Strategy::refused},
      {"CREATE TABLE `t` (`a` int)", "ALTER TABLE t DROP COLUMN a",
       Strategy::paused},  // never had a key
      {"CREATE VIEW t AS SELECT 1", "ALTER TABLE t DROP COLUMN a", Strategy::refused},
      {"CREATE TABLE `t` (`a` int sparkling)", "ALTER TABLE t DROP COLUMN a", Strategy::refused},
  };
  for (const Case& c : cases) {
    const Statement s = settled(c.sql, c.table);
    EXPECT_EQ(s.strategy, c.strategy) << c.sql << ": " << s.reason;
  }
}

TEST(TableCheck, RefusesATableThatIsNotThere) {
  const Statement s = classify("ALTER TABLE t DROP INDEX i", context()).at(0);
  EXPECT_EQ(check_with_table(s, {}, context()).strategy, Strategy::refused);
}

TEST(TableCheck, LeavesTablesOutsideOfTheGroupTheirOwners) {
  const Statement s = classify("ALTER TABLE other.t DROP INDEX ua", context()).at(0);
  EXPECT_EQ(check_with_table(s, {{{"other", "t"}, kNoPrimary}}, context()).strategy,
            Strategy::paused);
}

TEST(TableCheck, AsksForNothingWhenTheTextDecides) {
  const Statement s = classify("ALTER TABLE t ADD COLUMN x INT", context()).at(0);
  EXPECT_TRUE(tables_to_check(s).empty());
  EXPECT_EQ(check_with_table(s, {}, context()).strategy, Strategy::replicated);
}

}  // namespace
}  // namespace bdrmesh::ddl
