#include "clients/sql/sql_errors.h"

#include <gtest/gtest.h>

#include "clients/tidb/sql_table_reader.h"

namespace bdrmesh {
namespace {

SqlError error_of(int number, const std::string& text, SqlEffect effect = SqlEffect::reads) {
  return translate_sql_failure({number, "HY000", text}, {ServerAddress("10.0.1.4:4000"), "bdrmesh",
                                                         effect, "read the BDR role"});
}

void expect(const Error& e, ErrorKind kind, const std::string& code) {
  EXPECT_EQ(e.code(), code) << e.message();
  EXPECT_EQ(to_string(e.kind()), to_string(kind)) << e.message();
  EXPECT_NE(e.message().find("10.0.1.4:4000"), std::string::npos)
      << "the server must be named: " << e.message();
}

TEST(SqlErrors, LostAnswerOfAReadMayBeAskedAgain) {
  expect(error_of(2013, "Lost connection to MySQL server during query"), ErrorKind::transient,
         "TIDB_UNREACHABLE");
  expect(error_of(2006, "MySQL server has gone away"), ErrorKind::transient, "TIDB_UNREACHABLE");
}

TEST(SqlErrors, LostAnswerOfAChangeIsAmbiguous) {
  for (const int number : {2006, 2013, 1317, 1053, 9001, 9005, 8501}) {
    expect(error_of(number, "lost", SqlEffect::changes), ErrorKind::ambiguous, "TIDB_ANSWER_LOST");
  }
  expect(error_of(1105, "execution result undetermined", SqlEffect::changes), ErrorKind::ambiguous,
         "TIDB_ANSWER_LOST");
}

TEST(SqlErrors, ConnectionThatWasNeverMadeIsTransientForChangesToo) {
  expect(error_of(2002, "Can't connect", SqlEffect::changes), ErrorKind::transient,
         "TIDB_UNREACHABLE");
  expect(error_of(2013, "Lost connection at handshake", SqlEffect::connects), ErrorKind::transient,
         "TIDB_UNREACHABLE");
}

TEST(SqlErrors, RefusedLoginSaysHowToCheck) {
  const SqlError e =
      error_of(1045, "Access denied for user 'bdrmesh'@'10.0.1.1' (using password: YES)",
               SqlEffect::connects);
  expect(e, ErrorKind::precondition, "TIDB_LOGIN");
  EXPECT_NE(e.remedy().find("mysql -h 10.0.1.4 -P 4000 -u bdrmesh -p"), std::string::npos)
      << e.remedy();
  expect(error_of(3118, "Access denied for user 'x'. Account is locked.", SqlEffect::connects),
         ErrorKind::precondition, "TIDB_LOGIN");
}

TEST(SqlErrors, MissingPrivilegeComesWithTheGrantToType) {
  const std::string set_global =
      "Access denied; you need (at least one of) the SUPER or SYSTEM_VARIABLES_ADMIN privilege(s) "
      "for this operation";
  EXPECT_EQ(error_of(1227, set_global).remedy(),
            "GRANT SYSTEM_VARIABLES_ADMIN ON *.* TO 'bdrmesh'@'%';");
  EXPECT_EQ(error_of(8121, "privilege check for 'Super' fail").remedy(),
            "GRANT SUPER ON *.* TO 'bdrmesh'@'%';");
  EXPECT_EQ(error_of(8121, "privilege check for '[RESTRICTED_REPLICA_WRITER_ADMIN]' fail").remedy(),
            "GRANT RESTRICTED_REPLICA_WRITER_ADMIN ON *.* TO 'bdrmesh'@'%';");
  EXPECT_EQ(error_of(1142, "SELECT command denied to user 'bdrmesh'@'%' for table 'tidb'").remedy(),
            "GRANT SELECT ON mysql.* TO 'bdrmesh'@'%';");
  EXPECT_EQ(error_of(1142, "SHOW VIEW command denied to user 'bdrmesh'@'%' for table 'v'").remedy(),
            "GRANT SHOW VIEW ON <schema>.v TO 'bdrmesh'@'%';");
  EXPECT_EQ(
      error_of(1142, "CREATE VIEW command denied to user 'bdrmesh'@'%' for table 'v'").remedy(),
      "GRANT CREATE VIEW ON <schema>.v TO 'bdrmesh'@'%';");
  EXPECT_EQ(error_of(8121, "privilege check for 'Update' fail").remedy(),
            "GRANT UPDATE ON <schema>.<table> TO 'bdrmesh'@'%';");
  EXPECT_EQ(error_of(1142, "SHOW command denied to user 'bdrmesh'@'%' for table 't'").remedy(),
            "GRANT SELECT ON <schema>.t TO 'bdrmesh'@'%';");
  EXPECT_EQ(error_of(1044, "Access denied for user 'bdrmesh'@'%' to database 'mysql'").remedy(),
            "GRANT SELECT ON mysql.* TO 'bdrmesh'@'%';");
  for (const int number : {1044, 1142, 1143, 1227, 8121})
    expect(error_of(number, ""), ErrorKind::precondition, "TIDB_PRIVILEGE");
}

TEST(SqlErrors, ReadOnlyAndRoleHaveCodesOfTheirOwn) {
  expect(error_of(1836, "Running in read-only mode", SqlEffect::changes), ErrorKind::precondition,
         "TIDB_READ_ONLY");
  expect(error_of(
             8263,
             "The operation is not allowed while the bdr role of this cluster is set to secondary.",
             SqlEffect::changes),
         ErrorKind::precondition, "TIDB_BDR_ROLE");
  expect(error_of(1105, "can't turn off tidb_super_read_only when tidb_restricted_read_only is on"),
         ErrorKind::precondition, "TIDB_READ_ONLY");
}

TEST(SqlErrors, SharedNumberIsJudgedByItsText) {
  expect(error_of(1105, "transaction future is not set"), ErrorKind::transient, "TIDB_BUSY");
  expect(error_of(1105, "value 9 is out of TiCDC write source range, should be in [1, 15]",
                  SqlEffect::changes),
         ErrorKind::precondition, "TIDB_SOURCE_ID");
  expect(error_of(1105, "something else"), ErrorKind::invalid, "TIDB_SQL");
  expect(error_of(1105, "Out Of Memory Quota![conn=7]"), ErrorKind::transient, "TIDB_CAPACITY");
  for (const char* text : {"rpc error: code = Canceled desc = context canceled", "context canceled",
                           "[PD:client:ErrClientGetTSOTimeout]get TSO timeout"}) {
    expect(error_of(1105, text), ErrorKind::transient, "TIDB_BUSY");
    expect(error_of(1105, text, SqlEffect::changes), ErrorKind::ambiguous, "TIDB_ANSWER_LOST");
  }
  // The same words inside a failed BACKUP are its outcome.
  expect(error_of(8124, "Backup failed: context canceled", SqlEffect::changes), ErrorKind::invalid,
         "TIDB_SQL");
  expect(error_of(8020, "Table 't' was locked in WRITE by x"), ErrorKind::precondition,
         "TIDB_TABLE_LOCKED");
}

TEST(SqlErrors, LimitedQuestionThatWasCutOffTookTooLong) {
  EXPECT_TRUE(cut_off_by_limit(3024, "Query execution was interrupted, maximum statement time"));
  EXPECT_TRUE(cut_off_by_limit(1317, "Query execution was interrupted"));
  EXPECT_TRUE(cut_off_by_limit(1105, "rpc error: code = Canceled desc = context canceled"));
  EXPECT_TRUE(cut_off_by_limit(1105, "[executor:1317]Query execution was interrupted"));
  EXPECT_FALSE(cut_off_by_limit(1105, "something else"));
  EXPECT_FALSE(cut_off_by_limit(8124, "Backup failed: interrupted"));
  EXPECT_FALSE(cut_off_by_limit(8020, "Table 't' was locked in WRITE by x"));
}

TEST(SqlErrors, SyntaxErrorIsInvalid) {
  expect(error_of(1064, "You have an error in your SQL syntax"), ErrorKind::invalid, "TIDB_SQL");
  EXPECT_EQ(error_of(1146, "Table 'a.b' doesn't exist").number(), 1146);
}

TEST(SqlErrors, ServerWithoutTheWantedTlsIsAPrecondition) {
  expect(error_of(2026, "TLS/SSL error: SSL is required, but the server does not support it",
                  SqlEffect::connects),
         ErrorKind::precondition, "TIDB_TLS");
  expect(error_of(0, "SSL is required", SqlEffect::connects), ErrorKind::precondition, "TIDB_TLS");
}

TEST(SqlErrors, MisuseOfTheClientLibraryIsABug) {
  expect(error_of(0, ""), ErrorKind::bug, "TIDB_CLIENT");
}

TEST(SqlErrors, RowValuesStayOutOfTheMessage) {
  const SqlError e =
      error_of(1062, "Duplicate entry 'top secret' for key 'a.PRIMARY'", SqlEffect::changes);
  EXPECT_EQ(e.message().find("top secret"), std::string::npos) << e.message();
  EXPECT_NE(e.message().find("for key 'a.PRIMARY'"), std::string::npos) << e.message();
}

TEST(SqlErrors, ConflictsBetweenTransactionsMayBeRetried) {
  for (const int number : {9007, 8022, 8028, 1213, 1205}) {
    expect(error_of(number, "conflict", SqlEffect::changes), ErrorKind::transient, "TIDB_RETRY");
  }
}

}  // namespace
}  // namespace bdrmesh
