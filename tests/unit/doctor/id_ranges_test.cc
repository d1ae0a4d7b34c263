#include "doctor/ids/id_ranges.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <limits>

namespace bdrmesh::doctor {
namespace {

using ::testing::HasSubstr;

const TableName kOrders{"app", "orders"};

std::string table(const std::string& id_column, const std::string& options = "") {
  return "CREATE TABLE `orders` (\n  " + id_column +
         ",\n  `note` varchar(20) DEFAULT NULL COMMENT ' AUTO_INCREMENT nextval('\n,"
         "\n  PRIMARY KEY (`id`)\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4" +
         options;
}

IdUse incremented(std::uint64_t next, std::uint64_t limit) {
  IdUse use;
  use.column = "id";
  use.type = "int(11)";
  use.next = next;
  use.limit = limit;
  return use;
}

std::vector<std::string> codes(const std::vector<Finding>& findings) {
  std::vector<std::string> all;
  for (const Finding& one : findings)
    all.push_back(std::string(to_string(one.severity)) + " " + one.code);
  return all;
}

TEST(IdUse, AutoIncrementIsReadWithItsBaseAndItsType) {
  const auto use = id_use(table("`id` int(11) NOT NULL AUTO_INCREMENT", " AUTO_INCREMENT=30001"));
  ASSERT_TRUE(use);
  EXPECT_EQ(use->kind, IdUse::Kind::auto_increment);
  EXPECT_EQ(use->column, "id");
  EXPECT_EQ(use->next, 30001U);
  EXPECT_EQ(use->limit, 2147483647U);
  EXPECT_EQ(use->cache, 30000U);
}

TEST(IdUse, WidthAndSignDecideTheLimit) {
  const auto limit = [](const std::string& type) {
    return id_use(table("`id` " + type + " NOT NULL AUTO_INCREMENT"))->limit;
  };
  EXPECT_EQ(limit("tinyint"), 127U);
  EXPECT_EQ(limit("tinyint(3) unsigned"), 255U);
  EXPECT_EQ(limit("smallint"), 32767U);
  EXPECT_EQ(limit("mediumint unsigned"), 16777215U);
  EXPECT_EQ(limit("int(10) unsigned"), 4294967295U);
  EXPECT_EQ(limit("bigint(20)"), 9223372036854775807U);
  EXPECT_EQ(limit("bigint unsigned"), std::numeric_limits<std::uint64_t>::max());
}

TEST(IdUse, AutoRandomLosesItsShardBits) {
  const auto use = id_use(table("`id` bigint(20) NOT NULL /*T![auto_rand] AUTO_RANDOM(5) */",
                                " /*T![auto_rand_base] AUTO_RANDOM_BASE=60001 */"));
  ASSERT_TRUE(use);
  EXPECT_EQ(use->kind, IdUse::Kind::auto_random);
  EXPECT_EQ(use->shard_bits, 5);
  EXPECT_EQ(use->limit, (std::uint64_t{1} << 58) - 1);
  EXPECT_EQ(use->next, 60001U);
  const auto narrow =
      id_use(table("`id` bigint unsigned NOT NULL /*T![auto_rand] AUTO_RANDOM(5, 54) */"));
  ASSERT_TRUE(narrow);
  EXPECT_EQ(narrow->limit, (std::uint64_t{1} << 49) - 1);
}

TEST(IdUse, CommentsAndTablesWithoutIdsTellNothing) {
  EXPECT_FALSE(id_use(table("`id` bigint NOT NULL")));
  EXPECT_FALSE(id_use(""));
  EXPECT_FALSE(id_use("CREATE TABLE `x` (\n  `AUTO_INCREMENT` int\n)"));
}

TEST(IdUse, TheCacheIsTold) {
  const auto use = id_use(table("`id` bigint NOT NULL AUTO_INCREMENT",
                                " AUTO_INCREMENT=5 /*T![auto_id_cache] AUTO_ID_CACHE=1 */"));
  ASSERT_TRUE(use);
  EXPECT_EQ(use->cache, 1U);
}

TEST(IdRanges, AFreshTableIsOnlyTold) {
  const auto found = judge_ids(kOrders, {{ClusterName("east"), incremented(30001, 2147483647)}});
  EXPECT_THAT(codes(found), ::testing::ElementsAre("ok ID_ALLOCATOR"));
  EXPECT_THAT(found[0].text, HasSubstr("app.orders.id"));
  EXPECT_THAT(found[0].text, HasSubstr("east 30001"));
}

TEST(IdRanges, TheEndIsToldLongBefore) {
  const auto at = [](std::uint64_t next) {
    return codes(judge_ids(kOrders, {{ClusterName("east"), incremented(next, 1000)}}));
  };
  EXPECT_EQ(at(499).size(), 1U);
  EXPECT_THAT(at(502), ::testing::Contains("warning ID_RANGE_ENDS"));
  EXPECT_THAT(at(900), ::testing::Contains("error ID_RANGE_ENDS"));
  EXPECT_THAT(at(5000), ::testing::Contains("error ID_RANGE_ENDS"));
}

TEST(IdRanges, AutoRandomCountsThatWillMeetAreTold) {
  const auto random = [](std::uint64_t next) {
    IdUse use = incremented(next, 1'000'000);
    use.kind = IdUse::Kind::auto_random;
    use.shard_bits = 5;
    return use;
  };
  const auto near =
      judge_ids(kOrders, {{ClusterName("east"), random(1)}, {ClusterName("west"), random(30001)}});
  ASSERT_THAT(codes(near), ::testing::Contains("warning AUTO_RANDOM_BASES_NEAR"));
  const auto told = std::ranges::find(near, "AUTO_RANDOM_BASES_NEAR", &Finding::code);
  EXPECT_THAT(told->text, HasSubstr("one id in 32"));
  EXPECT_THAT(told->remedy, HasSubstr("on west"));
  const auto apart = judge_ids(
      kOrders, {{ClusterName("east"), random(1)}, {ClusterName("west"), random(400'000)}});
  EXPECT_EQ(apart.size(), 1U);
}

}  // namespace
}  // namespace bdrmesh::doctor
