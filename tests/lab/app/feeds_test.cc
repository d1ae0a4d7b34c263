// Load over a real mesh of the lab: nothing is lost, and the check sees it when something is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lab/app/lab_under_test.h"
#include "lab/engine/template_data.h"

namespace bdrmesh::lab::app {
namespace {

using testing::HasSubstr;

class LabFeeds : public testing::Test {
 protected:
  void SetUp() override {
    if (!mariadb_is_installed()) GTEST_SKIP() << "mariadbd is not installed";
    lab_ = std::make_unique<LabUnderTest>(std::vector<std::string>{"--clusters", "2"});
    ASSERT_TRUE(lab_->is_up());
    ASSERT_EQ(lab_->create_feed("east", "west"), 200);
    ASSERT_EQ(lab_->create_feed("west", "east"), 200);
    ASSERT_TRUE(eventually([&] { return arrives("east", "west", "first"); }));
    ASSERT_TRUE(eventually([&] { return arrives("west", "east", "second"); }));
  }

  bool arrives(const std::string& from, const std::string& to, const std::string& note) const {
    const std::string id = from == "east" ? "1" : "2";
    lab_->sql(from, "UPDATE app.orders SET note = '" + note + "' WHERE id = " + id);
    return note_on(to, id) == note;
  }
  std::string note_on(const std::string& cluster, const std::string& id) const {
    return lab_->sql(cluster, "SELECT note FROM app.orders WHERE id = " + id);
  }
  std::string ledger() const { return (lab_->directory() / "ledger.jsonl").string(); }
  Ran load(const std::string& seconds) const {
    return lab_->lab({"load", "--seconds", seconds, "--rate", "40", "--ledger", ledger()});
  }
  Ran check(const std::string& wait) const {
    return lab_->lab({"load", "check", "--wait", wait, "--ledger", ledger()});
  }
  void order(std::vector<std::string> words) const {
    const Ran ran = lab_->fault(std::move(words));
    EXPECT_EQ(ran.code, 0) << ran.err;
  }

  std::unique_ptr<LabUnderTest> lab_;
};

TEST_F(LabFeeds, LedgerIsCompleteOnEveryCluster) {
  const Ran ran = load("2");
  EXPECT_EQ(ran.code, 0) << ran.out << ran.err;
  const Ran checked = check("10");
  EXPECT_EQ(checked.code, 0) << checked.out << checked.err;
  EXPECT_THAT(checked.out, HasSubstr("complete"));
  EXPECT_THAT(checked.out, testing::Not(HasSubstr("NOT")));
}

TEST_F(LabFeeds, LedgerMissesTheRowThatWasDroppedInFlight) {
  order({"drop-row", "east", "west", "app.orders"});
  // So few orders that none of them is changed or deleted later, which would hide the loss.
  EXPECT_EQ(
      lab_->lab({"load", "--seconds", "1", "--rate", "4", "--writers", "1", "--ledger", ledger()})
          .code,
      0);
  const Ran checked = check("3");
  EXPECT_EQ(checked.code, 1);
  EXPECT_THAT(checked.out, HasSubstr("NOT COMPLETE"));
  EXPECT_THAT(checked.out, HasSubstr("app.orders id "));
}

TEST_F(LabFeeds, LoadGoesOnWhenAColumnIsDroppedAndWhileAServerIsDead) {
  order({"kill", "east", "tidb-server", "2"});
  EXPECT_EQ(lab_->sql("east", "ALTER TABLE app.orders DROP COLUMN note"), "");
  EXPECT_EQ(lab_->sql("west", "ALTER TABLE app.orders DROP COLUMN note"), "");
  const Ran ran = load("2");
  EXPECT_EQ(ran.code, 0) << ran.out;
  EXPECT_THAT(ran.out, HasSubstr("1054x"));
  EXPECT_EQ(check("10").code, 0);
}

TEST_F(LabFeeds, FrozenFeedMovesNothingAndThawedOneCatchesUp) {
  order({"freeze-feed", "east", "west"});
  lab_->sql("east", "UPDATE app.orders SET note = 'frozen' WHERE id = 3");
  // The other direction is our clock: its rows arrive, the frozen ones still do not.
  lab_->sql("west", "UPDATE app.orders SET note = 'moves' WHERE id = 4");
  EXPECT_TRUE(eventually([&] { return note_on("east", "4") == "moves"; }));
  EXPECT_EQ(note_on("west", "3"), "note 3");
  EXPECT_THAT(lab_->lab({"status"}).out, HasSubstr("FROZEN"));
  order({"thaw", "east", "west"});
  EXPECT_TRUE(eventually([&] { return note_on("west", "3") == "frozen"; }));
}

TEST_F(LabFeeds, DelayedFeedIsLate) {
  order({"delay-feed", "east", "west", "1500"});
  lab_->sql("east", "UPDATE app.orders SET note = 'late' WHERE id = 5");
  EXPECT_EQ(note_on("west", "5"), "note 5");
  EXPECT_TRUE(eventually([&] { return note_on("west", "5") == "late"; }));
  order({"delay-feed", "east", "west", "0"});
}

TEST_F(LabFeeds, RequestToTicdcTakesEffectThoughItsAnswerIsLost) {
  order({"lose-answer", "east", "ticdc", "/pause"});
  const std::string feed =
      lab_->cluster(0).at("ticdc").at(0).get<std::string>() + "/api/v2/changefeeds/t-east-to-west";
  EXPECT_NE(http("POST", feed + "/pause", "{}").status, 200);
  EXPECT_TRUE(eventually(
      [&] { return http("GET", feed + "/status").body.find("stopped") != std::string::npos; }));
}

TEST_F(LabFeeds, OpenedGateLetsApplicationsWriteInsideThePause) {
  EXPECT_EQ(lab_->sql("east", "SET GLOBAL tidb_super_read_only = ON", "bdrmesh"), "");
  order({"open-gate", "east"});
  EXPECT_EQ(load("1").code, 0);
  const Ran checked = lab_->lab({"load", "check", "--windows-only", "--ledger", ledger(),
                                 "--between", "east:1:9000000000000000000"});
  EXPECT_EQ(checked.code, 1);
  EXPECT_THAT(checked.out, HasSubstr("NOT PROVEN"));
}

}  // namespace
}  // namespace bdrmesh::lab::app
