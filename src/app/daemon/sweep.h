// Keeps the rows of every table compared within a time that the configuration gives, under a
// budget: a few tables at a time, the longest unproven first, each batch an operation like a
// person's. What was done stands in the coverage, so that a restart goes on. A thread of its own.
#pragma once

#include <functional>
#include <map>
#include <thread>
#include <vector>

#include "api/backend.h"
#include "mesh/chronicle.h"
#include "model/desired.h"

namespace bdrmesh {

/// The tables to compare now: those that were not looked at for nine tenths of `period`, the
/// longest ago first, never looked at before all; at most `most`. Pure.
std::vector<TableName> due_tables(const std::vector<TableName>& all,
                                  const std::map<TableName, WallTime>& looked, WallTime now,
                                  Millis period, std::size_t most);

/// The rule that matches this table and no other.
std::string rule_of(const TableName& table);

class Sweep {
 public:
  using ListTables = std::function<std::vector<TableName>(const GroupSpec& group)>;
  /// When each table was last compared.
  using Looked = std::function<std::map<TableName, WallTime>(const GroupSpec& group)>;
  /// Everything outlives this. `tables` may block and throw Error.
  struct Parts {
    const Desired& desired;
    const Clock& clock;
    Backend& backend;
    EventSink& events;
    ListTables tables;
    Looked looked;
  };

  explicit Sweep(Parts parts) : parts_(std::move(parts)) {}
  ~Sweep() { stop(); }
  Sweep(const Sweep&) = delete;
  Sweep& operator=(const Sweep&) = delete;

  /// Does nothing when no sweep is wanted.
  void start();
  void stop();  ///< joins

  /// One round, as the thread does it each minute. Asks clusters. For tests too.
  void turn();

 private:
  void turn(const GroupSpec& group, WallTime now);

  Parts parts_;
  std::map<std::pair<GroupName, TableName>, WallTime> tried_;  // used by the thread only
  std::string trouble_;                                        // the last that was told
  std::jthread thread_;
};

}  // namespace bdrmesh
