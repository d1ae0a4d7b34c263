#include "ddl/classify.h"

#include <gtest/gtest.h>
#include <random>

#include "base/error.h"

namespace bdrmesh::ddl {
namespace {

Context with_roles() {
  Context context;
  context.default_schema = "app";
  context.tidb = {8, 5, 0};
  context.roles_set = true;
  context.tables = TableFilter({"app.*", "!app.tmp_*"});
  return context;
}

Context without_roles(Version version = {7, 5, 1}) {
  Context context = with_roles();
  context.tidb = version;
  context.roles_set = false;
  return context;
}

Statement one(std::string_view sql, const Context& context = with_roles()) {
  std::vector<Statement> all = classify(sql, context);
  EXPECT_EQ(all.size(), 1U) << sql;
  return all.front();
}

struct Case {
  std::string sql;
  Strategy strategy;
  std::string reason;  ///< a part of it
};

void check(const std::vector<Case>& cases, const Context& context) {
  for (const Case& c : cases) {
    const Statement s = one(c.sql, context);
    EXPECT_EQ(s.strategy, c.strategy) << c.sql << ": " << s.reason;
    EXPECT_NE(s.reason.find(c.reason), std::string::npos) << c.sql << ": " << s.reason;
  }
}

TEST(Classify, ChoosesHowTheMeshRunsAStatement) {
  check(
      {{"ALTER TABLE t ADD COLUMN a INT", Strategy::replicated, "PRIMARY"},
       {"ALTER TABLE t ADD COLUMN a INT NOT NULL", Strategy::paused, "ADD COLUMN"},
       {"ALTER TABLE t ADD (a INT, b INT DEFAULT 3)", Strategy::replicated, ""},
       {"ALTER TABLE t ADD (a INT, b INT NOT NULL)", Strategy::paused, ""},
       {"ALTER TABLE t ADD COLUMN a INT DEFAULT -1 COMMENT 'x, y' AFTER b, ADD INDEX i (a)",
        Strategy::replicated, ""},
       {"ALTER TABLE t ADD COLUMN a DECIMAL(10,2) UNSIGNED DEFAULT 1.5", Strategy::replicated, ""},
       {"ALTER TABLE t ADD COLUMN a VARBINARY(9) DEFAULT x'00ff'", Strategy::replicated, ""},
       {"ALTER TABLE t ADD COLUMN a CHAR(36) DEFAULT (uuid())", Strategy::paused, "computed"},
       {"ALTER TABLE t ADD COLUMN a INT UNIQUE", Strategy::refused, "8200"},
       {"ALTER TABLE t ADD COLUMN a INT AS (b) STORED", Strategy::refused, "3106"},
       {"ALTER TABLE t RENAME COLUMN a TO b", Strategy::paused, "old column name"},
       {"ALTER TABLE t CHANGE a b INT DEFAULT 5", Strategy::paused, "old column name"},
       {"ALTER TABLE t CHANGE a `A` INT DEFAULT 5", Strategy::replicated, "type stays"},
       {"ALTER TABLE t ADD INDEX i (a), ADD UNIQUE INDEX u (b)", Strategy::paused, "collide"},
       {"ALTER TABLE t ADD INDEX i (a), ADD CONSTRAINT u UNIQUE (b)", Strategy::paused, "collide"},
       {"CREATE INDEX i ON t (a)", Strategy::replicated, ""},
       {"CREATE UNIQUE INDEX i ON t (a)", Strategy::paused, "collide"},
       {"ALTER TABLE t DROP PRIMARY KEY", Strategy::paused, "lose the key"},
       {"ALTER TABLE t DROP INDEX `PRIMARY`", Strategy::paused, "lose the key"},
       {"DROP INDEX `primary` ON t", Strategy::paused, "lose the key"},
       {"ALTER TABLE t COMMENT 'x', DROP PRIMARY KEY", Strategy::paused, "lose the key"},
       {"TRUNCATE t", Strategy::paused, "truncate table"},
       {"DROP TABLE t, u", Strategy::paused, "drop table"},
       {"CREATE DATABASE app", Strategy::replicated, ""},
       {"ALTER DATABASE CHARACTER SET utf8mb4", Strategy::paused, ""},
       {"CREATE SEQUENCE s", Strategy::paused, "range of its own"},
       {"CREATE PLACEMENT POLICY p FOLLOWERS=2", Strategy::everywhere, "every role"},
       {"ALTER TABLE t SET TIFLASH REPLICA 1", Strategy::paused, ""},
       {"ALTER TABLE t PARTITION BY HASH(a) PARTITIONS 4", Strategy::paused, ""},
       {"ALTER TABLE t ADD PARTITION (PARTITION p VALUES LESS THAN (3))", Strategy::replicated, ""},
       {"ALTER TABLE t ADD PARTITION PARTITIONS 3", Strategy::paused, "moves rows"},
       {"LOCK TABLES t READ", Strategy::refused, "one session"},
       {"FLASHBACK CLUSTER TO TIMESTAMP '2026-01-01'", Strategy::refused, "stop the group"},
       {"FLASHBACK DATABASE app", Strategy::refused, "not follow"},
       {"RECOVER TABLE BY JOB 7", Strategy::refused, "name the table"},
       {"RECOVER TABLE t", Strategy::paused, ""},
       {"ADMIN REPAIR TABLE t CREATE TABLE t (a INT)", Strategy::refused, "one cluster"}},
      with_roles());
}

TEST(Classify, WantsAUsableKeyInANewTable) {
  check({{"CREATE TABLE t (a INT)", Strategy::refused, "no primary key"},
         {"CREATE TABLE t (a INT PRIMARY KEY)", Strategy::replicated, ""},
         {"CREATE TABLE t (a INT KEY)", Strategy::replicated, ""},
         {"CREATE TABLE t (a INT, b INT, PRIMARY KEY (a, b))", Strategy::replicated, ""},
         {"CREATE TABLE t (a INT UNIQUE)", Strategy::refused, "no primary key"},
         {"CREATE TABLE t (a INT NOT NULL UNIQUE)", Strategy::replicated, ""},
         {"CREATE TABLE t (a INT NOT NULL, b INT, UNIQUE KEY u (a, b))", Strategy::refused,
          "no primary key"},
         {"CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, CONSTRAINT u UNIQUE (a, b))",
          Strategy::replicated, ""},
         {"CREATE TABLE t (a VARCHAR(9) NOT NULL, UNIQUE (a(3)))", Strategy::refused,
          "no primary key"},
         {"CREATE TABLE t (a INT NOT NULL, UNIQUE ((a + 1)))", Strategy::refused, "no primary key"},
         {"CREATE TABLE t (a INT NOT NULL, g INT AS (a) VIRTUAL NOT NULL, UNIQUE (g))",
          Strategy::refused, "no primary key"},
         {"CREATE TABLE t (a INT NOT NULL, g INT AS (a) STORED NOT NULL, UNIQUE (g))",
          Strategy::replicated, ""},
         {"CREATE TABLE t (a INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES o (id))",
          Strategy::paused, "foreign key"},
         {"CREATE TABLE t (a INT PRIMARY KEY, p INT REFERENCES o (id))", Strategy::paused,
          "foreign key"},
         {"CREATE TABLE t (a INT PRIMARY KEY) COMMENT 'x' PARTITION BY HASH (a) PARTITIONS 2",
          Strategy::replicated, ""},
         {"CREATE TABLE t (a INT PRIMARY KEY) SELECT * FROM u", Strategy::refused, "SELECT"},
         {"CREATE TABLE t SELECT * FROM u", Strategy::refused, "columns are missing"},
         {"CREATE TABLE tmp_1 (a INT PRIMARY KEY)", Strategy::paused, "no feed"},
         {"CREATE TEMPORARY TABLE t (a INT PRIMARY KEY)", Strategy::refused, "one session"}},
        with_roles());
  EXPECT_TRUE(one("CREATE TABLE t LIKE u").needs_table_check);
  EXPECT_TRUE(one("CREATE TABLE t (LIKE u)").needs_table_check);
}

TEST(Classify, KeepsTablesFromCrossingTheFilter) {
  check(
      {{"RENAME TABLE app.tmp_1 TO app.t", Strategy::refused, "every feed would stop"},
       {"ALTER TABLE other.t RENAME TO app.t", Strategy::refused, "every feed would stop"},
       {"RENAME TABLE t TO u, other.x TO y", Strategy::refused, "every feed would stop"},
       {"RENAME TABLE t TO other.t", Strategy::refused, "no longer be replicated"},
       {"RENAME TABLE t TO u", Strategy::paused, ""},
       {"RENAME TABLE other.t TO other.u", Strategy::paused, ""},
       {"FLASHBACK TABLE tmp_1 TO t", Strategy::refused, "every feed would stop"},
       {"ALTER TABLE t EXCHANGE PARTITION p WITH TABLE other.x", Strategy::refused, "rows differ"},
       {"ALTER TABLE t EXCHANGE PARTITION p WITH TABLE u", Strategy::paused, ""},
       {"ALTER TABLE other.t ADD COLUMN a INT", Strategy::paused, "no feed"},
       {"DROP VIEW app.v, other.v", Strategy::refused, "split it"},
       {"CREATE DATABASE elsewhere", Strategy::paused, "no feed"},
       {"CREATE TABLE mysql.t (a INT PRIMARY KEY)", Strategy::refused, "belongs to the servers"},
       {"DROP TABLE bdrmesh.marker", Strategy::refused, "belongs to bdrmesh"},
       {"DROP DATABASE BDRMESH_LOCAL", Strategy::refused, "belongs to bdrmesh"}},
      with_roles());
}

TEST(Classify, RunsEverywhereOnlyWhatIsDocumentedSoWithoutRoles) {
  const std::vector<Case> cases = {
      {"CREATE DATABASE app", Strategy::everywhere, ""},
      {"CREATE TABLE t (a INT PRIMARY KEY)", Strategy::everywhere, ""},
      {"ALTER TABLE t ADD INDEX i (a)", Strategy::everywhere, ""},
      {"ALTER TABLE t COMMENT 'x', ALTER INDEX i INVISIBLE", Strategy::everywhere, ""},
      {"ALTER TABLE t ALTER a SET DEFAULT 3", Strategy::everywhere, ""},
      {"CREATE VIEW v AS SELECT 1", Strategy::everywhere, ""},
      {"ALTER TABLE t TTL_ENABLE='OFF'", Strategy::everywhere, ""},
      {"ALTER TABLE t ADD COLUMN a INT", Strategy::paused, ""},
      {"ALTER TABLE t ADD INDEX i (a), ADD COLUMN b INT", Strategy::paused, ""},
      {"ALTER TABLE t MODIFY a INT DEFAULT 4", Strategy::paused, ""},
      {"ALTER TABLE t ADD UNIQUE INDEX i (a)", Strategy::paused, ""},
      {"DROP TABLE t", Strategy::paused, ""},
      {"ALTER TABLE t DROP PARTITION p0", Strategy::paused, ""},
      {"ALTER TABLE t DROP PRIMARY KEY", Strategy::paused, ""}};
  check(cases, without_roles());
  check(cases, without_roles({8, 5, 0}));
  Context old = with_roles();
  old.tidb = {7, 5, 3};
  check(cases, old);
  EXPECT_NE(one("CREATE DATABASE app", old).reason.find("v7.6"), std::string::npos);
}

TEST(Classify, RefusesWhatItDoesNotKnow) {
  for (const std::string sql : {"ALTER TABLE t FROBNICATE",
                                "ALTER TABLE t ADD COLUMN a INT SPARKLING",
                                "ALTER TABLE t",
                                "ALTER",
                                "ALTER TABLE",
                                "ALTER TABLE t ADD INDEX i (a) , ",
                                "ALTER TABLE t DROP",
                                "ALTER TABLE t ADD COLUMN",
                                "CREATE",
                                "CREATE TABLE",
                                "CREATE TRIGGER n BEFORE INSERT ON t FOR EACH ROW SET @a=1",
                                "ALTER TABLE t AFFINITY = 'x'",
                                "CREATE OR REPLACE TABLE t (a INT)",
                                "TRUNCATE",
                                "RENAME TABLE t",
                                "DROP INDEX i",
                                "DROP TABLE t garbage",
                                "ALTER TABLE t COMMENT 'x' garbage",
                                "FLASHBACK",
                                "DELIMITER //",
                                "42",
                                "`t`",
                                "ALTER TABLE t /*T![later] CACHE */",
                                "ALTER TABLE t ADD COLUMN a INT /*T![later] NOT NULL */"}) {
    const Statement s = one(sql);
    EXPECT_EQ(s.strategy, Strategy::refused) << sql << ": " << s.reason;
    EXPECT_EQ(s.class_, DdlClass::unknown) << sql << ": " << s.reason;
    EXPECT_NE(s.reason.find("not understood"), std::string::npos) << s.reason;
  }
}

TEST(Classify, CallsEverythingElseNoDdl) {
  for (const std::string sql :
       {"SELECT 1", "(SELECT 1)", "INSERT INTO t VALUES (1)", "SET GLOBAL x=1", "USE app",
        "CREATE USER u", "GRANT ALL ON *.* TO u", "ANALYZE TABLE t", "ADMIN UNSET BDR ROLE",
        "WITH c AS (SELECT 1) SELECT * FROM c", "IMPORT INTO t FROM 'x'"}) {
    const Statement s = one(sql);
    EXPECT_EQ(s.class_, DdlClass::not_ddl) << sql;
    EXPECT_EQ(s.strategy, Strategy::refused) << sql;
  }
}

TEST(Classify, SplitsAScriptAndKeepsItsTexts) {
  const auto all =
      classify("-- first\nALTER TABLE t COMMENT ';'; /* x */ DROP TABLE `a;b` ;;\n", with_roles());
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].text, "ALTER TABLE t COMMENT ';'");
  EXPECT_EQ(all[1].text, "DROP TABLE `a;b`");
  EXPECT_EQ(all[1].tables, (std::vector<TableName>{{"app", "a;b"}}));
}

TEST(Classify, FindsEveryTableThatChanges) {
  using Names = std::vector<TableName>;
  EXPECT_EQ(one("ALTER TABLE `x`.`y z` COMMENT 'a'").tables, (Names{{"x", "y z"}}));
  EXPECT_EQ(one("RENAME TABLE a TO b, x.c TO x.d").tables,
            (Names{{"app", "a"}, {"app", "b"}, {"x", "c"}, {"x", "d"}}));
  EXPECT_EQ(one("ALTER TABLE a EXCHANGE PARTITION p WITH TABLE b").tables,
            (Names{{"app", "a"}, {"app", "b"}}));
  EXPECT_EQ(one("CREATE TABLE n LIKE t").tables, (Names{{"app", "n"}}));
  EXPECT_EQ(one("DROP DATABASE shop").schemas, (std::vector<std::string>{"shop"}));
  Context ansi = with_roles();
  ansi.ansi_quotes = true;
  EXPECT_EQ(one("ALTER TABLE \"x\".\"y\" COMMENT 'a'", ansi).tables, (Names{{"x", "y"}}));
  Context nowhere = with_roles();
  nowhere.default_schema.clear();
  EXPECT_EQ(one("ALTER TABLE t COMMENT 'a'", nowhere).strategy, Strategy::refused);
}

TEST(Classify, ReadsCommentsThatAreExecuted) {
  EXPECT_EQ(one("/*!80000 ALTER TABLE t */ DROP PRIMARY KEY").kind, Kind::drop_primary_key);
  EXPECT_EQ(one("ALTER TABLE t /* , DROP PRIMARY KEY */ COMMENT 'x'").kind, Kind::table_comment);
  EXPECT_EQ(one("ALTER TABLE t /*T! , DROP COLUMN a, */ COMMENT 'x'").strategy, Strategy::refused);
  EXPECT_EQ(one("CREATE TABLE t (a BIGINT /*T![auto_rand] AUTO_RANDOM(5) */ PRIMARY KEY "
                "/*T![clustered_index] CLUSTERED */)")
                .strategy,
            Strategy::replicated);
}

TEST(Classify, KnowsWhatRepeatsWithoutHarm) {
  for (const std::string sql :
       {"CREATE TABLE IF NOT EXISTS t (a INT PRIMARY KEY)", "DROP TABLE IF EXISTS t",
        "CREATE OR REPLACE VIEW v AS SELECT 1", "ALTER TABLE t ADD COLUMN IF NOT EXISTS a INT",
        "CREATE INDEX IF NOT EXISTS i ON t (a)", "ALTER TABLE t ADD INDEX IF NOT EXISTS i (a)",
        "ALTER TABLE t DROP INDEX IF EXISTS i", "ALTER TABLE t COMMENT 'x'",
        "ALTER TABLE t ADD PARTITION IF NOT EXISTS (PARTITION p VALUES LESS THAN (1))"}) {
    EXPECT_TRUE(one(sql).idempotent) << sql;
  }
  for (const std::string sql :
       {"CREATE TABLE t (a INT PRIMARY KEY)", "DROP TABLE t", "ALTER TABLE t ADD COLUMN a INT",
        "TRUNCATE t", "ALTER TABLE t ADD COLUMN IF NOT EXISTS a INT, ADD COLUMN b INT",
        "RENAME TABLE a TO b"}) {
    EXPECT_FALSE(one(sql).idempotent) << sql;
  }
}

TEST(Classify, SaysWhatTakesLong) {
  for (const std::string sql :
       {"CREATE INDEX i ON t (a)", "ALTER TABLE t MODIFY a BIGINT",
        "ALTER TABLE t ADD PRIMARY KEY (a)", "ALTER TABLE t COMMENT 'x', ADD INDEX i (a)",
        "ALTER TABLE t REMOVE PARTITIONING"}) {
    EXPECT_TRUE(one(sql).reorganises) << sql;
  }
  EXPECT_FALSE(one("ALTER TABLE t ADD COLUMN a INT").reorganises);
}

TEST(Classify, RefusesAnEmptyScript) {
  for (const std::string sql : {"", "  ", ";", "-- x", "/* x */;"}) {
    try {
      classify(sql, with_roles());
      ADD_FAILURE() << sql;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), "DDL_SYNTAX");
    }
  }
}

/// Cuts, repeats and swaps words of real statements: nothing may crash, and nothing may lose its
/// reason.
TEST(Classify, SurvivesMutatedStatements) {
  const std::vector<std::string> seeds = {
      "ALTER TABLE app.t ADD COLUMN a INT NOT NULL DEFAULT 1 COMMENT 'x' AFTER b, ADD UNIQUE INDEX "
      "u (a, b(3))",
      "CREATE TABLE t (a INT PRIMARY KEY, b VARCHAR(3) AS (c) STORED, KEY k ((lower(b))) /*!80000 "
      "INVISIBLE */) TTL=`a` + "
      "INTERVAL 1 DAY PARTITION BY RANGE (a) (PARTITION p VALUES LESS THAN (3))",
      "RENAME TABLE a TO b, c.d TO `e`.`f`",
      "ALTER TABLE t EXCHANGE PARTITION p WITH TABLE x WITHOUT VALIDATION",
      "CREATE DEFINER=root@'%' SQL SECURITY INVOKER VIEW v AS SELECT 1",
      "ALTER DATABASE d CHARSET utf8mb4 PLACEMENT POLICY p",
      "ALTER TABLE t CHANGE COLUMN IF EXISTS a b DECIMAL(1,2) DEFAULT (1 + 1), DROP CONSTRAINT c, "
      "ALTER COLUMN x DROP DEFAULT"};
  std::mt19937 random(42);
  int understood = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string text = seeds[random() % seeds.size()];
    for (auto times = 1 + random() % 4; times > 0; --times) {
      const std::size_t from = random() % text.size();
      const std::size_t length = random() % 12;
      const std::string piece = text.substr(from, length);
      if (random() % 2 == 0) {
        text.erase(from, length);
      } else {
        text.insert(random() % text.size(), piece);
      }
      if (text.empty()) text = "x";
    }
    try {
      for (const Statement& s : classify(text, with_roles())) {
        ASSERT_FALSE(s.reason.empty()) << text;
        ASSERT_FALSE(s.clauses.empty()) << text;
        for (const NamePlace& place : s.places) ASSERT_LE(place.end, s.text.size()) << text;
        understood += s.class_ == DdlClass::unknown ? 0 : 1;
      }
    } catch (const Error& error) {
      ASSERT_EQ(error.code(), "DDL_SYNTAX");
    }
  }
  EXPECT_GT(understood, 100);
}

}  // namespace
}  // namespace bdrmesh::ddl
