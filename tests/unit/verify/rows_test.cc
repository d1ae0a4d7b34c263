// The pure parts of row verification: how a table is read, its SQL, who agrees, what settles.
#include <gmock/gmock.h>

#include "clients/catalogue/sql_catalogue_rows.h"
#include "verify/chunk_pass.h"
#include "verify/live_judge.h"
#include "verify/schema_heal.h"
#include "verify/table_read.h"

namespace bdrmesh::verify {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

ReadingPlan reading(const std::string& body) {
  return plan_reading({"app", "t"}, ddl::parse_table("CREATE TABLE `t` " + body));
}

const ClusterName kEast("east");
const ClusterName kWest("west");
const ClusterName kSouth("south");

TEST(TableRead, LeavesVirtualColumnsToThoseThatDetermineThem) {
  const ReadingPlan plan = reading(
      "(`id` int NOT NULL, `a` int DEFAULT NULL, `v` int GENERATED ALWAYS AS (`a` + 1) VIRTUAL, "
      "PRIMARY KEY (`id`))");
  EXPECT_THAT(plan.derived, ElementsAre("v"));
  EXPECT_EQ(plan.read.columns.size(), 2U);
}

TEST(TableRead, TakesThePrimaryKeyBeforeUniqueOnes) {
  const ReadingPlan plan =
      reading("(`id` int NOT NULL, `u` int NOT NULL, UNIQUE KEY `u` (`u`), PRIMARY KEY (`id`))");
  EXPECT_THAT(plan.read.key, ElementsAre("id"));
}

TEST(TableRead, AKeyOfNullableColumnsNamesNoRow) {
  const ReadingPlan plan = reading("(`u` int DEFAULT NULL, UNIQUE KEY `u` (`u`))");
  EXPECT_THAT(plan.read.key, IsEmpty());
}

TEST(TableRead, CutsByTheColumnsBeforeTheFirstThatIsOrderedOtherwise) {
  const ReadingPlan plan = reading(
      "(`a` int NOT NULL, `e` enum('z','a') NOT NULL, `b` int NOT NULL, PRIMARY KEY "
      "(`a`,`e`,`b`))");
  EXPECT_EQ(plan.read.key.size(), 3U);
  EXPECT_EQ(plan.read.cut_by, 1U);
}

TEST(TableRead, TellsOfTypesThatItDoesNotKnow) {
  const ReadingPlan plan =
      reading("(`id` int NOT NULL, `g` geometry DEFAULT NULL, PRIMARY KEY (`id`))");
  ASSERT_EQ(plan.not_proven.size(), 1U);
  EXPECT_THAT(plan.not_proven.front(), HasSubstr("geometry"));
}

TEST(RowSql, NullFlagsComeFirstAndLengthsStandBeforeTexts) {
  const TableRead read = reading(
                             "(`id` int NOT NULL, `a` varchar(9) DEFAULT NULL, `b` blob, "
                             "`d` double DEFAULT NULL, PRIMARY KEY (`id`))")
                             .read;
  EXPECT_EQ(sql_text::row_text(read),
            "CONCAT_WS(',', CONCAT(ISNULL(`a`), ISNULL(`b`), ISNULL(`d`)), `id`, LENGTH(`a`), `a`, "
            "HEX(`b`), `d` * 1e0)");
}

TEST(RowSql, UsesNothingThatIsNotPushedDown) {
  const TableRead read = reading("(`id` int NOT NULL, `a` varchar(9), PRIMARY KEY (`id`))").read;
  const std::string sql = sql_text::digest(read, {}, Millis{0});
  for (const char* word : {"LEFT(", "ROUND(", "QUOTE(", "UNHEX(", "SHA2(", "OCTET_LENGTH("})
    EXPECT_THAT(sql, Not(HasSubstr(word)));
  EXPECT_THAT(sql, HasSubstr("SUBSTRING(SHA1("));
}

TEST(RowSql, RangesOfCompositeKeysLoseNoRow) {
  const TableRead read =
      reading("(`a` varchar(9) NOT NULL, `b` bigint NOT NULL, PRIMARY KEY (`a`,`b`))").read;
  EXPECT_EQ(sql_text::in_range(read, {CutKey{"x", "1"}, CutKey{"y", "-2"}}),
            "`a` >= 'x' AND ((`a` > 'x') OR (`a` = 'x' AND `b` > 1)) AND `a` <= 'y' AND "
            "((`a` < 'y') OR (`a` = 'y' AND `b` <= -2))");
}

TEST(RowSql, LargeNumbersAreNotQuoted) {
  const ColumnRead number{"n", ColumnForm::plain};
  EXPECT_EQ(sql_text::literal(number, "9007199254740993"), "9007199254740993");
  EXPECT_EQ(sql_text::literal(number, "-1.5"), "-1.5");
  EXPECT_EQ(sql_text::literal(number, "2026-01-01"), "'2026-01-01'");
  EXPECT_EQ(sql_text::literal(number, "-01:00:00"), "'-01:00:00'");
}

TEST(RowSql, BinaryLiteralsHoldWholeBytes) {
  EXPECT_EQ(sql_text::literal({"b", ColumnForm::binary}, "1FF"), "X'01FF'");
  EXPECT_EQ(sql_text::literal({"b", ColumnForm::binary}, ""), "X''");
}

TEST(Chunks, GrowAndShrinkTowardsTheirTime) {
  const PassOptions options;
  EXPECT_EQ(next_chunk_rows(options, 1000, Millis{10}), 2000U);
  EXPECT_EQ(next_chunk_rows(options, 8000, Millis{10}), options.largest_chunk);
  EXPECT_EQ(next_chunk_rows(options, 1000, Millis{250}), 1000U);
  EXPECT_EQ(next_chunk_rows(options, 1000, Millis{2000}), 500U);
  EXPECT_EQ(next_chunk_rows(options, 1, Millis{2000}), 1U);
}

TEST(PassStates, KeepTheirSizeWhenEverythingDiffers) {
  PassState state;
  for (int i = 0; i < 5000; ++i) {
    state.differs({{i == 0 ? std::nullopt : std::optional(CutKey{std::to_string(i)}),
                    CutKey{std::to_string(i + 1)}},
                   {{kEast, {1, 0, "1"}}, {kWest, {0, 0, "0"}}}});
  }
  EXPECT_LE(state.differing.size(), 1000U);
  EXPECT_EQ(state.differing.back().range.upto, CutKey{"5000"});
}

TEST(PassStates, ComeBackFromJson) {
  PassState state;
  state.frontier = CutKey{"7", "x"};
  state.rows[kEast] = 12;
  state.differs({{std::nullopt, CutKey{"3", "y"}}, {{kEast, {1, 0, "5"}}, {kWest, {2, 0, "6"}}}});
  EXPECT_EQ(to_json(pass_state_from(to_json(state))), to_json(state));
}

TEST(Rows, AMajorityIsStatedWithThreeOrMore) {
  DifferingRow row;
  row.hashes = {{kEast, "a"}, {kWest, "b"}};
  EXPECT_THAT(majority(row), IsEmpty());
  row.hashes[kSouth] = "a";
  EXPECT_THAT(majority(row), ElementsAre(kEast, kSouth));
  row.hashes[kSouth] = "c";
  EXPECT_THAT(majority(row), IsEmpty());
}

TEST(Rows, ArePairedByKey) {
  const auto rows = differing_rows(
      {{kEast, {{{"1"}, "a"}, {{"2"}, "b"}}}, {kWest, {{{"2"}, "x"}, {{"1"}, "a"}, {{"3"}, "c"}}}});
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].key, RowKey{"2"});
  EXPECT_EQ(rows[1].hashes.at(kEast), "");
}

TEST(LiveJudge, OnlyRowsThatNobodyChangedDifferForGood) {
  const DifferingRow still{{"1"}, {{kEast, "a"}, {kWest, "b"}}, {}};
  const DifferingRow was{{"2"}, {{kEast, "a"}, {kWest, "b"}}, {}};
  const DifferingRow is{{"2"}, {{kEast, "c"}, {kWest, "b"}}, {}};
  const DifferingRow gone{{"3"}, {{kEast, "a"}, {kWest, ""}}, {}};
  const Settled settled = judge({still, was, gone}, {still, is});
  EXPECT_THAT(settled.different, ElementsAre(still));
  EXPECT_THAT(settled.moving, ElementsAre(is));
}

TEST(SchemaHeal, SaysWhatMakesATableLikeTheReference) {
  const TableName table{"app", "t"};
  const SchemaDifference missing{
      Severity::differs, "index IDX", {{kEast, "KEY `idx` (`a`)"}, {kWest, ""}}, ""};
  const auto statements = healing_statements(missing, table, kEast, {});
  ASSERT_EQ(statements.size(), 1U);
  EXPECT_EQ(statements.at("west"), "ALTER TABLE `app`.`t` ADD KEY `idx` (`a`)");
  EXPECT_EQ(healing_statements(missing, table, kWest, {}).at("east"),
            "ALTER TABLE `app`.`t` DROP INDEX `IDX`");
}

TEST(SchemaHeal, SaysNothingOfWhatMayDiffer) {
  const SchemaDifference base{
      Severity::legitimate, "option AUTO_INCREMENT", {{kEast, "1"}, {kWest, "2"}}, ""};
  EXPECT_THAT(healing_statements(base, {"app", "t"}, kEast, {}), IsEmpty());
}

TEST(Throttle, RestsInProportionToWhatTheServersTook) {
  PassOptions options;
  EXPECT_EQ(due_after(options, 1000, Millis{500}), Millis{0});
  options.max_load = 25;
  options.readers_per_member = 2;
  EXPECT_EQ(due_after(options, 1000, Millis{500}), Millis{1000});
  EXPECT_EQ(due_after(options, 1000, Millis{5000}), Millis{10000})
      << "a slower server rests longer";
  options.rows_per_second = 100;
  EXPECT_EQ(due_after(options, 1000, Millis{500}), Millis{10000}) << "the stricter of both";
}

}  // namespace
}  // namespace bdrmesh::verify
