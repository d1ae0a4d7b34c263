#include "lab/parse/tokens.h"

#include <gmock/gmock.h>
#include <random>

#include "lab/parse/statement.h"
#include "lab/schema/create_text.h"
#include "lab/schema/engine_text.h"

namespace bdrmesh::lab {
namespace {

std::vector<std::string> values(std::string_view sql) {
  std::vector<std::string> all;
  for (const Token& token : tokenize(sql).list) all.push_back(token.value);
  return all;
}

Statement only(std::string_view sql) { return classify(std::move(split_statements(sql).front())); }

TEST(Tokenize, LeavesCommentsOut) {
  EXPECT_THAT(values("SELECT /* x */ 1 -- y\n, 2 # z"),
              testing::ElementsAre("select", "1", ",", "2"));
  EXPECT_THAT(values("a--1"), testing::ElementsAre("a", "-", "-", "1"));
}

TEST(Tokenize, ReadsWhatTidbExecutesInComments) {
  EXPECT_THAT(values("PRIMARY KEY (a) /*T![clustered_index] CLUSTERED */"),
              testing::ElementsAre("primary", "key", "(", "a", ")", "clustered"));
  EXPECT_THAT(values("SELECT /*T![nosuchfeature] 2, */ 1"), testing::ElementsAre("select", "1"));
  EXPECT_THAT(values("SELECT /*!40101 1 */"), testing::ElementsAre("select", "1"));
  EXPECT_THAT(values("SELECT /*!99999 no */ 1"), testing::ElementsAre("select", "1"));
  EXPECT_TRUE(tokenize("SELECT /*M! 1 */").foreign_comment);
}

TEST(Tokenize, KeepsTextsNamesAndVariablesWhole) {
  const auto tokens =
      tokenize("@@GLOBAL.`tidb_x` 'it''s \\'q\\'' `a``b` x'00ff' 1e-3 t.1a @u").list;
  ASSERT_EQ(tokens.size(), 9U);
  EXPECT_EQ(tokens[0].value, "@@global.tidb_x");
  EXPECT_EQ(tokens[1].value, "it's 'q'");
  EXPECT_EQ(tokens[2].name, "a`b");
  EXPECT_EQ(tokens[3].kind, TokenKind::text);
  EXPECT_EQ(tokens[4].value, "1e-3");
  EXPECT_EQ(tokens[7].name, "1a");
  EXPECT_EQ(tokens[8].kind, TokenKind::variable);
}

TEST(Tokenize, KnowsWhereTokensStand) {
  const std::string sql = "SELECT  'a;b' ;  UPDATE t";
  const auto statements = split_statements(sql);
  ASSERT_EQ(statements.size(), 2U);
  EXPECT_EQ(statements[1].text.substr(statements[1].tokens[1].begin), "t");
}

TEST(Tokenize, SurvivesAnyBytes) {
  const std::string seed_text =
      "SELECT @@global.tidb_x, `a`.`b`, 'x\\'y' /*T![ttl] TTL */ FROM t WHERE a=0x1f AND b='--' -- "
      "end\n/*! ... */";
  std::mt19937 random(20261121);
  for (int round = 0; round < 3000; ++round) {
    std::string sql = seed_text.substr(0, random() % (seed_text.size() + 1));
    for (int i = 0; i < 4 && !sql.empty(); ++i)
      sql[random() % sql.size()] = static_cast<char>(random());
    std::size_t last = 0;
    for (const Token& token : tokenize(sql).list) {
      ASSERT_LE(token.begin, token.end) << sql;
      ASSERT_LE(last, token.begin) << sql;
      ASSERT_LE(token.end, sql.size()) << sql;
      last = token.begin;
    }
    for (auto& part : split_statements(sql)) {
      const Statement statement = classify(std::move(part));
      named_tables(statement);
      if (statement.verb == Verb::ddl) for_engine(statement);
    }
  }
}

TEST(Statement, NamesItsTablesOnce) {
  const auto names =
      named_tables(only("SELECT * FROM a JOIN d.b ON a.x=b.x, c WHERE EXISTS (SELECT 1 FROM a)"));
  EXPECT_THAT(names,
              testing::ElementsAre(ObjectName{"", "a"}, ObjectName{"d", "b"}, ObjectName{"", "c"}));
  EXPECT_THAT(named_tables(only("UPDATE IGNORE d.t SET a=1")),
              testing::ElementsAre(ObjectName{"d", "t"}));
  EXPECT_THAT(named_tables(only("REPLACE INTO t SELECT * FROM u")),
              testing::ElementsAre(ObjectName{"", "t"}, ObjectName{"", "u"}));
}

TEST(ForEngine, DropsAndReplacesTidbsWordsOnly) {
  EXPECT_EQ(for_engine(only("CREATE TABLE t (id BIGINT AUTO_RANDOM(5) PRIMARY KEY NONCLUSTERED) "
                            "SHARD_ROW_ID_BITS=4")),
            "CREATE TABLE t (id BIGINT AUTO_INCREMENT PRIMARY KEY ) ");
  EXPECT_EQ(for_engine(only("ALTER TABLE t ALTER INDEX k INVISIBLE")),
            "ALTER TABLE t ALTER INDEX k IGNORED");
  EXPECT_EQ(for_engine(only("CREATE TABLE t (a INT, d DATETIME) TTL=`d` + INTERVAL 1 DAY "
                            "TTL_ENABLE='OFF' COMMENT 'c'")),
            "CREATE TABLE t (a INT, d DATETIME)   COMMENT 'c'");
  const std::string plain = "ALTER TABLE `ttl` ADD COLUMN b INT /* keep me */ DEFAULT 1";
  EXPECT_EQ(for_engine(only(plain)), plain);
  EXPECT_EQ(for_engine(only("CREATE TABLE t (ttl INT, a INT)")), "CREATE TABLE t (ttl INT, a INT)");
}

TEST(CreateTable, LooksAsTidbPrintsIt) {
  EXPECT_EQ(
      tidb_create_table(
          "CREATE TABLE `t` (\n  `a` int(11) NOT NULL,\n  `f` tinyint(1) DEFAULT 1,\n  `d` "
          "datetime "
          "DEFAULT current_timestamp(),\n  PRIMARY KEY (`a`),\n  KEY `k` (`f`)\n) ENGINE=InnoDB "
          "DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
          TableFeatures{}),
      "CREATE TABLE `t` (\n  `a` int NOT NULL,\n  `f` tinyint(1) DEFAULT '1',\n  `d` datetime "
      "DEFAULT "
      "CURRENT_TIMESTAMP,\n  PRIMARY KEY (`a`) /*T![clustered_index] CLUSTERED */,\n  KEY `k` "
      "(`f`)\n) "
      "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin");
}

}  // namespace
}  // namespace bdrmesh::lab
