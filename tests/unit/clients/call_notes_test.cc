// Every HTTP request of an adapter is told to the call's observer, without values or secrets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "clients/http/http_pd_client.h"
#include "clients/ticdc/http_ticdc_client.h"
#include "unit/clients/canned_server.h"
#include "unit/clients/data_files.h"
#include "unit/clients/heard_calls.h"

namespace bdrmesh {
namespace {

using namespace std::chrono_literals;
using test::CannedRequest;
using test::CannedServer;
using test::HeardCalls;
using testing::ElementsAre;

const SystemClock kClock;

CannedServer::Handler always(int status, const std::string& body) {
  return [=](const CannedRequest&) { return CannedServer::answer(status, body); };
}

std::string dead_url() { return CannedServer(always(200, "{}")).url(); }

class CallNotesTest : public testing::Test {
 protected:
  Call call() { return {kClock.mono() + 5s, {}, &heard}; }
  HttpTicdcClient ticdc(std::vector<std::string> urls) {
    return {std::move(urls), {}, kClock, "ticdc east"};
  }

  HeardCalls heard;
};

TEST_F(CallNotesTest, TellMethodPathAndStatus) {
  const CannedServer server(always(200, "{}"));
  const WallTime before = kClock.now();
  ticdc({server.url()}).pause(ChangefeedId("g-a-to-b-1"), call());
  ASSERT_EQ(heard.all().size(), 1U);
  const OutwardCall note = heard.all().front();
  EXPECT_EQ(note.target, "ticdc east " + server.url());
  EXPECT_EQ(note.what, "POST /api/v2/changefeeds/g-a-to-b-1/pause");
  EXPECT_EQ(note.answer, "200");
  EXPECT_GE(note.at, before);
  EXPECT_LT(note.took, 5s);
}

TEST_F(CallNotesTest, LeaveQueriesAndBodiesOut) {
  const CannedServer server(always(200, test::read_data("ticdc/real-classic-9.0dev-list.json")));
  HttpTicdcClient client = ticdc({server.url()});
  client.list(call());
  client.create({ChangefeedId("f"), Tso(470615496691286019), Secret("mysql://root:s3cret@h:4000/"),
                 Json::object()},
                call());
  EXPECT_THAT(heard.told(),
              ElementsAre("GET /api/v2/changefeeds: 200", "POST /api/v2/changefeeds: 200"));
  EXPECT_FALSE(heard.mentions("s3cret"));
}

TEST_F(CallNotesTest, NameTheServicesOwnCode) {
  const CannedServer server(
      always(400, test::read_data("ticdc/real-classic-9.0dev-error-detail-unknown.json")));
  EXPECT_EQ(ticdc({server.url()}).find(ChangefeedId("x"), call()), std::nullopt);
  EXPECT_THAT(heard.told(),
              ElementsAre("GET /api/v2/changefeeds/x: 400 CDC:ErrChangeFeedNotExists"));
}

TEST_F(CallNotesTest, TellEveryNodeThatWasTried) {
  const CannedServer server(always(200, "{}"));
  ticdc({dead_url(), server.url()}).pause(ChangefeedId("a"), call());
  ASSERT_EQ(heard.all().size(), 2U);
  EXPECT_EQ(heard.all()[0].answer, "UNREACHABLE");
  EXPECT_EQ(heard.all()[1].answer, "200");
  EXPECT_NE(heard.all()[0].target, heard.all()[1].target);
}

TEST_F(CallNotesTest, LeaveUserAndPasswordOfAUrlOut) {
  const CannedServer server(always(200, R"({"id": 7})"));
  std::string url = server.url();
  url.insert(url.find("://") + 3, "admin:s3cret@");
  HttpPdClient pd({url}, {}, kClock, "pd east");
  EXPECT_EQ(pd.cluster_id(call()), 7U);
  EXPECT_THAT(heard.told(), ElementsAre("GET /pd/api/v1/cluster: 200"));
  EXPECT_FALSE(heard.mentions("s3cret"));
  EXPECT_FALSE(heard.mentions("admin"));
}

TEST_F(CallNotesTest, TellAnswersThatNeverCame) {
  Call late = call();
  late.deadline = kClock.mono();
  const CannedServer server(always(200, "{}"));
  HttpTicdcClient client = ticdc({server.url()});
  EXPECT_THROW(client.tso(late), Error);
  ASSERT_FALSE(heard.all().empty());
  EXPECT_EQ(heard.all().back().answer, "UNREACHABLE");
}

TEST_F(CallNotesTest, GoToNobodyWithoutAnObserver) {
  const CannedServer server(always(200, "{}"));
  ticdc({server.url()}).pause(ChangefeedId("a"), {kClock.mono() + 5s, {}});
  EXPECT_TRUE(heard.all().empty());
}

TEST_F(CallNotesTest, SurviveAShorterDeadline) {
  const Call nearer = call().within(kClock.mono(), 1s);
  EXPECT_EQ(nearer.observer, &heard);
}

}  // namespace
}  // namespace bdrmesh
