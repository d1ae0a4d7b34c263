#include "doctor/grants.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace bdrmesh::doctor {
namespace {

using Names = std::set<std::string>;

TEST(ParseGrant, ReadsANewServersLine) {
  const Grant grant =
      parse_grant("GRANT SELECT,INSERT,UPDATE,DELETE ON `pg`.* TO 'app'@'%' WITH GRANT OPTION");
  EXPECT_EQ(grant.privileges, (Names{"DELETE", "INSERT", "SELECT", "UPDATE"}));
  EXPECT_EQ(grant.schema, "pg");
  EXPECT_EQ(grant.table, "*");
  EXPECT_TRUE(grant.grant_option);
}

TEST(ParseGrant, ReadsAnOldServersLineWithoutQuotesAndInMixedCase) {
  const Grant grant = parse_grant("GRANT Select,Create View ON test.* TO 'u1'@'%'");
  EXPECT_EQ(grant.privileges, (Names{"CREATE VIEW", "SELECT"}));
  EXPECT_EQ(grant.schema, "test");
}

TEST(ParseGrant, LeavesOutWhatHoldsForColumnsOnly) {
  EXPECT_EQ(parse_grant("GRANT INSERT(a), UPDATE(b) ON `pg`.`u` TO 'app'@'%'").privileges, Names{});
  EXPECT_EQ(parse_grant("GRANT SELECT, INSERT(`a)`, b) ON `pg`.`u` TO 'app'@'%'").privileges,
            Names{"SELECT"});
}

TEST(HandingOn, WantsPrivilegeAndRightOnEverything) {
  const Privileges held({"GRANT SUPER,PROCESS ON *.* TO 'u'@'%'",
                         "GRANT SELECT,INSERT ON *.* TO 'u'@'%' WITH GRANT OPTION",
                         "GRANT UPDATE ON *.* TO 'u'@'%'",
                         "GRANT DELETE ON `app`.* TO 'u'@'%' WITH GRANT OPTION",
                         "GRANT RESTRICTED_REPLICA_WRITER_ADMIN ON *.* TO 'u'@'%'"});
  EXPECT_TRUE(held.may_hand_on("INSERT"));
  EXPECT_FALSE(held.may_hand_on("UPDATE"));
  EXPECT_FALSE(held.may_hand_on("DELETE"));
  EXPECT_TRUE(held.may_hand_on("SYSTEM_VARIABLES_ADMIN")) << "by SUPER";
  EXPECT_FALSE(held.may_hand_on("RESTRICTED_REPLICA_WRITER_ADMIN")) << "never by SUPER";
  const Privileges all({"GRANT ALL PRIVILEGES ON *.* TO 'u'@'%' WITH GRANT OPTION"});
  EXPECT_TRUE(all.may_hand_on("CREATE VIEW"));
  EXPECT_FALSE(all.may_hand_on("RESTRICTED_REPLICA_WRITER_ADMIN"));
}

TEST(ParseGrant, KnowsRoles) {
  const Grant grant = parse_grant("GRANT 'writers'@'%', 'readers'@'%' TO 'app'@'%'");
  EXPECT_EQ(grant.roles, (std::vector<std::string>{"writers", "readers"}));
  EXPECT_TRUE(grant.privileges.empty());
}

TEST(ParseGrant, KeepsDotsAndQuotesInNames) {
  const Grant grant = parse_grant("GRANT SELECT ON `odd.na``me`.`t` TO 'a''b'@'10.0.%'");
  EXPECT_EQ(grant.schema, "odd.na`me");
  EXPECT_EQ(grant.table, "t");
}

TEST(ParseGrant, RefusesWhatIsNoGrant) {
  for (const char* line :
       {"", "REVOKE SELECT ON *.* FROM 'a'", "GRANT SELECT ON", "GRANT SELECT ON `pg.* TO 'app'"}) {
    EXPECT_THROW(parse_grant(line), Error) << line;
  }
}

TEST(Privileges, AllIsEverythingButTheExemption) {
  const Privileges root({"GRANT ALL PRIVILEGES ON *.* TO 'root'@'%' WITH GRANT OPTION"});
  EXPECT_TRUE(root.global("PROCESS"));
  EXPECT_TRUE(root.global("SYSTEM_VARIABLES_ADMIN"));
  EXPECT_TRUE(root.on_schema("INDEX", "app"));
  EXPECT_FALSE(root.global("RESTRICTED_REPLICA_WRITER_ADMIN"));
}

TEST(Privileges, ASchemaIsAPattern) {
  const Privileges held({"GRANT SELECT ON `bdrmesh\\_rehearsal\\_%`.* TO 'a'@'%'",
                         "GRANT INSERT ON `app_`.* TO 'a'@'%'"});
  EXPECT_TRUE(held.on_schema("SELECT", "bdrmesh_rehearsal_x7"));
  EXPECT_FALSE(held.on_schema("SELECT", "bdrmeshXrehearsal_x7"));
  EXPECT_TRUE(held.on_schema("INSERT", "app1"));
  EXPECT_FALSE(held.on_schema("INSERT", "app"));
}

TEST(Privileges, OneTableIsNotItsSchema) {
  const Privileges held({"GRANT SELECT ON `pg`.`u` TO 'app'@'%'"});
  EXPECT_TRUE(held.on_table("SELECT", "pg", "u"));
  EXPECT_FALSE(held.on_table("SELECT", "pg", "t"));
  EXPECT_FALSE(held.on_schema("SELECT", "pg"));
  EXPECT_FALSE(held.global("SELECT"));
}

TEST(Privileges, MissingOnesAreNamedAsGrantTakesThem) {
  const Privileges held({"GRANT USAGE ON *.* TO 'app'@'%'",
                         "GRANT SELECT,INSERT ON `app`.* TO 'app'@'%'",
                         "GRANT BACKUP_ADMIN,RESTRICTED_REPLICA_WRITER_ADMIN ON *.* TO 'app'@'%'"});
  EXPECT_EQ(held.missing_global({"SUPER", "PROCESS", "RESTRICTED_REPLICA_WRITER_ADMIN"}),
            "SUPER, PROCESS");
  EXPECT_EQ(held.missing_on_schema({"SELECT", "CREATE VIEW", "INDEX"}, "app"),
            "CREATE VIEW, INDEX");
}

}  // namespace
}  // namespace bdrmesh::doctor
