#include "app/cli/client/api_client.h"

#include <csignal>
#include <future>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/cli/client/interrupt.h"
#include "unit/app/served_backend.h"

namespace bdrmesh {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing_api::ServedBackend;

TEST(ApiClient, GetsAndPosts) {
  ServedBackend served;
  ApiClient api(served.url());
  EXPECT_EQ(api.get("/status").at("verdict"), "healthy");
  EXPECT_EQ(api.post("/operations", {{"kind", "group.apply"}}, "k1").at("operation"), "op1");
  EXPECT_EQ(api.post("/operations/op1/cancel", Json()).at("operation"), "op1");
  EXPECT_THAT(served.backend.asked(),
              ElementsAre("status", "submit group.apply {} key=k1", "cancel op1"));
}

TEST(ApiClient, ThrowsWhatTheDaemonSays) {
  ServedBackend served;
  served.backend.on_submit = [](const SubmitOperation&) -> Json {
    throw Error(ErrorKind::conflict, "LOCKED", "east is locked by op7", "bdrmesh op show op7");
  };
  ApiClient api(served.url() + "/");
  try {
    api.post("/operations", {{"kind", "x"}});
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::conflict);
    EXPECT_EQ(error.code(), "LOCKED");
    EXPECT_EQ(error.message(), "east is locked by op7");
    EXPECT_EQ(error.remedy(), "bdrmesh op show op7");
  }
}

TEST(ApiClient, SaysHowToStartADaemonThatIsAway) {
  std::string url;
  {
    const ServedBackend served;
    url = served.url();
  }
  ApiClient api(url);
  try {
    api.post("/operations", {{"kind", "x"}});
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::transient) << "nothing can have been sent";
    EXPECT_EQ(error.code(), "NO_DAEMON");
    EXPECT_THAT(error.message(), HasSubstr(url));
    EXPECT_THAT(error.remedy(), HasSubstr("bdrmesh serve"));
  }
}

TEST(ApiClient, CallsALostAnswerToAPostAmbiguous) {
  ServedBackend served;
  std::promise<void> go_on;
  const std::shared_future<void> gate = go_on.get_future().share();
  served.backend.on_submit = [gate](const SubmitOperation&) -> Json {
    gate.wait();
    return {{"operation", "op1"}};
  };
  ApiClient api(served.url(), Millis{200});
  try {
    api.post("/operations", {{"kind", "x"}});
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::ambiguous);
    EXPECT_EQ(error.code(), "NO_ANSWER");
  }
  go_on.set_value();
}

TEST(ApiClient, CtrlCEndsAWaitAndCutsNothingThatComesAfterIt) {
  ServedBackend served;
  std::promise<void> go_on;
  const std::shared_future<void> gate = go_on.get_future().share();
  served.backend.on_submit = [gate](const SubmitOperation&) -> Json {
    ::raise(SIGINT);
    gate.wait();
    return {{"operation", "op1"}};
  };
  const InterruptFlag flag;
  ApiClient api(served.url(), Millis{300'000});
  EXPECT_THROW(api.post("/operations", {{"kind", "x"}}), Error);
  EXPECT_EQ(api.get("/status").at("verdict"), "healthy");
  go_on.set_value();
}

TEST(Paths, AreEncoded) { EXPECT_EQ(encoded("a/b c?ü"), "a%2Fb%20c%3F%C3%BC"); }

}  // namespace
}  // namespace bdrmesh
