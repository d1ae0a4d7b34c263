// Each fault of the SQL side does what it says, and its undo undoes it.
#include <chrono>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lab/app/lab_under_test.h"
#include "lab/engine/template_data.h"

namespace bdrmesh::lab::app {
namespace {

using testing::HasSubstr;

class LabFaults : public testing::Test {
 protected:
  void SetUp() override {
    if (!mariadb_is_installed()) GTEST_SKIP() << "mariadbd is not installed";
    lab_ = std::make_unique<LabUnderTest>(std::vector<std::string>{"--clusters", "1"});
    ASSERT_TRUE(lab_->is_up());
  }

  std::string sql(const std::string& statement, int server = 1) const {
    return lab_->sql("east", statement, "dba", server);
  }
  void order(std::vector<std::string> words) const {
    const Ran ran = lab_->fault(std::move(words));
    EXPECT_EQ(ran.code, 0) << ran.err;
  }
  std::string status() const { return lab_->lab({"status"}).out; }

  std::unique_ptr<LabUnderTest> lab_;
};

TEST_F(LabFaults, AreListedAndBadOnesRefused) {
  EXPECT_THAT(lab_->fault({"list"}).out, HasSubstr("freeze-feed FROM TO"));
  const Ran unknown = lab_->fault({"explode", "east"});
  EXPECT_EQ(unknown.code, 2);
  EXPECT_THAT(unknown.err, HasSubstr("fault list"));
  EXPECT_THAT(lab_->fault({"kill", "north", "mariadb"}).err, HasSubstr("UNKNOWN_CLUSTER"));
  EXPECT_THAT(lab_->fault({"kill", "east", "tidb-server"}).err, HasSubstr("1 or 2"));
  EXPECT_THAT(lab_->fault({"kill", "east", "tidb-server", "3"}).err, HasSubstr("not 3"));
  EXPECT_THAT(lab_->fault({"freeze-feed", "east", "east"}).err, HasSubstr("LAB_NO_SUCH_FEED"));
}

TEST_F(LabFaults, KilledTidbServerRefusesConnectionsUntilItIsRestarted) {
  const Ran killed = lab_->fault({"kill", "east", "tidb-server", "2"});
  EXPECT_THAT(killed.out, HasSubstr("undo: bdrmesh-lab fault restart east tidb-server 2"));
  EXPECT_THAT(sql("SELECT 1", 2), HasSubstr("ERROR 200"));
  EXPECT_EQ(sql("SELECT 1", 1), "1");
  EXPECT_THAT(status(), HasSubstr("FAULT  east tidb-server 2 was killed"));
  order({"restart", "east", "tidb-server", "2"});
  EXPECT_EQ(sql("SELECT 1", 2), "1");
  EXPECT_THAT(status(), testing::Not(HasSubstr("FAULT")));
}

TEST_F(LabFaults, SuspendedTidbServerAnswersAfterItWasResumed) {
  order({"suspend", "east", "tidb-server", "1"});
  const Ran silent = run_program({"/usr/bin/timeout", "1", BDR_LAB_BINARY, "sql", "east",
                                  "SELECT 1", "--dir", lab_->directory().string()});
  EXPECT_EQ(silent.code, 124);  // timeout's own: no answer came
  EXPECT_EQ(sql("SELECT 1", 2), "1");
  order({"resume", "east", "tidb-server", "1"});
  EXPECT_EQ(sql("SELECT 1", 1), "1");
}

TEST_F(LabFaults, KilledEngineComesBackWithItsRows) {
  EXPECT_EQ(sql("UPDATE app.orders SET note = 'kept' WHERE id = 1"), "");
  order({"kill", "east", "mariadb"});
  EXPECT_THAT(sql("SELECT 1 FROM app.orders LIMIT 1"), HasSubstr("ERROR"));
  order({"restart", "east", "mariadb"});
  EXPECT_TRUE(
      eventually([&] { return sql("SELECT note FROM app.orders WHERE id = 1") == "kept"; }));
}

TEST_F(LabFaults, SuspendedEngineHangsUntilItIsResumed) {
  order({"suspend", "east", "mariadb"});
  const Ran silent =
      run_program({"/usr/bin/timeout", "1", BDR_LAB_BINARY, "sql", "east",
                   "SELECT COUNT(*) FROM app.orders", "--dir", lab_->directory().string()});
  EXPECT_EQ(silent.code, 124);
  order({"resume", "east", "mariadb"});
  EXPECT_EQ(sql("SELECT COUNT(*) FROM app.orders"), "20");
}

TEST_F(LabFaults, TicdcAnswersAgainAfterItWasKilledOrSuspended) {
  const std::string health =
      lab_->cluster(0).at("ticdc").at(0).get<std::string>() + "/api/v2/health";
  const auto healthy = [&] {
    try {
      return http("GET", health).status == 200;
    } catch (const std::exception&) {
      return false;
    }
  };
  ASSERT_TRUE(eventually(healthy));
  order({"kill", "east", "ticdc"});
  EXPECT_TRUE(eventually([&] { return !healthy(); }));
  EXPECT_THAT(status(), HasSubstr("FAULT  east ticdc was killed"));
  order({"restart", "east", "ticdc"});
  EXPECT_TRUE(eventually(healthy));
}

TEST_F(LabFaults, SlowServerHearsOfVariablesLateOrNever) {
  order({"slow-sysvar", "east", "2", "never"});
  EXPECT_EQ(sql("SET GLOBAL tidb_super_read_only = ON", 1), "");
  EXPECT_EQ(sql("SELECT @@global.tidb_super_read_only", 1), "1");
  EXPECT_EQ(sql("SELECT @@global.tidb_super_read_only", 2), "0");
  EXPECT_EQ(lab_->sql("east", "UPDATE app.orders SET note = 'x' WHERE id = 1", "app", 1),
            "ERROR 1836");
  EXPECT_EQ(lab_->sql("east", "UPDATE app.orders SET note = 'x' WHERE id = 1", "app", 2), "");
  order({"open-gate", "east"});
  EXPECT_EQ(sql("SELECT @@global.tidb_super_read_only", 1), "0");
  order({"slow-sysvar", "east", "2", "0"});
  EXPECT_EQ(sql("SET GLOBAL tidb_super_read_only = ON", 1), "");
  EXPECT_TRUE(eventually([&] { return sql("SELECT @@global.tidb_super_read_only", 2) == "1"; }));
}

TEST_F(LabFaults, StatementTakesEffectThoughItsAnswerIsLost) {
  order({"lose-answer", "east", "tidb", "unheard"});
  EXPECT_EQ(sql("UPDATE app.orders SET note = 'unheard' WHERE id = 3"), "ERROR 2013");
  EXPECT_EQ(sql("SELECT note FROM app.orders WHERE id = 3"), "unheard");
}

TEST_F(LabFaults, DdlFailsAsOftenAsOrdered) {
  order({"fail-ddl", "east", "1", "1062", "DROP COLUMN"});
  EXPECT_EQ(sql("ALTER TABLE app.orders ADD COLUMN extra INT"), "");
  EXPECT_EQ(sql("ALTER TABLE app.orders DROP COLUMN extra"), "ERROR 1062");
  EXPECT_EQ(sql("SELECT COUNT(extra) FROM app.orders"), "0");
  EXPECT_EQ(sql("ALTER TABLE app.orders DROP COLUMN extra"), "");
}

TEST_F(LabFaults, DdlIsSlowUntilTheFaultIsGone) {
  using Seconds = std::chrono::duration<double>;
  order({"slow-ddl", "east", "1500"});
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(sql("ALTER TABLE app.orders ADD COLUMN slow INT"), "");
  EXPECT_GE(Seconds(std::chrono::steady_clock::now() - begin).count(), 1.5);
  EXPECT_THAT(status(), HasSubstr("fault slow-ddl east 0"));
  order({"slow-ddl", "east", "0"});
  EXPECT_THAT(status(), testing::Not(HasSubstr("FAULT")));
}

TEST_F(LabFaults, RoleIsChangedBehindOurBack) {
  const Ran ran = lab_->fault({"set-role", "east", "secondary"});
  EXPECT_THAT(ran.out, HasSubstr("undo: bdrmesh-lab fault set-role east none"));
  EXPECT_EQ(sql("ADMIN SHOW BDR ROLE"), "secondary");
  EXPECT_EQ(sql("ALTER TABLE app.orders ADD COLUMN c INT"), "ERROR 8263");
  order({"set-role", "east", "none"});
  EXPECT_EQ(sql("ALTER TABLE app.orders ADD COLUMN c INT"), "");
}

}  // namespace
}  // namespace bdrmesh::lab::app
