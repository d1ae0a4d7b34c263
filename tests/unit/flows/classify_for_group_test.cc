// Which scripts a group refuses before anything is planned.
#include <gtest/gtest.h>

#include "flows/ddl/paused_ddl.h"
#include "unit/flows/flow_unit.h"

namespace bdrmesh::flows {
namespace {

struct ClassifyForGroup : FlowUnit {
  GroupSnapshot snapshot;
  DdlOptions options;

  ClassifyForGroup() {
    bring_up();
    world.with("east", [](fakes::ClusterState& cluster) {
      fakes::TableState items = cluster.tables.at({"app", "orders"});
      items.id = cluster.next_table_id++;
      cluster.tables[{"app", "items"}] = items;
    });
    snapshot = look_at_group(ports, GroupName("orders"), {});
  }
  std::vector<ddl::Statement> classified(const std::string& script) {
    const Call call;
    SeenTables seen(ports, snapshot.names().front(), call);
    return classify_for_group(seen, snapshot, script, options);
  }
  Error refusal(const std::string& script) {
    return error_of([&] { (void)classified(script); });
  }
};

TEST_F(ClassifyForGroup, AcceptsAColumnThatIsNoKey) {
  const auto statements = classified("ALTER TABLE app.orders DROP COLUMN old_note;");
  ASSERT_EQ(statements.size(), 1U);
  EXPECT_FALSE(statements[0].needs_table_check);
  EXPECT_NE(statements[0].strategy, ddl::Strategy::refused);
  EXPECT_EQ(statements[0].text, "ALTER TABLE app.orders DROP COLUMN old_note");
}

TEST_F(ClassifyForGroup, FindsTablesInTheSessionsSchema) {
  options.schema = "app";
  const auto statements = classified("ALTER TABLE orders DROP COLUMN old_note");
  ASSERT_EQ(statements.size(), 1U);
  EXPECT_EQ(statements[0].tables, (std::vector<TableName>{{"app", "orders"}}));
}

TEST_F(ClassifyForGroup, RefusesWhatIsNoDdl) {
  for (const char* script :
       {"DELETE FROM app.orders", "SELECT 1",
        "ALTER TABLE app.orders DROP COLUMN old_note; UPDATE app.orders SET note = ''"}) {
    const Error error = refusal(script);
    EXPECT_EQ(error.kind(), ErrorKind::invalid) << script;
    EXPECT_EQ(error.code(), "NOT_DDL") << script;
  }
}

TEST_F(ClassifyForGroup, RefusesWhatCannotBeRead) {
  for (const char* script : {"", ";", "ALTER TABLE `app.orders DROP COLUMN x"}) {
    EXPECT_EQ(refusal(script).kind(), ErrorKind::invalid) << script;
    EXPECT_EQ(refusal(script).code(), "DDL_SYNTAX") << script;
  }
}

TEST_F(ClassifyForGroup, RefusesToTakeTheLastUsableKey) {
  const Error error = refusal("ALTER TABLE app.orders DROP PRIMARY KEY");
  EXPECT_EQ(error.kind(), ErrorKind::precondition);
  EXPECT_EQ(error.code(), "DDL_STATEMENT_REFUSED");
  EXPECT_NE(error.message().find("DROP PRIMARY KEY"), std::string::npos);
  EXPECT_EQ(refusal("ALTER TABLE app.orders DROP COLUMN id").code(), "DDL_STATEMENT_REFUSED");
}

TEST_F(ClassifyForGroup, RefusesATableThatIsMissing) {
  EXPECT_EQ(refusal("ALTER TABLE app.nowhere DROP COLUMN a").code(), "DDL_STATEMENT_REFUSED");
}

TEST_F(ClassifyForGroup, RefusesAStatementThatNobodyKnows) {
  EXPECT_EQ(refusal("ALTER TABLE app.orders FROBNICATE note").code(), "DDL_STATEMENT_REFUSED");
}

TEST_F(ClassifyForGroup, RefusesTwoStatementsThatMustLookAtOneTable) {
  // Each alone is harmless by the definition as it is now; together they need not be.
  const Error error = refusal(
      "ALTER TABLE app.orders DROP COLUMN old_note; ALTER TABLE app.orders DROP COLUMN note");
  EXPECT_EQ(error.kind(), ErrorKind::precondition);
  EXPECT_EQ(error.code(), "DDL_STATEMENT_REFUSED");
  EXPECT_NE(error.message().find("earlier statement"), std::string::npos) << error.message();
  EXPECT_NE(error.message().find("app.orders"), std::string::npos);
}

TEST_F(ClassifyForGroup, AcceptsTwoStatementsThatLookAtTwoTables) {
  EXPECT_EQ(classified("ALTER TABLE app.orders DROP COLUMN old_note;"
                       "ALTER TABLE app.items DROP COLUMN old_note")
                .size(),
            2U);
}

TEST_F(ClassifyForGroup, ChangesNothing) {
  world.clear_diary();
  (void)classified("ALTER TABLE app.orders DROP COLUMN old_note");
  EXPECT_TRUE(world.diary().empty()) << world.diary_text();
}

}  // namespace
}  // namespace bdrmesh::flows
