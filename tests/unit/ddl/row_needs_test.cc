// What statements want of the rows that are there.
#include "ddl/row_needs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ddl/table_check.h"

namespace bdrmesh::ddl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Kind = RowNeed::Kind;

constexpr const char* kTable = R"(CREATE TABLE `t` (
  `id` bigint NOT NULL,
  `a` int DEFAULT NULL,
  `b` varchar(20) NOT NULL DEFAULT 'x',
  `big` bigint unsigned DEFAULT NULL,
  `d` datetime DEFAULT NULL,
  `doc` text DEFAULT NULL,
  UNIQUE KEY `ui` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin)";

const TableName kName{"app", "t"};

RowNeeds needs_of(const std::string& sql) {
  Context context;
  context.default_schema = "app";
  context.tidb = {8, 5, 0};
  context.tables = TableFilter({"app.*"});
  const std::map<TableName, std::string> definitions{{kName, kTable}};
  Statement statement = classify(sql, context).at(0);
  statement = check_with_table(statement, definitions, context);
  return row_needs(statement, definitions, context);
}

RowNeed need(Kind kind, const std::vector<std::string>& columns, const std::string& low = "",
             const std::string& high = "") {
  return {kName, kind, columns, low, high};
}

TEST(RowNeeds, AUniqueIndexWantsNoTwoAlike) {
  const RowNeed wanted = need(Kind::unique, {"a", "b"});
  EXPECT_THAT(needs_of("CREATE UNIQUE INDEX u ON t (a, b)").needs, ElementsAre(wanted));
  EXPECT_THAT(needs_of("ALTER TABLE t ADD UNIQUE KEY u (a DESC, b)").needs, ElementsAre(wanted));
  EXPECT_THAT(needs_of("ALTER TABLE t ADD INDEX n (a), ADD UNIQUE (a, b)").needs,
              ElementsAre(wanted));
  EXPECT_THAT(needs_of("ALTER TABLE t ADD CONSTRAINT u UNIQUE (`a`,`b`)").needs,
              ElementsAre(wanted));
}

TEST(RowNeeds, APrimaryKeyWantsNoNullEither) {
  EXPECT_THAT(needs_of("ALTER TABLE t ADD PRIMARY KEY (a) NONCLUSTERED").needs,
              ElementsAre(need(Kind::not_null, {"a"}), need(Kind::unique, {"a"})));
}

TEST(RowNeeds, NotNullIsSearchedOnlyWhereTheColumnTookNull) {
  EXPECT_THAT(needs_of("ALTER TABLE t MODIFY a INT NOT NULL").needs,
              ElementsAre(need(Kind::not_null, {"a"})));
  EXPECT_THAT(needs_of("ALTER TABLE t MODIFY b VARCHAR(20) NOT NULL DEFAULT 'y'").needs, IsEmpty());
  EXPECT_THAT(needs_of("ALTER TABLE t CHANGE a c INT NOT NULL").needs,
              ElementsAre(need(Kind::not_null, {"a"})));
}

TEST(RowNeeds, NarrowerColumnsAreMeasured) {
  EXPECT_THAT(needs_of("ALTER TABLE t MODIFY b VARCHAR(10) NOT NULL DEFAULT 'x'").needs,
              ElementsAre(need(Kind::length, {"b"}, "", "10")));
  EXPECT_THAT(needs_of("ALTER TABLE t MODIFY doc VARCHAR(100)").needs,
              ElementsAre(need(Kind::length, {"doc"}, "", "100")));
  EXPECT_THAT(needs_of("ALTER TABLE t MODIFY a SMALLINT").needs,
              ElementsAre(need(Kind::between, {"a"}, "-32768", "32767")));
  EXPECT_THAT(needs_of("ALTER TABLE t MODIFY a INT UNSIGNED").needs,
              ElementsAre(need(Kind::between, {"a"}, "0", "4294967295")));
  EXPECT_THAT(
      needs_of("ALTER TABLE t MODIFY big BIGINT").needs,
      ElementsAre(need(Kind::between, {"big"}, "-9223372036854775808", "9223372036854775807")));
}

TEST(RowNeeds, WiderColumnsWantNothing) {
  for (const char* sql :
       {"ALTER TABLE t MODIFY a BIGINT", "ALTER TABLE t MODIFY b VARCHAR(21) NOT NULL DEFAULT 'x'",
        "ALTER TABLE t DROP COLUMN a", "ALTER TABLE t ADD INDEX n (a)", "TRUNCATE TABLE t"}) {
    EXPECT_THAT(needs_of(sql).needs, IsEmpty()) << sql;
    EXPECT_THAT(needs_of(sql).unsearched, IsEmpty()) << sql;
  }
}

TEST(RowNeeds, WhatCannotBeAskedIsSaid) {
  EXPECT_THAT(needs_of("ALTER TABLE t MODIFY d DATE").unsearched,
              ElementsAre(HasSubstr("from datetime to date")));
  EXPECT_THAT(needs_of("ALTER TABLE t ADD UNIQUE u (b(3))").unsearched,
              ElementsAre(HasSubstr("first characters")));
  EXPECT_THAT(needs_of("ALTER TABLE t ADD UNIQUE u ((a + 1))").unsearched,
              ElementsAre(HasSubstr("expression")));
  EXPECT_THAT(needs_of("ALTER TABLE t ADD UNIQUE u (later)").unsearched,
              ElementsAre(HasSubstr("does not have yet")));
}

TEST(RowNeeds, ATableThatIsNotThereHasNoRows) {
  Context context;
  context.default_schema = "app";
  const Statement statement = classify("CREATE UNIQUE INDEX u ON fresh (a)", context).at(0);
  EXPECT_THAT(row_needs(statement, {}, context).needs, IsEmpty());
}

}  // namespace
}  // namespace bdrmesh::ddl
