#include "lab/feed/table_filter.h"

#include <gtest/gtest.h>

#include "lab/feed/api_error.h"

namespace bdrmesh::lab {
namespace {

TEST(TableFilter, LetsTablesOfNamedSchemasThrough) {
  const TableFilter filter({"app.*", "bdrmesh.marker"}, true);
  EXPECT_TRUE(filter.matches("app", "orders"));
  EXPECT_TRUE(filter.matches("bdrmesh", "marker"));
  EXPECT_FALSE(filter.matches("bdrmesh", "other"));
  EXPECT_FALSE(filter.matches("apps", "orders"));
}

TEST(TableFilter, LetsTheLastMatchingRuleDecide) {
  const TableFilter filter({"app.*", "!app.tmp_*", "app.tmp_keep"}, true);
  EXPECT_TRUE(filter.matches("app", "orders"));
  EXPECT_FALSE(filter.matches("app", "tmp_1"));
  EXPECT_TRUE(filter.matches("app", "tmp_keep"));
}

TEST(TableFilter, LeavesOutWhatNoRuleMatches) {
  EXPECT_FALSE(TableFilter({"!app.x"}, true).matches("app", "y"));
  EXPECT_TRUE(TableFilter({}, true).matches("app", "y")) << "no rules: *.*";
}

TEST(TableFilter, KnowsQuestionMarksAndCharacterClasses) {
  const TableFilter filter({"db[0-9].t?", "x[!a].y"}, true);
  EXPECT_TRUE(filter.matches("db7", "t1"));
  EXPECT_FALSE(filter.matches("dbx", "t1"));
  EXPECT_FALSE(filter.matches("db7", "t"));
  EXPECT_TRUE(filter.matches("xb", "y"));
  EXPECT_FALSE(filter.matches("xa", "y"));
}

TEST(TableFilter, FoldsCaseOnlyWhenTold) {
  EXPECT_FALSE(TableFilter({"App.*"}, true).matches("app", "T"));
  EXPECT_TRUE(TableFilter({"App.t"}, false).matches("aPP", "T"));
}

TEST(TableFilter, TakesQuotedNamesLiterally) {
  const TableFilter filter({"`a*b`.\"c.d\""}, true);
  EXPECT_TRUE(filter.matches("a*b", "c.d"));
  EXPECT_FALSE(filter.matches("axb", "c.d"));
}

TEST(TableFilter, NeverLetsSystemSchemasThrough) {
  const TableFilter filter({"*.*"}, false);
  for (const char* schema : {"mysql", "INFORMATION_SCHEMA", "sys", "tidb_cdc", "lab_meta"}) {
    EXPECT_FALSE(filter.matches(schema, "t")) << schema;
    EXPECT_FALSE(filter.matches_schema(schema)) << schema;
  }
}

TEST(TableFilter, JudgesSchemasByWhatTheirTablesMayDo) {
  const TableFilter filter({"app.*", "!app.tmp", "!dead.*"}, true);
  EXPECT_TRUE(filter.matches_schema("app"));
  EXPECT_FALSE(filter.matches_schema("dead"));
  EXPECT_FALSE(filter.matches_schema("other"));
}

TEST(TableFilter, RefusesBrokenRulesWithTheServersWords) {
  try {
    const TableFilter filter({"rt.["}, false);
    FAIL() << "accepted";
  } catch (const ApiError& e) {
    EXPECT_EQ(e.status, 400);
    EXPECT_EQ(e.message(),
              "[CDC:ErrFilterRuleInvalid]filter rule is invalid &{[rt.[] [] []}: at <cmdline>:1: "
              "syntax error: failed to parse character class");
  }
  try {
    const TableFilter filter({"tt"}, false);
    FAIL() << "accepted";
  } catch (const ApiError& e) {
    EXPECT_EQ(e.message(),
              "[CDC:ErrFilterRuleInvalid]filter rule is invalid &{[tt] [] []}: at <cmdline>:1: "
              "wrong table pattern");
  }
  EXPECT_THROW(TableFilter({"app.@"}, false), ApiError);
}

}  // namespace
}  // namespace bdrmesh::lab
