// The TiCDC of one lab cluster: nodes with an Open API of their own each, one of them the owner,
// changefeeds that really move rows, and the faults that can befall it all. What is saved (feeds,
// checkpoints) outlives every process, as in etcd. Thread-safe; start() and stop() belong to one
// owner.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "lab/changes/position_sampler.h"
#include "lab/core/cluster_state.h"
#include "lab/ticdc/ticdc_node.h"
#include "lab/ticdc/ticdc_options.h"

namespace bdrmesh::lab {

class TicdcCluster {
 public:
  TicdcCluster(ClusterState& cluster, TicdcOptions options);
  ~TicdcCluster();

  /// Listens on free ports and enters the nodes into cluster_info. @throws SocketClosed
  void start();
  /// Ends everything. Blocks until threads are gone.
  void stop();

  std::size_t size() const { return nodes_.size(); }
  /// `127.0.0.1:<port>`
  std::string address(std::size_t node = 0) const { return nodes_.at(node)->address(); }
  std::vector<std::string> addresses() const;

  /// As kill -9: connections break, what its feeds had in memory is gone; what is saved stays.
  void kill(std::size_t node = 0);
  /// Starts a killed node again, on the same port, as a new capture.
  void revive(std::size_t node = 0);
  /// As SIGSTOP: accepts connections, answers nothing, moves nothing.
  void suspend(std::size_t node = 0);
  void unsuspend(std::size_t node = 0);
  /// Another node becomes the owner, as by POST owner/resign.
  void resign();
  /// The node in office; std::nullopt while there is none.
  std::optional<std::size_t> owner_node() const;
  /// What RESTORE of this cluster looks at (tidb-sql §5.2).
  std::vector<FeedPosition> feed_positions() const;
  /// Whether a request to the node would be answered by an owner who knows its feeds.
  bool serves(std::size_t node = 0) const;
  bool is_running(std::size_t node = 0) const;

  /// What goes wrong with answers of one node.
  HttpFaults& http_faults(std::size_t node = 0) { return nodes_.at(node)->faults(); }
  /// The next request to any node whose `METHOD path` contains `part` takes effect unheard.
  void lose_answer_of_next(const std::string& part);

  /// Faults of one feed: freeze, delay, drop, duplicate. @throws Error invalid `LAB_NO_SUCH_FEED`.
  std::shared_ptr<FeedFaults> feed(const std::string& id) { return owner_.faults(id); }
  std::vector<ChangefeedView> feeds() const { return owner_.list(); }
  /// The feeds themselves, for what befalls them behind everybody's back.
  Owner& feed_book() { return owner_; }

  /// For its nodes: what `node` answers to `request`. May block until `stop`.
  HttpResponse answer(std::size_t node, const HttpRequest& request, const std::stop_token& stop);

 private:
  using Way = OwnerElection::Way;

  HttpResponse route(std::size_t node, const HttpRequest& request, const std::stop_token& stop);
  HttpResponse serve(std::size_t node, Way way, const HttpRequest& request,
                     const std::stop_token& stop);
  HttpResponse forward(std::size_t from, std::size_t to, const HttpRequest& request,
                       const std::stop_token& stop);
  HttpResponse forwarded_too_often() const;
  HttpResponse answer_without_owner(const HttpRequest& request) const;
  std::optional<HttpResponse> answer_of_fresh_owner(std::size_t node, const HttpRequest& request);
  std::vector<CaptureView> captures() const;
  int incarnation_of(std::size_t node) const;
  void crash(std::size_t node);

  void supervise(const std::stop_token& stop);
  void settle();
  void bury(std::size_t node);
  void come_back(std::size_t node);
  void move_feeds(std::size_t owner, MonoTime now);
  void enter_topology(std::size_t node);

  struct Fate {
    bool dying = false;  ///< asked to die; the supervisor does it
    std::optional<MonoTime> comes_back;
    std::optional<MonoTime> left;  ///< died or hung, and its feeds are still thought to be with it
    int incarnation = 0;           ///< of the process
  };

  ClusterState& cluster_;
  const TicdcOptions options_;
  const ElectionTimes times_;
  PositionSampler sampler_;
  Owner owner_;
  std::vector<std::unique_ptr<TicdcNode>> nodes_;
  HttpFaults lost_answers_;        ///< of any node
  std::shared_ptr<void> renewal_;  ///< keeps the GC safe point alive when the clock is turned

  mutable std::mutex mutex_;  // guards election_ and fates_
  std::condition_variable_any changed_;
  OwnerElection election_;
  std::vector<Fate> fates_;
  std::jthread supervisor_;
};

}  // namespace bdrmesh::lab
