// The processes of a chaos run: a lab, a daemon over it, a load on it; and how to speak to them.
// `get` and `post` may be called by any thread, the rest by one.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "clients/http/http_client.h"
#include "e2e/process.h"

namespace bdrmesh::chaos {

struct ArenaOptions {
  std::string program;      ///< bdrmesh
  std::string lab_program;  ///< bdrmesh-lab
  std::vector<std::string> clusters;
  std::string profile;
};

/// An answer of the daemon or the lab; status 0 when there was none.
struct Reply {
  long status = 0;
  Json body;
  bool ok() const { return status >= 200 && status < 300; }
  /// For people: "409 LOCKED: ...".
  std::string text() const;
};

class Arena {
 public:
  /// Starts lab and daemon and a directory of their own. Blocks. @throws Error bug when they do not
  /// come up.
  explicit Arena(ArenaOptions options);
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  const std::vector<std::string>& clusters() const { return options_.clusters; }
  const std::string& directory() const { return directory_; }
  /// Leaves logs where they are, and a copy of the state file.
  void keep();

  // the daemon
  bool start_daemon();
  void kill_daemon();
  void suspend_daemon();
  void continue_daemon();
  /// By SIGTERM. @return its exit code
  int end_daemon();
  bool daemon_alive();
  /// Died though nobody killed it.
  std::vector<std::string> unexpected_deaths() const { return unexpected_deaths_; }
  std::string daemon_log() const;
  /// A second one on the same state file. @return its exit code
  int second_daemon();
  e2e::Finished rescue();
  e2e::Finished check_state();

  Reply get(const std::string& path);
  Reply post(const std::string& path, const Json& body = Json::object());

  // the lab
  Reply order(const std::vector<std::string>& words);
  /// Rows of the lab's own truth; std::nullopt when the server did not answer.
  std::optional<Json> sql(const std::string& cluster, const std::string& statement,
                          std::size_t server = 1);

  // the load
  void start_load();
  void stop_load();
  e2e::Finished check_load();

 private:
  std::string server();
  Reply send(HttpMethod method, const std::string& url, const Json& body, Millis patience);

  ArenaOptions options_;
  SystemClock clock_;
  HttpClient http_;
  std::string directory_;
  std::string lab_dir_;
  std::string control_;
  std::mutex mutex_;  ///< guards server_
  std::string server_;
  std::unique_ptr<e2e::Background> lab_;
  std::unique_ptr<e2e::Background> daemon_;
  std::unique_ptr<e2e::Background> load_;
  std::vector<std::string> unexpected_deaths_;
  int daemons_ = 0;
  bool expected_down_ = true;
  bool suspended_ = false;
  bool kept_ = false;
};

}  // namespace bdrmesh::chaos
