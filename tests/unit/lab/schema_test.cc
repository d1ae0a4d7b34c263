// TiDB's tables beyond what the engine knows: read from DDL, kept, printed.
#include <gmock/gmock.h>
#include <set>

#include "lab/schema/create_text.h"
#include "lab/schema/engine_text.h"
#include "lab/schema/insert_shape.h"
#include "lab/schema/table_book.h"

namespace bdrmesh::lab {
namespace {

Statement only(std::string_view sql) { return classify(std::move(split_statements(sql).front())); }

class Book : public testing::Test {
 protected:
  void note(std::string_view sql, DefaultHandle handle = DefaultHandle::clustered) {
    const Statement statement = only(sql);
    book_.note(statement, parse_ddl(statement), "d", handle);
  }
  TableFeatures of(const std::string& table) const { return book_.of({"d", table}); }

  TableBook book_;
};

TEST_F(Book, ReadsEveryFeatureOfCreateTable) {
  note(
      "CREATE TABLE t (id BIGINT UNSIGNED AUTO_RANDOM(4, 54), d DATETIME, b INT, PRIMARY KEY (id) "
      "CLUSTERED, UNIQUE KEY u (b) GLOBAL) AUTO_RANDOM_BASE=1000 PRE_SPLIT_REGIONS=2 "
      "PLACEMENT POLICY=`pp` TTL=`d` + INTERVAL 3 MONTH TTL_ENABLE='OFF' TTL_JOB_INTERVAL='24h'");
  const TableFeatures t = of("t");
  ASSERT_TRUE(t.auto_random.has_value());
  EXPECT_EQ(t.auto_random->column, "id");
  EXPECT_EQ(t.auto_random->shard_bits, 4);
  EXPECT_EQ(t.auto_random->range_bits, 54);
  EXPECT_EQ(t.auto_random->base, 1000U);
  EXPECT_EQ(t.pre_split_regions, 2);
  EXPECT_EQ(t.placement_policy, "pp");
  EXPECT_THAT(t.global_indexes, testing::ElementsAre("u"));
  ASSERT_TRUE(t.ttl.has_value());
  EXPECT_EQ(t.ttl->column, "d");
  EXPECT_EQ(t.ttl->interval, "3 MONTH");
  EXPECT_FALSE(t.ttl->enabled);
  EXPECT_EQ(t.ttl->job_interval, "24h");
  EXPECT_FALSE(t.nonclustered);
}

TEST_F(Book, ReadsWhatTidbWritesIntoComments) {
  note(
      "CREATE TABLE t (`a` bigint NOT NULL /*T![auto_rand] AUTO_RANDOM(5) */, `d` datetime, "
      "PRIMARY KEY (`a`) /*T![clustered_index] NONCLUSTERED */) ENGINE=InnoDB /*T! "
      "SHARD_ROW_ID_BITS=4 PRE_SPLIT_REGIONS=2 */ /*T![ttl] TTL=`d` + INTERVAL 1 DAY */ /*T![ttl] "
      "TTL_ENABLE='ON' */");
  const TableFeatures t = of("t");
  EXPECT_TRUE(t.nonclustered);
  EXPECT_EQ(t.shard_row_id_bits, 4);
  EXPECT_EQ(t.auto_random->shard_bits, 5);
  EXPECT_TRUE(t.ttl->enabled);
}

TEST_F(Book, KnowsWhichKeysAreHandlesByDefault) {
  note("CREATE TABLE i (a INT PRIMARY KEY)", DefaultHandle::integers_only);
  note("CREATE TABLE s (a VARCHAR(3) PRIMARY KEY)", DefaultHandle::integers_only);
  note("CREATE TABLE p (a INT, b INT, PRIMARY KEY (a, b))", DefaultHandle::integers_only);
  note("CREATE TABLE o (a INT PRIMARY KEY)", DefaultHandle::nonclustered);
  note("CREATE TABLE w (a INT PRIMARY KEY CLUSTERED)", DefaultHandle::nonclustered);
  EXPECT_FALSE(of("i").nonclustered);
  EXPECT_TRUE(of("s").nonclustered);
  EXPECT_TRUE(of("p").nonclustered);
  EXPECT_TRUE(of("o").nonclustered);
  EXPECT_FALSE(of("w").nonclustered);
}

TEST_F(Book, FollowsAlterRenameLikeAndDrop) {
  note("CREATE TABLE t (a INT PRIMARY KEY, d DATETIME) TTL = d + INTERVAL 1 DAY");
  note("ALTER TABLE t TTL_ENABLE='OFF', ADD COLUMN c INT");
  EXPECT_FALSE(of("t").ttl->enabled);
  note("ALTER TABLE t SHARD_ROW_ID_BITS=3");
  note("ALTER TABLE t CACHE");
  note("ALTER TABLE t ATTRIBUTES='merge_option=allow'");
  note("ALTER TABLE t SET TIFLASH REPLICA 2");
  EXPECT_EQ(of("t").tiflash_replicas, 2);
  EXPECT_EQ(of("t").attributes, "merge_option=allow");
  note("CREATE TABLE l LIKE t");
  EXPECT_TRUE(of("l").ttl.has_value());
  EXPECT_FALSE(of("l").cached);
  note("RENAME TABLE t TO e.t, l TO m");
  EXPECT_FALSE(of("t").ttl.has_value());
  EXPECT_TRUE(book_.of({"e", "t"}).cached);
  note("ALTER TABLE m RENAME TO n");
  note("ALTER TABLE n REMOVE TTL");
  EXPECT_FALSE(of("n").ttl.has_value());
  EXPECT_EQ(of("n").shard_row_id_bits, 3);
  note("DROP DATABASE e");
  EXPECT_FALSE(book_.of({"e", "t"}).cached);
}

TEST_F(Book, GivesOutIdsOfOneShardPerTransaction) {
  note("CREATE TABLE t (a BIGINT AUTO_RANDOM(5) PRIMARY KEY, b INT)");
  const std::uint64_t first = book_.take_ids({"d", "t"}, 7, 3);
  const std::uint64_t second = book_.take_ids({"d", "t"}, 7, 1);
  EXPECT_EQ(second, first + 3);
  EXPECT_EQ(first & ((1ULL << 58U) - 1), 1U);
  EXPECT_EQ(first >> 63U, 0U);
  std::set<std::uint64_t> shards;
  for (std::uint64_t ts = 1; ts < 200; ++ts) {
    shards.insert(book_.take_ids({"d", "t"}, ts << 18U, 1) >> 58U);
  }
  EXPECT_GT(shards.size(), 20U);
  EXPECT_LE(*shards.rbegin(), 31U);
  EXPECT_EQ(book_.take_ids({"d", "other"}, 7, 1), 0U);
}

TEST(InsertShape, SeesExplicitValuesOfAColumn) {
  const auto shape = [](std::string_view sql) { return insert_shape(only(sql), "a", 0); };
  EXPECT_TRUE(shape("INSERT INTO t VALUES (5, 1)").names_value);
  EXPECT_FALSE(shape("INSERT INTO t VALUES (NULL, 1), (0, 2), (DEFAULT, (3))").names_value);
  EXPECT_EQ(shape("INSERT INTO t VALUES (NULL, 1), (0, f(2, 3))").rows, 2U);
  EXPECT_FALSE(shape("INSERT INTO t (b) VALUES (1)").names_value);
  EXPECT_TRUE(shape("REPLACE INTO d.t (b, `A`) VALUES (1, NULL), (1, -2)").names_value);
  EXPECT_FALSE(shape("INSERT INTO t (b, a) VALUES (?, ?)").names_value);
  EXPECT_TRUE(shape("INSERT t SET b = 1, a = 3").names_value);
  EXPECT_FALSE(shape("INSERT t SET b = 1 ON DUPLICATE KEY UPDATE a = 3").names_value);
  EXPECT_TRUE(shape("INSERT INTO t SELECT * FROM u").names_value);
  EXPECT_FALSE(shape("INSERT INTO t (b) SELECT b FROM u").names_value);
}

TEST(EngineText, LeavesOutClausesThatMeanNothingToTheEngine) {
  EXPECT_EQ(for_engine(only("ALTER TABLE t TTL_ENABLE='OFF', ADD COLUMN c INT, REMOVE TTL")),
            "ALTER TABLE t  ADD COLUMN c INT");
  EXPECT_EQ(for_engine(only("ALTER TABLE t CACHE")), "ALTER TABLE t ");
  EXPECT_EQ(for_engine(only("ALTER TABLE t SET TIFLASH REPLICA 1 LOCATION LABELS 'a', 'b'")),
            "ALTER TABLE t ");
  EXPECT_EQ(for_engine(only("ALTER TABLE t ADD COLUMN attributes JSON, ADD COLUMN ttl INT")),
            "ALTER TABLE t ADD COLUMN attributes JSON, ADD COLUMN ttl INT");
}

TEST(EngineText, BringsOutWhatTheEngineWouldPassOver) {
  EXPECT_EQ(
      for_engine(only("CREATE TABLE t (a BIGINT NOT NULL /*T![auto_rand] AUTO_RANDOM(5) */, "
                      "PRIMARY KEY (a) /*T![clustered_index] CLUSTERED */, KEY k (a) "
                      "/*!80000 INVISIBLE */) /*T![placement] PLACEMENT POLICY=`p` */")),
      "CREATE TABLE t (a BIGINT NOT NULL AUTO_INCREMENT, PRIMARY KEY (a) , KEY k (a) IGNORED) "
      "");
  EXPECT_EQ(for_engine(only("CREATE TABLE t (a VARCHAR(3) CHARACTER SET latin1, b CHAR(1)) CHARSET "
                            "= utf8")),
            "CREATE TABLE t (a VARCHAR(3) CHARACTER SET latin1 COLLATE latin1_bin, b CHAR(1)) "
            "CHARSET = utf8 COLLATE utf8_bin");
}

TEST(CreateText, PrintsFeaturesInTidbsOrder) {
  TableFeatures features;
  features.nonclustered = true;
  features.shard_row_id_bits = 4;
  features.ttl = TimeToLive{"expire_at", "1 DAY", true, "24h"};
  features.placement_policy = "pp";
  features.cached = true;
  EXPECT_EQ(tidb_create_table(
                "CREATE TABLE `t` (\n  `id` bigint(20) NOT NULL,\n  `j` longtext CHARACTER SET "
                "utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL CHECK (json_valid(`j`)),\n  PRIMARY KEY "
                "(`id`),\n  KEY `k` (`id` DESC) IGNORED,\n  CONSTRAINT `CONSTRAINT_1` CHECK (`id` "
                "<> 5)\n) ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4 "
                "COLLATE=utf8mb4_bin COMMENT='x'\n PARTITION BY HASH (`id`)\nPARTITIONS 4",
                features),
            "CREATE TABLE `t` (\n  `id` bigint NOT NULL,\n  `j` json DEFAULT NULL,\n  PRIMARY KEY "
            "(`id`) /*T![clustered_index] NONCLUSTERED */,\n  KEY `k` (`id`) /*!80000 INVISIBLE "
            "*/,\n  CONSTRAINT `t_chk_1` CHECK ((`id` != 5))\n) ENGINE=InnoDB DEFAULT "
            "CHARSET=utf8mb4 COLLATE=utf8mb4_bin AUTO_INCREMENT=30001 /*T! SHARD_ROW_ID_BITS=4 */ "
            "COMMENT='x' /*T![placement] PLACEMENT POLICY=`pp` */ /* CACHED ON */\nPARTITION BY "
            "HASH (`id`) PARTITIONS 4 /*T![ttl] TTL=`expire_at` + INTERVAL 1 DAY */ /*T![ttl] "
            "TTL_ENABLE='ON' */ /*T![ttl] TTL_JOB_INTERVAL='24h' */");
}

TEST(CreateText, PrintsViewsAndSchemas) {
  EXPECT_EQ(tidb_create_view("CREATE ALGORITHM=UNDEFINED DEFINER=`root`@`%` SQL SECURITY DEFINER "
                             "VIEW `v1` AS select `sc`.`ai`.`a` AS `a` from `sc`.`ai` limit 5",
                             {"a"}),
            "CREATE ALGORITHM=UNDEFINED DEFINER=`root`@`%` SQL SECURITY DEFINER VIEW `v1` (`a`) AS "
            "SELECT `sc`.`ai`.`a` AS `a` FROM `sc`.`ai` LIMIT 5");
  EXPECT_EQ(
      tidb_create_schema(
          "CREATE DATABASE `sc` /*!40100 DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin */",
          "pp"),
      "CREATE DATABASE `sc` /*!40100 DEFAULT CHARACTER SET utf8mb4 */ /*T![placement] "
      "PLACEMENT POLICY=`pp` */");
}

}  // namespace
}  // namespace bdrmesh::lab
