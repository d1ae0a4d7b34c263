// What can befall rows in flight: each fault does what it says.
#include <gtest/gtest.h>

#include "lab/feed/feed_rig.h"

namespace bdrmesh::lab {
namespace {

class FeedFaultsTest : public FeedRigTest {
 protected:
  void SetUp() override {
    FeedRigTest::SetUp();
    if (IsSkipped()) return;
    feed_ = std::make_unique<RigFeed>(*east_, *west_);
    feed_->start();
  }
  void TearDown() override { feed_.reset(); }

  std::unique_ptr<RigFeed> feed_;
};

TEST_F(FeedFaultsTest, ADroppedRowIsMissingWhileTheCheckpointPasses) {
  feed_->faults().drop_next("app", "t");
  east_->commit({"INSERT INTO app.t VALUES (1,'x'),(2,'y')"});
  ASSERT_TRUE(feed_->drained());
  EXPECT_EQ(rows_in_west(), "2:y");
}

TEST_F(FeedFaultsTest, ADuplicatedRowArrivesAllTheSame) {
  feed_->faults().duplicate_next("app", "*");
  east_->commit({"INSERT INTO app.t VALUES (1,'x')"});
  ASSERT_TRUE(feed_->drained());
  EXPECT_EQ(rows_in_west(), "1:x");
  EXPECT_EQ(feed_->progress().rows, 2U);
}

TEST_F(FeedFaultsTest, ACorruptedRowHasItsKeyAndAnotherValue) {
  feed_->faults().corrupt_next("app", "t");
  east_->commit({"INSERT INTO app.t VALUES (1,'x'),(2,'y')"});
  ASSERT_TRUE(feed_->drained());
  EXPECT_EQ(rows_in_west(), "1:#,2:y");
}

TEST_F(FeedFaultsTest, TwoChangesOfAKeyAreSwapped) {
  east_->commit({"INSERT INTO app.t VALUES (1,'a'),(2,'a')"});
  ASSERT_TRUE(feed_->drained());
  feed_->faults().reorder_next("app", "t");
  east_->commit({"UPDATE app.t SET v='b' WHERE id=1"});
  east_->commit({"UPDATE app.t SET v='b' WHERE id=2"});
  east_->commit({"UPDATE app.t SET v='c' WHERE id=1"});
  ASSERT_TRUE(feed_->drained());
  EXPECT_EQ(rows_in_west(), "1:b,2:b");
}

TEST_F(FeedFaultsTest, AFrozenFeedStandsStill) {
  feed_->faults().freeze();
  east_->commit({"INSERT INTO app.t VALUES (1,'x')"});
  EXPECT_FALSE(feed_->drained(Millis{400}));
  EXPECT_EQ(rows_in_west(), "");
  feed_->faults().thaw();
  ASSERT_TRUE(feed_->drained());
  EXPECT_EQ(rows_in_west(), "1:x");
}

TEST_F(FeedFaultsTest, ADelayHoldsRowsBack) {
  feed_->faults().set_delay(Millis{500});
  east_->commit({"INSERT INTO app.t VALUES (1,'x')"});
  SystemClock().wait_for(Millis{200}, {});
  EXPECT_EQ(rows_in_west(), "");
  ASSERT_TRUE(feed_->drained());
  EXPECT_EQ(rows_in_west(), "1:x");
}

}  // namespace
}  // namespace bdrmesh::lab
