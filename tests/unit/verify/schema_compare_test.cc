#include "verify/schema_compare.h"

#include <fstream>
#include <gtest/gtest.h>
#include <random>

namespace bdrmesh::verify {
namespace {

const TableName kTable{"app", "t"};

std::vector<SchemaDifference> compare(const std::string& east, const std::string& west) {
  return compare_definitions({{ClusterName("east"), east}, {ClusterName("west"), west}}, kTable);
}

/// A table with `columns` and `options` put in their places.
std::string table(const std::string& columns, const std::string& options = "") {
  return "CREATE TABLE `t` (\n  `id` bigint NOT NULL,\n" + columns +
         "  PRIMARY KEY (`id`) /*T![clustered_index] CLUSTERED */\n) ENGINE=InnoDB DEFAULT "
         "CHARSET=utf8mb4 "
         "COLLATE=utf8mb4_bin" +
         options;
}

struct Case {
  std::string east;
  std::string west;
  std::string what;  ///< empty: no difference
  Severity severity = Severity::differs;
};

TEST(SchemaCompare, TellsHarmlessDifferencesFromOthers) {
  const std::vector<Case> cases = {
      {table("  `a` int DEFAULT NULL,\n"), table("  `a` int DEFAULT NULL,\n"), ""},
      {table("  `a` int(11) DEFAULT NULL,\n"), table("  `a` int DEFAULT NULL,\n"), ""},
      {table("  `a` INT DEFAULT NULL,\n"), table("  `a` int DEFAULT NULL,\n"), ""},
      {table("  `y` year(4) DEFAULT NULL,\n"), table("  `y` year DEFAULT NULL,\n"), ""},
      {table("  `u` int(5) unsigned zerofill,\n"), table("  `u` int(6) unsigned zerofill,\n"),
       "column u"},
      {table("  `a` int DEFAULT NULL,\n"), table("  `a` bigint DEFAULT NULL,\n"), "column a"},
      {table("  `a` int DEFAULT NULL,\n"), table(""), "column a"},
      {table("  `a` int DEFAULT '1',\n"), table("  `a` int DEFAULT '2',\n"), "column a"},
      {table("  `a` varchar(9) COLLATE utf8mb4_general_ci,\n"), table("  `a` varchar(9),\n"),
       "column a"},
      {table("  `a` int COMMENT 'x',\n"), table("  `a` int COMMENT 'y',\n"), "column a",
       Severity::warning},
      {table("  `a` bigint /*T![auto_rand] AUTO_RANDOM(5) */,\n"),
       table("  `a` bigint /*T![auto_rand] AUTO_RANDOM(6) */,\n"), "column a"},
      {table("  `a` bigint /*T![auto_rand] AUTO_RANDOM(5) */,\n"),
       table("  `a` bigint /*T![auto_rand] AUTO_RANDOM(5, 64) */,\n"), ""},
      {table("  `a` int,\n  `b` int,\n"), table("  `b` int,\n  `a` int,\n"), "column order",
       Severity::warning},
      {table("  `a` int,\n  KEY `k` (`a`),\n  KEY `l` (`id`),\n"),
       table("  `a` int,\n  KEY `l` (`id`),\n  KEY `k` (`a`),\n"), ""},
      {table("  `a` int,\n  KEY `k` (`a`),\n"), table("  `a` int,\n"), "index K"},
      {table("  `a` int,\n  KEY `k` (`a`),\n"), table("  `a` int,\n  UNIQUE KEY `k` (`a`),\n"),
       "index K"},
      {table("  `a` int,\n  KEY `k` (`a`),\n"), table("  `a` int,\n  KEY `k` (`a`,`id`),\n"),
       "index K"},
      {table("  `a` int,\n  KEY `k` (`a`) /*!80000 INVISIBLE */,\n"),
       table("  `a` int,\n  KEY `k` (`a`),\n"), "index K", Severity::warning},
      {table("  `a` int,\n  KEY `k` (`a`) /*T![global_index] GLOBAL */,\n"),
       table("  `a` int,\n  KEY `k` (`a`),\n"), "index K"},
      {table("  CONSTRAINT `f` FOREIGN KEY (`id`) REFERENCES `app`.`p` (`id`),\n"),
       table("  CONSTRAINT `f` FOREIGN KEY (`id`) REFERENCES `p` (`id`),\n"), ""},
      {table("  CONSTRAINT `f` FOREIGN KEY (`id`) REFERENCES `app`.`p` (`id`),\n"),
       table("  CONSTRAINT `f` FOREIGN KEY (`id`) REFERENCES `x`.`p` (`id`),\n"), "constraint F"},
      {table("  CONSTRAINT `f` FOREIGN KEY (`id`) REFERENCES `p` (`id`) /* FOREIGN KEY INVALID "
             "*/,\n"),
       table("  CONSTRAINT `f` FOREIGN KEY (`id`) REFERENCES `p` (`id`),\n"), "foreign key state"},
      {table("  CONSTRAINT `c` CHECK ((`id` > 1)),\n"),
       table("  CONSTRAINT `c` CHECK ((`id` > 1)) /*!80016 NOT ENFORCED */,\n"), "constraint C"},
      {table("", " AUTO_INCREMENT=30001"), table(""), "option AUTO_INCREMENT",
       Severity::legitimate},
      {table("", " /*T![auto_rand_base] AUTO_RANDOM_BASE=5 */"), table(""),
       "option AUTO_RANDOM_BASE", Severity::legitimate},
      {table("", " /*T![placement] PLACEMENT POLICY=`p` */"), table(""), "option PLACEMENT POLICY",
       Severity::legitimate},
      {table("", " /*T! SHARD_ROW_ID_BITS=4 */"), table(""), "option SHARD_ROW_ID_BITS",
       Severity::legitimate},
      {table("", " /*T![auto_id_cache] AUTO_ID_CACHE=1 */"), table(""), "option AUTO_ID_CACHE",
       Severity::warning},
      {table("", " /*T![ttl] TTL_ENABLE='ON' */"), table("", " /*T![ttl] TTL_ENABLE='OFF' */"),
       "option TTL_ENABLE", Severity::legitimate},
      {table("", " /*T![ttl] TTL=`a` + INTERVAL 1 DAY */"),
       table("", " /*T![ttl] TTL=`a` + INTERVAL 2 DAY */"), "option TTL"},
      {table("", " /*T![ttl] TTL_JOB_INTERVAL='1h' */"),
       table("", " /*T![ttl] TTL_JOB_INTERVAL='24h' */"), "option TTL_JOB_INTERVAL"},
      {table("", " COMMENT='x'"), table("", " COMMENT='y'"), "option COMMENT", Severity::warning},
      {table("", " /* CACHED ON */"), table(""), "marks", Severity::warning},
      {table("", "\nPARTITION BY HASH (`id`) PARTITIONS 4"),
       table("", "\nPARTITION BY HASH (`id`) PARTITIONS 5"), "partitioning"},
      {"CREATE TABLE `t` (`a` int) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
       "CREATE TABLE `t` (`a` int) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci",
       "option COLLATE"},
      {"CREATE TABLE `t` (`a` int NOT NULL, PRIMARY KEY (`a`) /*T![clustered_index] CLUSTERED */)",
       "CREATE TABLE `t` (`a` int NOT NULL, PRIMARY KEY (`a`) /*T![clustered_index] NONCLUSTERED "
       "*/)",
       "clustered index"},
      {"CREATE VIEW `t` AS SELECT 1", "CREATE VIEW `t` AS SELECT 2", "table"},
      {"CREATE TABLE `t` (`a` int sparkling)", "CREATE TABLE `t` (`a` int)", "table"},
  };
  for (const Case& c : cases) {
    for (const auto& found : {compare(c.east, c.west), compare(c.west, c.east)}) {
      SCOPED_TRACE(c.east + "\nagainst\n" + c.west);
      if (c.what.empty()) {
        EXPECT_TRUE(found.empty()) << (found.empty() ? "" : found[0].what);
        continue;
      }
      ASSERT_EQ(found.size(), 1U);
      EXPECT_NE(found[0].what.find(c.what), std::string::npos) << found[0].what;
      EXPECT_EQ(found[0].severity, c.severity) << found[0].why;
      EXPECT_EQ(found[0].fragments.size(), 2U);
      EXPECT_FALSE(found[0].why.empty());
    }
  }
}

TEST(SchemaCompare, NamesTheClustersThatHaveNoTable) {
  const auto found = compare_definitions({{ClusterName("east"), table("")},
                                          {ClusterName("south"), std::nullopt},
                                          {ClusterName("west"), table("")}},
                                         kTable);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, Severity::differs);
  EXPECT_EQ(found[0].fragments.at(ClusterName("south")), "");
  EXPECT_FALSE(found[0].fragments.at(ClusterName("east")).empty());
  EXPECT_TRUE(
      compare_definitions(
          {{ClusterName("east"), std::nullopt}, {ClusterName("west"), std::nullopt}}, kTable)
          .empty());
}

TEST(SchemaCompare, ShowsEveryDifferenceAtOnce) {
  const auto found =
      compare(table("  `a` int,\n  KEY `k` (`a`),\n", " AUTO_INCREMENT=7"), table("  `b` int,\n"));
  ASSERT_EQ(found.size(), 4U);
  EXPECT_EQ(found[0].what, "column a");
  EXPECT_EQ(found[1].what, "column b");
  EXPECT_EQ(found[2].what, "index K");
  EXPECT_EQ(found[3].what, "option AUTO_INCREMENT");
}

/// The table texts inside the recorded screens of many versions.
std::vector<std::string> recorded() {
  std::vector<std::string> result;
  for (const std::string file :
       {"show-create-auto-id-cache-8.5", "show-create-auto-random-pre-split-8.5",
        "show-create-cached-8.5", "show-create-clustered-8.5", "show-create-foreign-key-8.5",
        "show-create-foreign-key-invalid-6.6", "show-create-global-index-8.5",
        "show-create-placement-8.5"}) {
    std::ifstream in(std::string(BDR_TEST_DATA) + "/tidb/" + file + ".txt");
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const std::size_t from = text.rfind("CREATE TABLE `");
    if (from == std::string::npos) {
      ADD_FAILURE() << "no table in " << file;
      continue;
    }
    const std::size_t end = std::min(text.find(" |\n", from), text.find("\n1 row", from));
    result.push_back(text.substr(from, end == std::string::npos ? end : end - from));
  }
  return result;
}

TEST(SchemaCompare, ReadsTheRecordedTablesOfManyVersions) {
  for (const std::string& text : recorded()) {
    const auto found = compare(text, text + " /*T![placement] PLACEMENT POLICY=`other` */");
    SCOPED_TRACE(text);
    if (text.find("PARTITION BY") != std::string::npos)
      continue;  // options stand before partitions
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].what, "option PLACEMENT POLICY");
  }
}

TEST(SchemaCompare, SurvivesMutatedTexts) {
  const std::vector<std::string> texts = recorded();
  ASSERT_EQ(texts.size(), 8U);
  std::mt19937 random(11);
  int different = 0;
  for (int round = 0; round < 5000; ++round) {
    const std::string& text = texts[random() % texts.size()];
    std::string other = text;
    other.erase(random() % other.size(), 1 + random() % 6);
    different += compare(text, other).empty() ? 0 : 1;
  }
  EXPECT_GT(different, 2500);
}

}  // namespace
}  // namespace bdrmesh::verify
