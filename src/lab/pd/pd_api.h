// PD's HTTP API of one lab cluster, as far as it is read (tidb-sql §3, §5.3; recorded answers of PD
// 5.1 to 9.0). Handlers run in parallel.
#pragma once

#include <atomic>
#include <mutex>

#include "lab/core/cluster_state.h"
#include "lab/http/http_faults.h"
#include "lab/http/http_server.h"

namespace bdrmesh::lab {

struct PdFacts;

class PdApi {
 public:
  explicit PdApi(ClusterState& cluster);

  /// Listens and enters itself, and a TiKV store, into cluster_info. @throws SocketClosed
  void start();
  /// start() may follow, on the same port.
  void stop() { server_.stop(); }
  /// As SIGSTOP: accepts connections, answers nobody until it is over.
  void suspend(bool suspended) { server_.suspend(suspended); }
  /// up, suspended or dead
  std::string state() const { return server_.state(); }
  std::string address() const { return server_.address(); }
  /// What goes wrong with its answers.
  HttpFaults& faults() { return faults_; }
  /// The answer without any fault.
  HttpResponse answer(const HttpRequest& request) const;

  /// Fault: as before TiKV joined. Stores and min-resolved-ts answer 500.
  void set_bootstrapped(bool bootstrapped) { bootstrapped_ = bootstrapped; }
  /// Fault: min-resolved-ts is not persisted; its value goes on, but proves nothing.
  void set_resolved_ts_persisted(bool persisted) { resolved_is_real_time_ = persisted; }
  /// Fault: Up, Disconnected, Down, Offline or Tombstone, for the one store.
  void set_store_state(const std::string& state);

 private:
  PdFacts facts() const;
  HttpResponse answer_v1(const std::string& path, const HttpRequest& request) const;
  std::uint64_t min_resolved_ts() const;

  ClusterState& cluster_;
  HttpFaults faults_;
  HttpServer server_;
  std::atomic<bool> bootstrapped_{true};
  std::atomic<bool> resolved_is_real_time_{true};
  mutable std::mutex mutex_;  // guards started_, store_state_ and min_resolved_
  WallTime started_;
  std::string store_state_ = "Up";
  mutable std::uint64_t min_resolved_ = 0;
};

}  // namespace bdrmesh::lab
