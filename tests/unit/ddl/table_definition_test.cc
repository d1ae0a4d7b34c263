#include "ddl/table_definition.h"

#include <fstream>
#include <gtest/gtest.h>
#include <random>
#include <sstream>

#include "base/error.h"

namespace bdrmesh::ddl {
namespace {

/// The texts that a real server printed: each starts at `CREATE TABLE` behind a `show create table`
/// line.
std::vector<std::string> printed_tables() {
  std::ifstream in(std::string(BDR_TEST_DATA) + "/tidb/real-9.0dev-show-create-table.txt");
  std::vector<std::string> result;
  std::string line;
  bool asked = false;
  bool inside = false;
  while (std::getline(in, line)) {
    if (line.starts_with("root>")) {
      asked = line.find("show create table") != std::string::npos;
      inside = false;
    } else if (asked && line.starts_with("CREATE")) {
      result.push_back(line + "\n");
      inside = true;
    } else if (inside) {
      result.back() += line + "\n";
    }
  }
  return result;
}

TEST(TableDefinition, UnderstandsWhatARealServerPrints) {
  const std::vector<std::string> tables = printed_tables();
  ASSERT_GT(tables.size(), 30U);
  int read = 0;
  for (const std::string& text : tables) {
    if (!text.starts_with("CREATE TABLE") && !text.starts_with("CREATE GLOBAL TEMPORARY")) continue;
    const TableDefinition table = parse_table(text);
    EXPECT_TRUE(table.understood) << table.not_understood << "\n" << text;
    EXPECT_FALSE(table.columns.empty()) << text;
    EXPECT_FALSE(table.options.empty()) << text;
    ++read;
  }
  EXPECT_GT(read, 30);
}

TEST(TableDefinition, HoldsThePartsOfATable) {
  const TableDefinition table = parse_table(R"(CREATE TABLE `t` (
  `id` bigint(20) NOT NULL /*T![auto_rand] AUTO_RANDOM(5) */,
  `a` varchar(20) CHARACTER SET ascii COLLATE ascii_bin DEFAULT 'x,)' COMMENT 'it''s',
  `g` int GENERATED ALWAYS AS (`a` + 1) VIRTUAL NOT NULL,
  PRIMARY KEY (`id`) /*T![clustered_index] CLUSTERED */,
  UNIQUE KEY `ug` (`g`),
  KEY `k` (`a`(5)) /*!80000 INVISIBLE */,
  CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES `x`.`p` (`id`) ON DELETE SET NULL /* FOREIGN KEY INVALID */,
  CONSTRAINT `c` CHECK ((`a` > 1)) /*!80016 NOT ENFORCED */
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin AUTO_INCREMENT=5 COMMENT='c' /*T![ttl] TTL=`d` + INTERVAL 1 DAY */ /*T![placement] PLACEMENT POLICY=`p` */ /* CACHED ON */
PARTITION BY HASH (`id`) PARTITIONS 4)");
  ASSERT_TRUE(table.understood) << table.not_understood;
  EXPECT_EQ(table.name, "t");
  ASSERT_EQ(table.columns.size(), 3U);
  EXPECT_EQ(table.columns[0].type, "bigint");
  EXPECT_TRUE(table.columns[0].automatic);
  EXPECT_EQ(table.columns[1].type, "varchar(20) character set ascii");
  EXPECT_TRUE(table.columns[2].is_virtual());
  ASSERT_EQ(table.indexes.size(), 3U);
  EXPECT_EQ(table.indexes[0].name, "PRIMARY");
  EXPECT_TRUE(table.indexes[2].parts.at(0).prefix);
  EXPECT_EQ(table.clustered, true);
  ASSERT_EQ(table.constraints.size(), 2U);
  EXPECT_TRUE(table.constraints[0].is_foreign_key);
  EXPECT_EQ(table.constraints[1].name, "c");
  EXPECT_EQ(table.partitioning, "PARTITION BY HASH(`id`) PARTITIONS 4");
  EXPECT_EQ(table.comments.size(), 2U);
  ASSERT_EQ(table.usable_keys().size(), 1U);  // a virtual column makes no key
  std::map<std::string, std::string> options;
  for (const TableOption& option : table.options) options[option.name] = option.value;
  EXPECT_EQ(options["AUTO_INCREMENT"], "5");
  EXPECT_EQ(options["TTL"], "`d` + INTERVAL 1 DAY");
  EXPECT_EQ(options["PLACEMENT POLICY"], "`p`");
  EXPECT_EQ(options["CHARSET"], "utf8mb4");
}

TEST(TableDefinition, RefusesWhatIsNoTable) {
  for (const std::string text :
       {"", "CREATE VIEW v AS SELECT 1", "DROP TABLE t", "CREATE TABLE t (a INT); x"}) {
    EXPECT_THROW(parse_table(text), Error) << text;
  }
  EXPECT_FALSE(parse_table("CREATE TABLE t (a INT) SPARKLING=1").understood);
}

TEST(TableDefinition, SurvivesMutatedTexts) {
  const std::vector<std::string> tables = printed_tables();
  std::mt19937 random(3);
  for (int round = 0; round < 10000; ++round) {
    std::string text = tables[random() % tables.size()];
    for (auto times = 1 + random() % 3; times > 0; --times) {
      const std::size_t from = 12 + random() % (text.size() - 12);
      if (random() % 2 == 0) {
        text.erase(from, random() % 9);
      } else {
        text.insert(from, text.substr(random() % text.size(), random() % 9));
      }
    }
    try {
      parse_table(text).has_usable_key();
    } catch (const Error& error) {
      ASSERT_EQ(error.code(), "DDL_SYNTAX");
    }
  }
}

}  // namespace
}  // namespace bdrmesh::ddl
