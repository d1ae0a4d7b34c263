// One MariaDB server as the SQL engine of a lab cluster: own data directory, ports and credentials.
// Not thread-safe; the endpoint may be copied to anybody.
#pragma once

#include <filesystem>

#include "base/clock.h"
#include "lab/core/cluster_state.h"
#include "lab/engine/child_process.h"
#include "lab/net/reserved_port.h"

namespace bdrmesh::lab {

class MariaDb {
 public:
  /// @param directory  for data and log; may contain blanks. @param server_id unique among the
  /// lab's clusters. @param version  what SELECT VERSION() answers.
  MariaDb(const Clock& clock, std::filesystem::path directory, unsigned server_id,
          std::string version = "8.0.11-TiDB-v8.5.3");
  ~MariaDb();
  MariaDb(const MariaDb&) = delete;
  MariaDb& operator=(const MariaDb&) = delete;

  /// Copies the template, starts the server and its schema `lab_meta`. Returns when it answers.
  /// @throws Error precondition `LAB_ENGINE_FAILED` naming the log.
  void start(const std::filesystem::path& template_data);
  /// Ends it at once; the data stay.
  void stop();
  /// Starts again on the same data, port and socket.
  void restart();

  /// As SIGSTOP: connections stay, nothing is answered. Until resume().
  void suspend();
  void resume();
  bool is_running() const { return process_.is_running(); }
  /// up, suspended or dead
  std::string state() const;

  const EngineEndpoint& endpoint() const { return endpoint_; }

 private:
  std::vector<std::string> arguments() const;
  std::string first_statements() const;
  void launch(bool first_time);
  bool wait_until_it_answers();

  const Clock& clock_;
  std::filesystem::path directory_;
  std::filesystem::path run_directory_;
  unsigned server_id_;
  std::string version_;
  ReservedPort port_;
  bool suspended_ = false;
  EngineEndpoint endpoint_;
  ChildProcess process_;
};

}  // namespace bdrmesh::lab
