#include "lab/app/control.h"

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <gtest/gtest.h>

#include "base/error.h"

namespace bdrmesh::lab::app {
namespace {

class ControlSocket : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "control.XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::filesystem::path socket() const { return directory_ / "ctl"; }

 private:
  std::filesystem::path directory_;
};

TEST_F(ControlSocket, WhoCallsBeforeTheStartIsAnsweredAfterIt) {
  std::atomic<bool> complete = false;
  ControlServer server(socket(), [&](const Json&) { return Json{{"complete", complete.load()}}; });
  std::future<Json> answer = std::async(std::launch::async, [this] {
    return ask_lab(socket(), {{"command", "status"}});
  });
  EXPECT_EQ(answer.wait_for(std::chrono::milliseconds{50}), std::future_status::timeout);
  complete = true;
  server.start();
  EXPECT_EQ(answer.get().at("complete"), true);
}

TEST_F(ControlSocket, EndsWithoutEverHavingStarted) {
  {
    const ControlServer server(socket(), [](const Json& request) { return request; });
  }
  EXPECT_THROW(ask_lab(socket(), {{"command", "status"}}), Error);
}

}  // namespace
}  // namespace bdrmesh::lab::app
