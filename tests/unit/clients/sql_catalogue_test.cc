#include "clients/catalogue/sql_catalogue.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "model/system_schemas.h"

namespace bdrmesh {
namespace {

TEST(SqlCatalogue, QuotesWhatCouldEndALiteral) {
  EXPECT_EQ(sql_text::quote("it's"), "'it''s'");
  EXPECT_EQ(sql_text::quote("a\\"), "'a\\\\'");
  EXPECT_EQ(sql_text::quote(std::string_view("\0\n", 2)), "'\\0\\n'");
  EXPECT_EQ(sql_text::quote_name("a`b"), "`a``b`");
  EXPECT_EQ(sql_text::quote_name(TableName{"a", "b"}), "`a`.`b`");
}

TEST(SqlCatalogue, TakesNoSystemSchemaForAUsers) {
  for (const std::string_view schema : kSystemSchemas) {
    for (const std::string_view sql : {sql_text::kTables, sql_text::kViewsAndSequences})
      EXPECT_NE(sql.find(sql_text::quote(schema)), std::string_view::npos) << schema << sql;
  }
}

TEST(SqlCatalogue, EscapesPatternsForLike) {
  EXPECT_EQ(sql_text::containing("op_1%"), "'%op\\\\_1\\\\%%'");
}

TEST(SqlCatalogue, RefusesWhatIsNoVariableName) {
  EXPECT_EQ(sql_text::global_variable("tidb_source_id"), "SELECT @@global.tidb_source_id AS value");
  for (const char* name : {"", "a b", "a;drop", "a`"})
    EXPECT_THROW(sql_text::global_variable(name), Error) << name;
}

TEST(SqlCatalogue, NeverFiltersDdlJobsByState) {
  EXPECT_EQ(sql_text::ddl_jobs_with("tag").find("STATE ="), std::string::npos);
  EXPECT_EQ(sql_text::ddl_jobs_with("tag").find("STATE IN"), std::string::npos);
}

TEST(SqlCatalogue, NamesRolesAsTheServerDoes) {
  EXPECT_EQ(sql_text::set_bdr_role(BdrRole::primary), "ADMIN SET BDR ROLE PRIMARY");
  EXPECT_EQ(sql_text::set_bdr_role(BdrRole::secondary), "ADMIN SET BDR ROLE SECONDARY");
  EXPECT_EQ(sql_text::set_bdr_role(BdrRole::none), "ADMIN UNSET BDR ROLE");
}

TEST(SqlCatalogue, KeepsHostsOfUsers) {
  EXPECT_EQ(sql_text::grants_of("cdc_east"), "SHOW GRANTS FOR 'cdc_east'@'%'");
  EXPECT_EQ(sql_text::grants_of("a@10.%"), "SHOW GRANTS FOR 'a'@'10.%'");
}

TEST(SqlCatalogue, TokenUpdateIsGuardedByManagerAndEpoch) {
  TokenRow expected;
  expected.manager = "it's me";
  expected.epoch = 18446744073709551615U;
  const std::string sql = sql_text::update_token(expected, TokenRow{});
  EXPECT_NE(sql.find("WHERE id = 1 AND manager = 'it''s me' AND epoch = 18446744073709551615"),
            std::string::npos)
      << sql;
  EXPECT_NE(sql.find("revision = revision + 1"), std::string::npos) << sql;
}

}  // namespace
}  // namespace bdrmesh
