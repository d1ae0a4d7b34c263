// Pairs of a resolved timestamp and a binlog position of one cluster, taken every 100 ms: they tell
// a feed its checkpoint when it has applied the binlog up to a position, and where to begin to read
// for a timestamp. Thread-safe; has a thread of its own.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

#include "lab/binlog/event.h"
#include "lab/binlog/sql_session.h"
#include "lab/core/cluster_state.h"

namespace bdrmesh::lab {

class PositionSampler {
 public:
  PositionSampler(ClusterState& cluster, Millis interval)
      : cluster_(cluster), interval_(interval) {}
  ~PositionSampler() { stop(); }

  void start();
  void stop();

  /// The newest timestamp R such that whatever committed at or below it stands before `applied`; 0
  /// when none is known.
  std::uint64_t resolved_at(const BinlogPosition& applied) const;
  /// The newest resolved timestamp; 0 before the first sample.
  std::uint64_t newest() const;
  /// A place in front of every transaction with commit_ts > `ts`, and in front of the announcement
  /// of every DDL that finished after it. Not set when only the whole binlog will do.
  BinlogPosition start_for(std::uint64_t ts) const;

 private:
  struct Sample {
    std::uint64_t resolved = 0;  ///< all that committed up to here stands before `end`
    BinlogPosition end;
    std::uint64_t after = 0;  ///< whatever stands before `end` committed below this
  };

  void run(const std::stop_token& stop);
  void take(SqlSession& session);
  void thin_out();

  ClusterState& cluster_;
  const Millis interval_;
  mutable std::mutex mutex_;  // guards samples_
  std::deque<Sample> samples_;
  std::jthread thread_;
};

/// How the lab's own parts log in to a cluster's MariaDB.
SqlLogin engine_login(const ClusterState& cluster);

}  // namespace bdrmesh::lab
