// tidb-servers that die, freeze, or take an answer with them.
#include "lab/sql/cluster_fixture.h"

namespace bdrmesh::lab {
namespace {

using testing::StartsWith;

class ServerFaults : public ClusterTest {};

TEST_F(ServerFaults, S13_AKilledServerLosesItsSessionsAndComesBackOnItsPort) {
  auto app = connect("app", 1);
  app.run("BEGIN");
  app.run("INSERT INTO " + table() + " VALUES (1,1)");
  const std::uint16_t before = port(1);
  state().faults.set_topology_delay(Millis{60'000});
  cluster().front_end(1).kill();
  EXPECT_NE(app.error_of("COMMIT"), "");
  EXPECT_THROW(connect("app", 1), sql::SQLException);
  EXPECT_EQ(root().one("SELECT COUNT(*) FROM " + table()), "0");
  // Asked until its lease is over, and missed with a warning.
  root().rows("SELECT * FROM information_schema.cluster_tidb_trx");
  EXPECT_EQ(root().rows("SHOW WARNINGS").at(0).at(1), "9002");
  EXPECT_EQ(root().one("SELECT COUNT(*) FROM information_schema.cluster_info WHERE TYPE='tidb'"),
            "2");
  state().faults.set_topology_delay(Millis{0});
  EXPECT_EQ(root().one("SELECT COUNT(*) FROM information_schema.cluster_info WHERE TYPE='tidb'"),
            "1");
  root().rows("SELECT * FROM information_schema.cluster_tidb_trx");
  EXPECT_TRUE(root().rows("SHOW WARNINGS").empty());
  cluster().front_end(1).start();
  EXPECT_EQ(port(1), before);
  EXPECT_EQ(connect("app", 1).run("INSERT INTO " + table() + " VALUES (2,2)"), 1);
}

TEST_F(ServerFaults, S27_AFrozenServerAnswersNobodyAndCommitsPastTheFenceWhenItWakes) {
  auto app = connect("app", 1);
  // What was on its way when the server froze goes on before news arrive.
  state().variables.set_delay(1, Millis{2'000});
  cluster().front_end(1).suspend();
  std::string error = "not yet";
  std::thread writer([&] { error = app.error_of("INSERT INTO " + table() + " VALUES (1,1)"); });
  EXPECT_THROW(connect("app", 1, 1), sql::SQLException);
  root().run("SET GLOBAL tidb_super_read_only = ON");
  const std::uint64_t fence = state().oracle.next();
  EXPECT_THROW(connect("root", 0, 1).rows("SELECT * FROM information_schema.cluster_tidb_trx"),
               sql::SQLException);
  cluster().front_end(1).resume();
  writer.join();
  EXPECT_EQ(error, "");
  EXPECT_GT(txn_info(app, "commit_ts"), fence);
  EXPECT_TRUE(eventually([&] {
    return app.error_of("INSERT INTO " + table() + " VALUES (2,2)").rfind("1836", 0) == 0;
  }));
  state().variables.set_delay(1, Millis{3});
}

TEST_F(ServerFaults, S27_AStatementCanTakeEffectWithoutAnAnswer) {
  state().faults.lose_answer_of_next("(77,");
  auto app = connect("app");
  EXPECT_THAT(app.error_of("INSERT INTO " + table() + " VALUES (77,1)"), StartsWith("2013"));
  EXPECT_EQ(root().one("SELECT COUNT(*) FROM " + table() + " WHERE a=77"), "1");
}

TEST_F(ServerFaults, S14_KillEndsSessionsAndStatements) {
  auto app = connect("app", 1);
  app.run("BEGIN");
  app.run("INSERT INTO " + table() + " VALUES (1,1)");
  root().run("KILL " + std::to_string(app.id()));
  EXPECT_THAT(app.error_of("COMMIT"), testing::AnyOf(StartsWith("2013"), StartsWith("2006")));
  EXPECT_TRUE(eventually([&] {
    return root().one(
               "SELECT COUNT(*) FROM information_schema.cluster_tidb_trx WHERE USER='app'") == "0";
  }));
  EXPECT_EQ(root().one("SELECT COUNT(*) FROM " + table()), "0");
  // Ids of nobody are no error; what is warned of depends on their bits (measured A10).
  root().run("KILL TIDB 2097100");
  EXPECT_EQ(root().rows("SHOW WARNINGS").at(0).at(2),
            "KILL remote connection failed: Unexpected ZERO ServerID. Please file a bug to the "
            "TiDB Team");
  root().run("KILL QUERY 999999999");
  EXPECT_THAT(root().rows("SHOW WARNINGS").at(0).at(2),
              StartsWith("Kill failed: Received a 32bits truncated ConnectionID"));
  root().run("KILL 4194310");
  EXPECT_TRUE(root().rows("SHOW WARNINGS").empty());
  auto waiting = connect("app");
  const std::string id = std::to_string(waiting.id());
  root().run("INSERT INTO " + table() + " VALUES (5,5)");
  root().run("BEGIN");
  root().run("UPDATE " + table() + " SET b=6 WHERE a=5");
  std::string error;
  std::thread blocked(
      [&] { error = waiting.error_of("UPDATE " + table() + " SET b=7 WHERE a=5"); });
  auto mesh = connect("mesh");
  EXPECT_TRUE(eventually([&] {
    return mesh.one("SELECT COMMAND FROM information_schema.cluster_processlist WHERE ID=" + id) ==
           "Query";
  }));
  mesh.run("KILL QUERY " + id);
  blocked.join();
  EXPECT_THAT(error, StartsWith("1317 70100"));
  EXPECT_EQ(waiting.one("SELECT 1"), "1");
  root().run("ROLLBACK");
  EXPECT_THAT(connect("app").error_of("KILL " + std::to_string(mesh.id())), StartsWith("1227"));
}

}  // namespace
}  // namespace bdrmesh::lab
