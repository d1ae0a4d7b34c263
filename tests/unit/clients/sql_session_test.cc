#include "clients/sql/sql_session.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "clients/catalogue/sql_catalogue.h"
#include "clients/sql/sql_errors.h"
#include "unit/clients/maria_server.h"

namespace bdrmesh {
namespace {

using namespace std::chrono_literals;

const SystemClock kClock;

class SqlSessionTest : public testing::Test {
 protected:
  void SetUp() override {
    if (test::shared_maria() == nullptr) GTEST_SKIP() << "no mariadbd on this machine";
  }

  static SqlLogin login(const std::string& user = "bdrmesh", const std::string& password = "it's") {
    return {ServerAddress(test::shared_maria()->address()), user, Secret(password), {}};
  }
  static Call within(Millis time) { return {kClock.mono() + time, {}}; }
  static SqlSession open() { return SqlSession(login(), within(10s), kClock); }

  template <class Action>
  static SqlError error_from(const Action& action) {
    try {
      action();
    } catch (const SqlError& e) {
      return e;
    }
    return {ErrorKind::bug, "NO_ERROR", "nothing was thrown", "", 0};
  }
};

TEST_F(SqlSessionTest, ReadsValuesAsTheServerPrintsThem) {
  SqlSession session = open();
  const SqlRows rows = session.query(
      "SELECT 18446744073709551615 AS big, NULL AS nothing, 'a\\0b' AS zero, '数据🚀' AS text",
      "test");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows.number(0, "BIG"), 18446744073709551615U);
  EXPECT_EQ(rows.rows[0][1], std::nullopt);
  EXPECT_EQ(rows.text(0, "zero"), std::string("a\0b", 3));
  EXPECT_EQ(rows.text(0, "text"), "数据🚀");
}

TEST_F(SqlSessionTest, QuotesValuesSoThatTheyComeBackUnchanged) {
  SqlSession session = open();
  std::string all;
  for (int c = 0; c < 128; ++c) all += static_cast<char>(c);
  EXPECT_EQ(session.query("SELECT " + sql_text::quote(all) + " AS value", "test").text(0, "value"),
            all);
  EXPECT_EQ(
      session.query("SELECT 'op_1%' LIKE " + sql_text::containing("p_1%") + " AS value", "test")
          .text(0, "value"),
      "1");
  EXPECT_EQ(
      session.query("SELECT 'opx1y' LIKE " + sql_text::containing("p_1%") + " AS value", "test")
          .text(0, "value"),
      "0");
}

TEST_F(SqlSessionTest, PinsTheTimeZoneAndIsInAutocommit) {
  SqlSession session = open();
  EXPECT_EQ(session.query("SELECT @@session.time_zone AS value", "test").text(0, "value"),
            "+00:00");
  EXPECT_EQ(session.query("SELECT @@session.autocommit AS value", "test").text(0, "value"), "1");
}

TEST_F(SqlSessionTest, CountsChangedRowsNotFoundOnes) {
  SqlSession session = open();
  session.change("CREATE DATABASE IF NOT EXISTS counts", "test");
  session.change("CREATE TABLE IF NOT EXISTS counts.t (a INT PRIMARY KEY, b INT)", "test");
  session.change("INSERT IGNORE INTO counts.t VALUES (1, 1)", "test");
  EXPECT_EQ(session.change("UPDATE counts.t SET b = 1 WHERE a = 1", "test"), 0U);
  EXPECT_EQ(session.change("UPDATE counts.t SET b = 2 WHERE a = 1", "test"), 1U);
  session.change("DROP DATABASE counts", "test");
}

TEST_F(SqlSessionTest, TellsARefusedLogin) {
  const SqlError e =
      error_from([] { SqlSession(login("bdrmesh", "wrong secret"), within(10s), kClock); });
  EXPECT_EQ(e.code(), "TIDB_LOGIN") << e.message();
  EXPECT_EQ(e.number(), 1045);
  EXPECT_EQ(e.message().find("wrong secret"), std::string::npos);
}

TEST_F(SqlSessionTest, TellsAMissingPrivilege) {
  SqlSession session(login("weak", "w"), within(10s), kClock);
  const SqlError e =
      error_from([&] { session.query("SELECT user FROM mysql.user", "look at users"); });
  EXPECT_EQ(e.code(), "TIDB_PRIVILEGE") << e.message();
}

TEST_F(SqlSessionTest, TellsASyntaxError) {
  SqlSession session = open();
  EXPECT_EQ(error_from([&] { session.query("SELEC 1", "test"); }).number(), 1064);
  EXPECT_EQ(session.query("SELECT 1 AS value", "test").text(0, "value"), "1")
      << "the session must go on";
}

TEST_F(SqlSessionTest, RefusesAServerWithoutTlsWhenItIsWanted) {
  SqlLogin wanted = login();
  wanted.tls.ca = "/etc/ssl/certs/ca-certificates.crt";
  EXPECT_THROW(
      {
        try {
          SqlSession(wanted, within(10s), kClock);
        } catch (const Error& e) {
          EXPECT_EQ(e.code(), "TIDB_TLS") << e.message();
          throw;
        }
      },
      Error);
}

TEST_F(SqlSessionTest, EndsAQuestionAtTheReadTimeout) {
  SqlSession session(login(), within(1s), kClock);
  const SqlError e = error_from([&] { session.query("SELECT SLEEP(20)", "sleep"); });
  EXPECT_EQ(e.code(), "TIDB_UNREACHABLE") << e.message();
}

TEST_F(SqlSessionTest, CallsATimedOutChangeAmbiguous) {
  SqlSession session(login(), within(1s), kClock);
  const SqlError e = error_from([&] { session.change("DO SLEEP(20)", "sleep"); });
  EXPECT_EQ(e.code(), "TIDB_ANSWER_LOST") << e.message();
  EXPECT_EQ(e.kind(), ErrorKind::ambiguous);
}

TEST_F(SqlSessionTest, CallsAKilledChangeAmbiguous) {
  SqlSession victim = open();
  SqlSession killer = open();
  killer.query("KILL " + std::to_string(victim.connection_id()), "kill");
  EXPECT_EQ(error_from([&] { victim.change("DO 1", "do"); }).kind(), ErrorKind::ambiguous);
}

TEST_F(SqlSessionTest, SendsNothingAfterAStop) {
  std::stop_source stop;
  SqlSession session(login(), {kClock.mono() + 10s, stop.get_token()}, kClock);
  stop.request_stop();
  EXPECT_THROW(
      {
        try {
          session.change("DO 1", "do");
        } catch (const Error& e) {
          EXPECT_EQ(e.kind(), ErrorKind::cancelled);
          throw;
        }
      },
      Error);
}

TEST_F(SqlSessionTest, TellsAnUnreachableServer) {
  SqlLogin nobody = login();
  nobody.server = ServerAddress("127.0.0.1:1");
  EXPECT_EQ(error_from([&] { SqlSession(nobody, within(5s), kClock); }).code(), "TIDB_UNREACHABLE");
}

TEST_F(SqlSessionTest, DoesNotHangOnAFrozenServer) {
  test::shared_maria()->freeze();
  const MonoTime before = kClock.mono();
  const SqlError e = error_from([] { SqlSession(login(), within(1s), kClock); });
  test::shared_maria()->thaw();
  EXPECT_EQ(e.code(), "TIDB_UNREACHABLE") << e.message();
  EXPECT_LT(kClock.mono() - before, 10s);
}

}  // namespace
}  // namespace bdrmesh
