// Two lab clusters of one profile, and the short ways in which tests of the Open API talk to the
// first. Kept for all tests of a program that ask for the same profile.
#pragma once

#include <memory>
#include <string>

#include "lab/cdc/recorded.h"
#include "lab/cdc/test_cluster.h"

namespace bdrmesh::lab {

class ApiWorld {
 public:
  explicit ApiWorld(const Profile& profile);

  /// The world of `profile`, made on first use. All end with the program.
  static ApiWorld& of(const Profile& profile);
  static void end_all();

  using Answer = HttpAnswer;
  Answer get(const std::string& path) { return east().call("GET", path); }
  Answer post(const std::string& path, const std::string& body = "");
  Answer put(const std::string& id, const std::string& body);
  Answer remove(const std::string& id) { return east().call("DELETE", "changefeeds/" + id); }
  /// A path outside of /api/v2.
  Answer get_page(const std::string& path);

  /// Body of a create: a feed of rt.a into west.
  /// @param more  further members, with a comma before each: `,"start_ts":1`
  std::string feed_body(const std::string& id, const std::string& more = "",
                        const std::string& config = R"({"filter":{"rules":["rt.a"]}})") const;
  /// The same into another sink.
  std::string body_to(const std::string& sink_uri, const std::string& config) const;
  Answer create(const std::string& id, const std::string& more = "",
                const std::string& config = R"({"filter":{"rules":["rt.a"]}})");
  /// A feed that runs, made unless it does.
  const std::string& running(const std::string& id);
  /// The same feed, stopped.
  const std::string& stopped(const std::string& id);
  Json detail(const std::string& id) { return get("changefeeds/" + id).json(); }
  /// Two feeds are needed at most by any test.
  void drop(const std::string& id);

  std::uint64_t now() { return east().state().oracle.next(); }
  /// A timestamp as far from now as `seconds` say.
  std::uint64_t tso_in(int seconds);
  /// A port where nobody listens.
  static std::string dead_sink() { return "mysql://root@127.0.0.1:1/"; }
  std::string wrong_password() const;

  TestCluster& east() { return *east_; }
  TestCluster& west() { return *west_; }
  const Profile& profile() const { return profile_; }

 private:
  const Profile profile_;
  std::unique_ptr<TestCluster> east_;
  std::unique_ptr<TestCluster> west_;
  std::string last_;
};

/// The head of classic TiCDC, of which the recorded answers are.
const Profile& classic_head();

}  // namespace bdrmesh::lab
