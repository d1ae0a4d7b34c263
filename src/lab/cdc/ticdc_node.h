// One TiCDC server of a lab cluster: Open API on a port of 127.0.0.1, changefeeds that really move
// rows, and the faults that can befall it. Thread-safe.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "lab/cdc/open_api.h"
#include "lab/cdc/owner.h"
#include "lab/changes/position_sampler.h"
#include "lab/core/cluster_state.h"
#include "lab/http/http_server.h"

namespace bdrmesh::lab {

struct TicdcOptions {
  OwnerTimes owner;
  Millis sample_every{100};
  Millis restart_after_crash{1000};  ///< from death until it listens again
  Millis not_ready{300};             ///< then 503 (measured.md, "Owner change")
  Millis silent{1700};               ///< then calls hang: a dead capture's session must end first
  Millis ownerless{300};             ///< after a resign 500 CDC:ErrOwnerNotFound
  Millis fresh_owner{100};  ///< then status and detail know no feed, the list shows checkpoint 0
};

class TicdcNode {
 public:
  TicdcNode(ClusterState& cluster, TicdcOptions options);
  ~TicdcNode();

  /// Listens on a free port and enters itself into cluster_info. @throws SocketClosed
  void start();
  /// Ends everything. Blocks until threads are gone.
  void stop();
  /// `127.0.0.1:<port>`
  std::string address() const;

  /// As kill -9: connections break, what feeds had in memory is gone; saved checkpoints stay (saved
  /// twice a second).
  /// @param restart  comes back by itself after restart_after_crash; else when revive() is called.
  void kill(bool restart);
  /// Starts a killed node again, on the same port.
  void revive();
  /// As SIGSTOP: accepts connections, answers nothing, moves nothing.
  void suspend();
  void unsuspend();

  /// The owner is elected anew, as by POST owner/resign.
  void resign();
  /// The next request whose `METHOD path` contains `part` takes effect, but is not answered.
  void lose_answer_of_next(const std::string& part);

  /// Faults of one feed: freeze, delay, drop, duplicate. @throws Error invalid `LAB_NO_SUCH_FEED`.
  std::shared_ptr<FeedFaults> feed(const std::string& id) { return owner_.faults(id); }
  std::vector<ChangefeedView> feeds() const { return owner_.list(); }
  /// Whether the node answers requests.
  bool serves() const;

 private:
  enum class Phase { stopped, dead, not_ready, silent, serving };

  HttpResponse answer(const HttpRequest& request, const std::stop_token& stop);
  std::optional<HttpResponse> answer_for_phase(std::unique_lock<std::mutex>& lock,
                                               const HttpRequest& request,
                                               const std::stop_token& stop);
  std::optional<HttpResponse> answer_of_fresh_owner(const HttpRequest& request) const;
  bool takes_answer(const HttpRequest& request);
  void supervise(const std::stop_token& stop);
  void die();
  void come_back();
  void set_phase(Phase phase, Millis lasts);

  ClusterState& cluster_;
  const TicdcOptions options_;
  PositionSampler sampler_;
  Owner owner_;
  NodeFacts facts_;
  std::unique_ptr<OpenApi> api_;
  HttpServer http_;
  std::uint16_t port_ = 0;

  mutable std::mutex mutex_;  // guards all below but the thread
  std::condition_variable_any changed_;
  Phase phase_ = Phase::stopped;
  std::optional<MonoTime> phase_ends_;
  bool dying_ = false;
  bool suspended_ = false;
  bool restarts_ = false;
  bool revive_ = false;
  std::optional<MonoTime> ownerless_until_;
  std::optional<MonoTime> fresh_until_;
  std::vector<std::string> lost_answers_;
  std::jthread supervisor_;
};

}  // namespace bdrmesh::lab
