// Every statement of a SQL session is told to the call's observer by its name, never by its text.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>

#include "clients/sql/sql_errors.h"
#include "clients/tidb/sql_tidb_cluster.h"
#include "unit/clients/heard_calls.h"
#include "unit/clients/maria_server.h"

namespace bdrmesh {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

const SystemClock kClock;

class SqlCallNotesTest : public testing::Test {
 protected:
  void SetUp() override {
    if (test::shared_maria() == nullptr) GTEST_SKIP() << "no mariadbd on this machine";
  }
  Call call() { return {kClock.mono() + 20s, {}, &heard}; }
  SqlSession session(const std::string& password = "it's") {
    return {{ServerAddress(test::shared_maria()->address()),
             "bdrmesh",
             Secret(password),
             {},
             "tidb east"},
            call(),
            kClock};
  }

  test::HeardCalls heard;
};

TEST_F(SqlCallNotesTest, NameStatementsByWhatTheyAreFor) {
  session().query("SELECT 'a value of the application'", "read a thing");
  EXPECT_THAT(heard.told(), ElementsAre("log in: ok", "read a thing: ok"));
  EXPECT_EQ(heard.all()[0].target, "tidb east " + test::shared_maria()->address());
  EXPECT_FALSE(heard.mentions("a value of the application"));
}

TEST_F(SqlCallNotesTest, TellCodeAndNumberOfARefusal) {
  SqlSession open = session();
  EXPECT_THROW(open.query("SELECT * FROM nothing.at_all", "read nothing"), Error);
  ASSERT_EQ(heard.all().size(), 2U);
  EXPECT_THAT(heard.all()[1].answer, testing::EndsWith(" 1146"));
}

TEST_F(SqlCallNotesTest, TellALoginThatWasRefusedWithoutThePassword) {
  EXPECT_THROW(session("wr0ng"), Error);
  ASSERT_EQ(heard.all().size(), 1U);
  EXPECT_THAT(heard.all()[0].answer, HasSubstr("TIDB_LOGIN"));
  EXPECT_FALSE(heard.mentions("wr0ng"));
}

TEST_F(SqlCallNotesTest, ADdlThatIsLeftToItselfTellsOnce) {
  auto observer = std::make_unique<test::HeardCalls>();
  SqlTidbCluster cluster({{ServerAddress(test::shared_maria()->address())},
                          "bdrmesh",
                          [] { return Secret("it's"); },
                          {}},
                         kClock);
  std::stop_source stop;
  DdlSession pins;
  pins.time_zone = "+00:00";
  pins.charset = "utf8mb4";
  const Call stopped{kClock.mono() + 20s, stop.get_token(), observer.get()};
  std::jthread stopper;
  // Stopped while the server still sleeps; the observer is gone before the server answers.
  const auto sent = [&](const SentDdl&) {
    stopper = std::jthread([&] {
      kClock.wait_for(100ms, {});
      stop.request_stop();
    });
  };
  EXPECT_THROW(cluster.run_ddl("SELECT SLEEP(0.4)", pins, sent, stopped), Error);
  const auto told = observer->told();
  EXPECT_EQ(told.back(), "run the DDL: DDL_ANSWER_LOST");
  EXPECT_EQ(std::count(told.begin(), told.end(), told.back()), 1);
  observer.reset();
  kClock.wait_for(600ms, {});
}

}  // namespace
}  // namespace bdrmesh
