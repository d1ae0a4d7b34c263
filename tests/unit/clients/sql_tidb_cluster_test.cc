// The parts of the cluster client that any MySQL server understands; the rest is tested against the
// lab.
#include "clients/tidb/sql_tidb_cluster.h"

#include <future>
#include <gtest/gtest.h>

#include "base/error.h"
#include "unit/clients/maria_server.h"

namespace bdrmesh {
namespace {

using namespace std::chrono_literals;

const SystemClock kClock;

class SqlTidbClusterTest : public testing::Test {
 protected:
  void SetUp() override {
    if (test::shared_maria() == nullptr) GTEST_SKIP() << "no mariadbd on this machine";
  }
  void TearDown() override {
    if (test::shared_maria() == nullptr) return;
    SqlTidbCluster cluster = client();
    for (const char* schema : {"bdrmesh", "bdrmesh_local", "bdrmesh_copy"})
      cluster.drop_schema(schema, call());
  }

  static Call call() { return {kClock.mono() + 20s, {}}; }
  static SqlTidbCluster client(std::vector<ServerAddress> servers = {
                                   ServerAddress(test::shared_maria()->address())}) {
    return {{std::move(servers), "bdrmesh", [] { return Secret("it's"); }, {}}, kClock};
  }
  static SqlSession direct() {
    return {{ServerAddress(test::shared_maria()->address()), "bdrmesh", Secret("it's"), {}},
            call(),
            kClock};
  }
  template <class Condition>
  static bool eventually(const Condition& holds) {
    const MonoTime deadline = kClock.mono() + 10s;
    while (kClock.mono() < deadline) {
      if (holds()) return true;
      kClock.wait_for(20ms, {});
    }
    return false;
  }
  static TokenRow token_of(const std::string& manager, std::uint64_t epoch) {
    TokenRow row;
    row.manager = manager;
    row.epoch = epoch;
    row.gates = Json::array({{{"reason", "it's \\ \"closed\"\n"}}});
    row.remembered = Json{{"tidb_gc_life_time", "10m0s"}};
    return row;
  }
};

TEST_F(SqlTidbClusterTest, TokenHasOneHolder) {
  SqlTidbCluster cluster = client();
  EXPECT_EQ(cluster.token(call()), std::nullopt) << "there is no table yet";
  cluster.make_token_schema(call());
  cluster.make_token_schema(call());
  EXPECT_EQ(cluster.token(call()), std::nullopt);

  const TokenRow mine = token_of("m1", 1);
  EXPECT_TRUE(cluster.replace_token(std::nullopt, mine, call()));
  EXPECT_FALSE(cluster.replace_token(std::nullopt, token_of("m2", 2), call()))
      << "a row stands there already";
  EXPECT_TRUE(cluster.replace_token(mine, mine, call())) << "the same again is still ours";
  EXPECT_TRUE(cluster.replace_token(mine, token_of("m2", 2), call()));
  EXPECT_FALSE(cluster.replace_token(mine, mine, call())) << "somebody else holds it now";

  const std::optional<TokenRow> seen = cluster.token(call());
  ASSERT_TRUE(seen.has_value());
  EXPECT_EQ(seen->manager, "m2");
  EXPECT_EQ(seen->epoch, 2U);
  EXPECT_EQ(seen->gates, mine.gates);
  EXPECT_EQ(seen->remembered, mine.remembered);
  EXPECT_FALSE(seen->updated_at.empty());
}

TEST_F(SqlTidbClusterTest, MarkerThatIsNotThereHasNoNonce) {
  SqlTidbCluster cluster = client();
  EXPECT_EQ(cluster.marker_nonce("r", ClusterName("east"), call()), std::nullopt)
      << "there is no table yet";
  cluster.make_marker_schema(call());
  EXPECT_EQ(cluster.marker_nonce("r", ClusterName("east"), call()), std::nullopt);
}

TEST_F(SqlTidbClusterTest, RefusesAMarkerWithoutItsTransaction) {
  SqlTidbCluster cluster = client();
  cluster.make_marker_schema(call());
  EXPECT_THROW(cluster.write_marker("r", ClusterName("east"), "n", call()), Error)
      << "this server has no @@tidb_current_ts";
}

TEST_F(SqlTidbClusterTest, CopiesAnEmptyTable) {
  SqlTidbCluster cluster = client();
  cluster.make_token_schema(call());
  cluster.replace_token(std::nullopt, token_of("m1", 1), call());
  const TableName copy{"bdrmesh_copy", "owner"};
  cluster.copy_empty_table({"bdrmesh_local", "owner"}, copy, call());
  const auto definition = cluster.create_statement(copy, call());
  ASSERT_TRUE(definition.has_value());
  EXPECT_NE(definition->find("`manager` varchar(64)"), std::string::npos) << *definition;
  EXPECT_EQ(cluster.create_statement({"bdrmesh_copy", "nothing"}, call()), std::nullopt);
  const auto tables = cluster.tables(call());
  EXPECT_NE(std::find(tables.begin(), tables.end(), copy), tables.end());
}

TEST_F(SqlTidbClusterTest, DropsOfOthersOnlyWhatIsEmpty) {
  SqlTidbCluster cluster = client();
  EXPECT_THROW(cluster.drop_schema("mysql", call()), Error);
  SqlSession session = direct();
  session.change("CREATE DATABASE somebody", "make a schema");
  session.change("CREATE TABLE somebody.t (id INT)", "make a table");
  EXPECT_THROW(cluster.drop_schema("somebody", call()), Error);
  session.change("DROP TABLE somebody.t", "drop a table");
  cluster.drop_schema("somebody", call());
  EXPECT_TRUE(session.query("SHOW DATABASES LIKE 'somebody'", "look").empty());
}

TEST_F(SqlTidbClusterTest, AsksTheNextServerWhenOneIsNotThere) {
  SqlTidbCluster cluster =
      client({ServerAddress("127.0.0.1:1"), ServerAddress(test::shared_maria()->address())});
  EXPECT_EQ(cluster.global_variable("port", call()), test::shared_maria()->address().substr(10));
}

TEST_F(SqlTidbClusterTest, SaysWhenAServerIsNoTidb) {
  SqlTidbCluster cluster = client();
  try {
    cluster.release_version(ServerAddress(test::shared_maria()->address()), call());
    FAIL() << "a version was read";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), "NOT_TIDB") << e.message();
  }
}

TEST_F(SqlTidbClusterTest, ReadsGrants) {
  SqlTidbCluster cluster = client();
  EXPECT_FALSE(cluster.own_grants(call()).empty());
  EXPECT_TRUE(cluster.grants_of("weak", call()).has_value());
  EXPECT_EQ(cluster.grants_of("nobody_of_that_name", call()), std::nullopt);
}

TEST_F(SqlTidbClusterTest, RunsADdlAndTellsItsConnectionBefore) {
  SqlTidbCluster cluster = client();
  cluster.make_marker_schema(call());
  SentDdl sent;
  DdlSession session;
  session.schema = "bdrmesh";
  cluster.run_ddl(
      "ALTER TABLE marker ADD COLUMN extra INT", session,
      [&](const SentDdl& where) { sent = where; }, call());
  EXPECT_EQ(sent.server.value(), test::shared_maria()->address());
  EXPECT_GT(sent.connection_id, 0U);
  EXPECT_NE(cluster.create_statement({"bdrmesh", "marker"}, call())->find("`extra`"),
            std::string::npos);
}

TEST_F(SqlTidbClusterTest, TellsARefusedDdl) {
  SqlTidbCluster cluster = client();
  try {
    cluster.run_ddl(
        "ALTER TABLE bdrmesh.nothing ADD COLUMN a INT", {}, [](const SentDdl&) {}, call());
    FAIL() << "the DDL was accepted";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), "DDL_REFUSED");
    EXPECT_EQ(e.kind(), ErrorKind::invalid);
    EXPECT_NE(e.message().find("1146"), std::string::npos) << e.message();
  }
}

TEST_F(SqlTidbClusterTest, CallsADdlAmbiguousWhenItsConnectionIsLost) {
  SqlTidbCluster cluster = client();
  cluster.make_marker_schema(call());
  SqlSession blocker = direct();
  blocker.change("LOCK TABLES bdrmesh.marker WRITE", "lock");
  std::promise<SentDdl> sent;
  auto where = sent.get_future();
  auto failed = std::async(std::launch::async, [&]() -> std::string {
    try {
      cluster.run_ddl(
          "ALTER TABLE bdrmesh.marker ADD COLUMN x INT", {},
          [&](const SentDdl& s) { sent.set_value(s); }, call());
    } catch (const Error& e) {
      return std::string(to_string(e.kind())) + " " + e.code();
    }
    return "done";
  });
  const std::uint64_t id = where.get().connection_id;
  blocker.query("KILL " + std::to_string(id), "kill");
  EXPECT_EQ(failed.get(), "ambiguous DDL_ANSWER_LOST");
}

TEST_F(SqlTidbClusterTest, SendsNoDdlAfterAStop) {
  SqlTidbCluster cluster = client();
  std::stop_source stop;
  try {
    cluster.run_ddl("CREATE TABLE bdrmesh.never (a INT)", {},
                    [&](const SentDdl&) { stop.request_stop(); },
                    {kClock.mono() + 20s, stop.get_token()});
    FAIL() << "the DDL ran";
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::cancelled) << e.message();
  }
}

TEST_F(SqlTidbClusterTest, AStopAbandonsTheAnswerButNotTheDdl) {
  SqlTidbCluster cluster = client();
  cluster.make_marker_schema(call());
  SqlSession blocker = direct();
  blocker.change("LOCK TABLES bdrmesh.marker WRITE", "lock");
  std::stop_source stop;
  std::promise<SentDdl> sent;
  auto where = sent.get_future();
  auto outcome = std::async(std::launch::async, [&]() -> std::string {
    try {
      cluster.run_ddl("ALTER TABLE bdrmesh.marker ADD COLUMN later INT", {},
                      [&](const SentDdl& s) { sent.set_value(s); },
                      {kClock.mono() + 20s, stop.get_token()});
    } catch (const Error& e) {
      return std::string(to_string(e.kind())) + " " + e.code();
    }
    return "done";
  });
  const std::string id = std::to_string(where.get().connection_id);
  SqlSession watcher = direct();
  EXPECT_TRUE(eventually([&] {
    return !watcher
                .query("SELECT 1 FROM information_schema.processlist WHERE ID = " + id +
                           " AND INFO LIKE 'ALTER%'",
                       "look")
                .empty();
  }));
  stop.request_stop();
  EXPECT_EQ(outcome.get(), "ambiguous DDL_ANSWER_LOST");
  blocker.change("UNLOCK TABLES", "unlock");
  EXPECT_TRUE(eventually([&] {
    return cluster.create_statement({"bdrmesh", "marker"}, call())->find("`later`") !=
           std::string::npos;
  }));
}

}  // namespace
}  // namespace bdrmesh
