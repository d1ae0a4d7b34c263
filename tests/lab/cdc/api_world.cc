#include "lab/cdc/api_world.h"

#include <map>

namespace bdrmesh::lab {

namespace {

std::map<std::string, std::unique_ptr<ApiWorld>>& worlds() {
  static std::map<std::string, std::unique_ptr<ApiWorld>> made;
  return made;
}

/// Ends servers before static objects go.
class Farewell : public ::testing::Environment {
 public:
  void TearDown() override { ApiWorld::end_all(); }
};

const ::testing::Environment* const kFarewell =
    ::testing::AddGlobalTestEnvironment(new Farewell);  // NOLINT: gtest owns it

}  // namespace

const Profile& classic_head() {
  static const Profile head{"classic-head", {9, 0, 0}, {9, 0, 0}, TicdcFamily::classic};
  return head;
}

ApiWorld::ApiWorld(const Profile& profile) : profile_(profile) {
  east_ = std::make_unique<TestCluster>("east", 1, TestCluster::quick_options(), profile);
  west_ = std::make_unique<TestCluster>("west", 2, TestCluster::quick_options(), profile);
  east_->silently("CREATE DATABASE rt");
  east_->silently("CREATE TABLE rt.a (id INT PRIMARY KEY)");
  east_->silently("CREATE TABLE rt.nokey (id INT)");
  east_->silently("CREATE SEQUENCE rt.sq");
}

ApiWorld& ApiWorld::of(const Profile& profile) {
  auto& world = worlds()[profile.name];
  if (!world) world = std::make_unique<ApiWorld>(profile);
  return *world;
}

void ApiWorld::end_all() { worlds().clear(); }

ApiWorld::Answer ApiWorld::post(const std::string& path, const std::string& body) {
  return east().call("POST", path, body);
}

ApiWorld::Answer ApiWorld::put(const std::string& id, const std::string& body) {
  return east().call("PUT", "changefeeds/" + id, body);
}

ApiWorld::Answer ApiWorld::get_page(const std::string& path) {
  return http_call(east().node().address(), "GET", path);
}

std::string ApiWorld::feed_body(const std::string& id, const std::string& more,
                                const std::string& config) const {
  return R"({"changefeed_id":")" + id + R"(","sink_uri":")" + west_->sink_uri() +
         R"(","replica_config":)" + config + more + "}";
}

std::string ApiWorld::body_to(const std::string& sink_uri, const std::string& config) const {
  return R"({"changefeed_id":"t-x","sink_uri":")" + sink_uri + R"(","replica_config":)" + config +
         "}";
}

ApiWorld::Answer ApiWorld::create(const std::string& id, const std::string& more,
                                  const std::string& config) {
  return post("changefeeds", feed_body(id, more, config));
}

const std::string& ApiWorld::running(const std::string& id) {
  last_ = id;
  const std::string state = east().state_of(id);
  if (state == "stopped") {
    EXPECT_EQ(post("changefeeds/" + id + "/resume", "{}").status, 200);
  } else if (state == "absent") {
    const Answer answer = create(id);
    EXPECT_EQ(answer.status, 200) << answer.body;
  }
  EXPECT_TRUE(eventually([&] {
    return east().state_of(id) == "normal" && east().checkpoint(id) != 0 &&
           get("changefeeds/" + id).status == 200;
  }));
  return last_;
}

const std::string& ApiWorld::stopped(const std::string& id) {
  if (east().state_of(id) != "stopped") {
    running(id);
    EXPECT_EQ(post("changefeeds/" + id + "/pause").status, 200);
    EXPECT_TRUE(eventually([&] { return east().state_of(id) == "stopped"; }));
  }
  last_ = id;
  return last_;
}

void ApiWorld::drop(const std::string& id) {
  EXPECT_TRUE(eventually([&] {
    return east().state_of(id) == "absent" || (remove(id), east().state_of(id) == "absent");
  }));
}

std::uint64_t ApiWorld::tso_in(int seconds) {
  constexpr int kLogicalBits = 18;
  const std::uint64_t far = static_cast<std::uint64_t>(std::abs(seconds)) * 1000 << kLogicalBits;
  return seconds < 0 ? now() - far : now() + far;
}

std::string ApiWorld::wrong_password() const {
  std::string uri = west_->sink_uri();
  const std::size_t at = uri.find('@');
  return uri.insert(at, "wrong");
}

}  // namespace bdrmesh::lab
