// The past ends where garbage collection has come to.
#include "lab/history/history_fixture.h"

namespace bdrmesh::lab {
namespace {

using S18Gc = HistoryTest;

TEST_F(S18Gc, S18_BelowTheSafePointThereIsNoHistory) {
  root().run("INSERT INTO " + table() + " VALUES (1,1)");
  const std::uint64_t then = now();
  root().run("UPDATE " + table() + " SET b=2");
  TestClient reader = reader_at(then);
  EXPECT_EQ(reader.one("SELECT b FROM " + table()), "1");
  state().gc.collect_up_to(now());
  EXPECT_THAT(reader.error_of("SELECT b FROM " + table()),
              testing::StartsWith("9006 HY000 GC life time is shorter than transaction duration"));
  TestClient late = connect("root");
  EXPECT_THAT(late.error_of("SET @@tidb_snapshot='" + std::to_string(then) + "'"),
              testing::StartsWith("8055 HY000 snapshot is older than GC safe point "));
  const std::uint64_t fresh = now();
  root().run("UPDATE " + table() + " SET b=3");
  EXPECT_EQ(rows_at(fresh, "SELECT b FROM " + table()), (TestClient::Rows{{"2"}}));
}

TEST_F(S18Gc, S18_WhatNobodyCanReadAnyMoreIsDropped) {
  root().run("INSERT INTO " + table() + " VALUES (1,1)");
  const std::uint64_t then = now();
  root().run("TRUNCATE TABLE " + table());
  EXPECT_EQ(rows_at(then, "SELECT b FROM " + table()), (TestClient::Rows{{"1"}}));
  SqlSession engine(engine_login(state()), Millis{5000});
  const auto hidden = [&] {
    return engine.query(
        "SELECT table_name FROM information_schema.tables WHERE table_schema='lab_past'",
        Millis{5000});
  };
  EXPECT_FALSE(hidden().empty());
  state().gc.collect_up_to(now());
  // Whoever reads next clears up.
  EXPECT_EQ(rows_at(now(), "SELECT COUNT(*) FROM " + table()), (TestClient::Rows{{"0"}}));
  EXPECT_EQ(hidden().size(), 1U);
}

TEST_F(S18Gc, S18_PreparedQueriesBelongToOneTime) {
  root().run("INSERT INTO " + table() + " VALUES (1,1)");
  TestClient reader = reader_at(now());
  root().run("UPDATE " + table() + " SET b=2");
  const std::unique_ptr<sql::PreparedStatement> prepared(
      reader.raw().prepareStatement("SELECT b FROM " + table() + " WHERE a=?"));
  prepared->setInt(1, 1);
  {
    const std::unique_ptr<sql::ResultSet> rows(prepared->executeQuery());
    ASSERT_TRUE(rows->next());
    EXPECT_EQ(rows->getInt(1), 1);
  }
  reader.run("SET @@tidb_snapshot=''");
  EXPECT_THROW(std::unique_ptr<sql::ResultSet>(prepared->executeQuery()), sql::SQLException);
}

}  // namespace
}  // namespace bdrmesh::lab
