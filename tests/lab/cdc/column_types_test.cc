// Every column type that TiDB has, there and back between two servers, compared byte by byte on the
// servers themselves.
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>

#include "lab/cdc/test_cluster.h"
#include "lab/engine/template_data.h"

namespace bdrmesh::lab {
namespace {

constexpr const char* kTable = R"(CREATE TABLE app.types (
 id BIGINT PRIMARY KEY,
 ti TINYINT, tu TINYINT UNSIGNED, si SMALLINT, su SMALLINT UNSIGNED, mi MEDIUMINT, mu MEDIUMINT UNSIGNED,
 i4 INT, u4 INT UNSIGNED, i8 BIGINT, u8 BIGINT UNSIGNED, bo BOOLEAN,
 fl FLOAT, du DOUBLE, de DECIMAL(10,2), dh DECIMAL(65,30), dz DECIMAL(9,9), di DECIMAL(20,0),
 da DATE, t0 TIME, t3 TIME(3), t6 TIME(6), dt DATETIME, dt2 DATETIME(2), dt6 DATETIME(6),
 ts TIMESTAMP NULL, ts1 TIMESTAMP(1) NULL, ts6 TIMESTAMP(6) NULL, ye YEAR,
 ch CHAR(10), cw CHAR(255), vc VARCHAR(50), vl VARCHAR(1000), vb VARBINARY(300), bi BINARY(8),
 tb TINYBLOB, bl BLOB, mb MEDIUMBLOB, lb LONGBLOB, tt TINYTEXT, tx TEXT, js JSON,
 en ENUM('a','b','c'), se SET('x','y','z'), bt BIT(17)) CHARACTER SET utf8mb4)";

// Extremes, zeros, negatives with fractions, NUL bytes, quotes, four-byte characters, trailing
// blanks, NULLs.
constexpr const char* kRows = R"(INSERT INTO app.types VALUES
 (1,-128,255,-32768,65535,-8388608,16777215,-2147483648,4294967295,-9223372036854775808,18446744073709551615,1,
  -1.5e-10,1.7976931348623157e308,-99999999.99,12345678901234567890123456789012345.123456789012345678901234567890,
  0.123456789,-99999999999999999999,
  '9999-12-31','-838:59:59','-12:01:02.123','838:59:58.999999','1000-01-01 00:00:00','2024-02-29 23:59:59.99',
  '9999-12-31 23:59:59.999999','2038-01-19 03:14:07','1970-01-01 00:00:01.5','2024-03-31 01:30:00.000001',2155,
  'a  ','ünï🚀','it''s \\ "q"',REPEAT('数',300),x'00FF0027225C0A0D1A',x'0102000000000000',
  x'00',x'DEADBEEF',REPEAT('m',70000),REPEAT(x'00',300),'tiny','text',
  '{"b":[1,2.5,null],"a":"🚀"}','c','x,z',b'10000000000000001'),
 (2,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,'0001-01-01','00:00:00','00:00:00','-00:00:00.000001',
  '0001-01-01 00:00:00','0001-01-01 00:00:00','0001-01-01 00:00:00','1970-01-01 00:00:01',
  '1970-01-01 00:00:01','1970-01-01 00:00:01',1901,'','','','','','',  '','','','','','','[]','a','',b'0'),
 (3,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,
  NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL))";

std::vector<std::string> columns_of(TestCluster& cluster) {
  std::vector<std::string> names;
  for (const auto& row :
       cluster.sql("SELECT column_name FROM information_schema.columns WHERE table_schema='app'"
                   " AND table_name='types' ORDER BY ordinal_position")) {
    names.push_back(row[0].value_or(""));
  }
  return names;
}

/// Text and bytes of one column over all rows; floats also by their bits, through exact arithmetic.
std::string dump_of(TestCluster& cluster, const std::string& column) {
  const std::string shown = column == "bt" ? "CAST(bt+0 AS CHAR)" : "CAST(" + column + " AS CHAR)";
  return cluster.value("SELECT GROUP_CONCAT(id, '=', IFNULL(" + shown +
                       ",'NULL'), '/', IFNULL(HEX(" + column +
                       "),'NULL') ORDER BY id SEPARATOR ';') FROM app.types");
}

class ColumnTypes : public ::testing::Test {
 protected:
  void SetUp() override {
    BDR_NEEDS_MARIADB();
    east_ = std::make_unique<TestCluster>("east", 1);
    west_ = std::make_unique<TestCluster>("west", 2);
    for (TestCluster* cluster : {east_.get(), west_.get()}) {
      cluster->silently("CREATE DATABASE app");
      cluster->silently(kTable);
      cluster->sql("SET group_concat_max_len=10000000, time_zone='+00:00'");
    }
  }

  void expect_equal() {
    const auto columns = columns_of(*east_);
    ASSERT_EQ(columns.size(), 45U);
    for (const std::string& column : columns) {
      EXPECT_EQ(dump_of(*west_, column), dump_of(*east_, column)) << column;
    }
  }

  std::unique_ptr<TestCluster> east_;
  std::unique_ptr<TestCluster> west_;
};

TEST_F(ColumnTypes, ArriveByteExactAsInsertsUpdatesAndBack) {
  east_->feed_to(*west_, "e-w", R"({"filter":{"rules":["app.*"]}})");
  east_->commit({kRows});
  ASSERT_TRUE(east_->drained("e-w"));
  EXPECT_EQ(east_->value("SELECT COUNT(*) FROM app.types"), "3");
  expect_equal();

  // Updates: every row gets the values of another one. Then the way back, as removals and new rows.
  ASSERT_EQ(east_->call("DELETE", "changefeeds/e-w").status, 200);
  west_->feed_to(*east_, "w-e", R"({"filter":{"rules":["app.*"]}})");
  west_->commit({"UPDATE app.types SET id=id+10",
                 "UPDATE app.types SET ti=7, vc='x', js='{}' WHERE id=13",
                 "UPDATE app.types SET t3='-00:00:00.5', fl=3.1415927, du=0.1 WHERE id=12"});
  ASSERT_TRUE(west_->drained("w-e"));
  EXPECT_EQ(east_->value("SELECT MIN(id) FROM app.types"), "11");
  expect_equal();
}

}  // namespace
}  // namespace bdrmesh::lab
