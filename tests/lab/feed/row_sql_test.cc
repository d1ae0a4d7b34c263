#include "lab/feed/row_sql.h"

#include <gtest/gtest.h>

namespace bdrmesh::lab {
namespace {

Value num(int n) { return {Value::Kind::number, std::to_string(n)}; }

std::shared_ptr<const TableMap> accounts() {
  TableMap table;
  table.schema = "app";
  table.name = "a`b";
  table.columns = {{ColumnType::integer, 0, false, "id"}, {ColumnType::integer, 0, false, "v"}};
  return std::make_shared<const TableMap>(table);
}

KeyedChange change(const std::shared_ptr<const TableMap>& table, RowKind kind, Row before,
                   Row after, bool replace = false) {
  return {{table, kind, {std::move(before), std::move(after)}, 1}, {0}, replace};
}

std::vector<std::string> texts(const std::vector<KeyedChange>& changes) {
  std::vector<std::string> out;
  for (const RowStatement& statement : row_statements(changes)) out.push_back(statement.sql);
  return out;
}

TEST(RowSql, PutsNeighbouringInsertsIntoOneStatement) {
  const auto table = accounts();
  EXPECT_EQ(texts({change(table, RowKind::insert, {}, {num(1), num(2)}),
                   change(table, RowKind::insert, {}, {num(3), {}})}),
            std::vector<std::string>{"INSERT INTO `app`.`a``b` (`id`,`v`) VALUES (1,2),(3,NULL)"});
}

TEST(RowSql, UpdatesOneRowByItsKey) {
  const auto table = accounts();
  EXPECT_EQ(texts({change(table, RowKind::update, {num(1), num(2)}, {num(1), num(5)})}),
            std::vector<std::string>{
                "UPDATE `app`.`a``b` SET `id` = 1, `v` = 5 WHERE (`id` = 1) LIMIT 1"});
}

TEST(RowSql, SplitsUpdatesThatMoveTheKeyOrWereDeliveredBefore) {
  const auto table = accounts();
  EXPECT_EQ(texts({change(table, RowKind::update, {num(1), num(2)}, {num(9), num(2)})}),
            (std::vector<std::string>{"DELETE FROM `app`.`a``b` WHERE (`id` = 1) LIMIT 1",
                                      "INSERT INTO `app`.`a``b` (`id`,`v`) VALUES (9,2)"}));
  EXPECT_EQ(texts({change(table, RowKind::update, {num(1), num(2)}, {num(1), num(3)}, true)}),
            (std::vector<std::string>{"DELETE FROM `app`.`a``b` WHERE (`id` = 1) LIMIT 1",
                                      "REPLACE INTO `app`.`a``b` (`id`,`v`) VALUES (1,3)"}));
}

TEST(RowSql, KeepsTheOrderOfDifferentKinds) {
  const auto table = accounts();
  EXPECT_EQ(texts({change(table, RowKind::insert, {}, {num(1), num(2)}),
                   change(table, RowKind::remove, {num(1), num(2)}, {}),
                   change(table, RowKind::insert, {}, {num(1), num(3)})})
                .size(),
            3U);
}

TEST(RowSql, ShowsStatementsWithoutTheirValues) {
  const auto table = accounts();
  const auto statements = row_statements({change(table, RowKind::remove, {num(7), num(8)}, {})});
  ASSERT_EQ(statements.size(), 1U);
  EXPECT_EQ(statements[0].shape, "DELETE FROM `app`.`a``b` WHERE (`id` = ?) LIMIT 1");
}

}  // namespace
}  // namespace bdrmesh::lab
