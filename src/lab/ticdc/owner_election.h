// Which node of a TiCDC is its owner (new architecture: its coordinator), and what a node can do
// with a request that only the owner may answer (ticdc-api §1.2; measured.md §2 "Owner change" and
// A12, §3.17, §3.18). Pure: whoever uses it says what happened and what time it is.
//
//   in office -- resign --> vacant -----------> in office (the other node, if one lives)
//   in office -- dies, hangs --> named, dead --> in office (whoever lives, after the lease)
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "lab/core/profile.h"

namespace bdrmesh::lab {

/// How long each stage of a change of the owner lasts.
struct ElectionTimes {
  Millis not_ready{300};   ///< classic: 503 after the start of a process
  Millis takeover{8500};   ///< from the owner's death until another node is in office
  Millis alone{12'000};    ///< the same when no other node lived: until a new process is in office
  Millis vacant{300};      ///< after a resign
  Millis fresh{100};       ///< classic: in office, but feeds are not known yet
  Millis initialising{0};  ///< new architecture: in office after a death, but not initialised
  Millis restart_after_crash{1000};  ///< until a process that crashed is started again

  static ElectionTimes measured(TicdcFamily family);
  /// All of them times `pace`.
  ElectionTimes at_pace(double pace) const;
};

class OwnerElection {
 public:
  OwnerElection(std::size_t nodes, ElectionTimes times) : times_(times), nodes_(nodes) {}

  /// The cluster begins: all nodes run, the first is in office.
  void begin();
  /// The process of a dead node starts anew.
  void started(std::size_t node, MonoTime now);
  void died(std::size_t node, MonoTime now);
  /// Stops as by a signal: it is as good as dead for the others once its lease is over.
  void hung(std::size_t node, MonoTime now);
  void woke(std::size_t node);
  void resign(MonoTime now);
  /// Lets time pass. @return the node that took office now.
  std::optional<std::size_t> advance(MonoTime now);

  enum class Way {
    serve,         ///< it is the owner
    fresh,         ///< it is the owner since a moment, classic: feeds are not known
    initialising,  ///< it is the coordinator since a moment
    forward,       ///< to `to`
    dead,          ///< to `to`, where nobody listens
    hang,          ///< nothing comes back until something changes
    vacant,        ///< there is no owner
    not_ready,     ///< the process has just started
  };
  struct Route {
    Way way{};
    std::size_t to = 0;
  };
  /// What `node`, whose process runs, does with a request for the owner.
  Route route(std::size_t node, MonoTime now) const;

  /// The owner in office; std::nullopt while there is none.
  std::optional<std::size_t> owner() const;
  bool is_running(std::size_t node) const { return nodes_.at(node).running; }
  bool is_hung(std::size_t node) const { return nodes_.at(node).hung; }
  /// Whether the cluster still counts `node` in: dead ones until their lease is over.
  bool is_member(std::size_t node, MonoTime now) const;

 private:
  struct Process {
    bool running = false;
    bool hung = false;
    MonoTime since;  ///< started or died
    MonoTime hung_since;
  };
  bool is_well(std::size_t node) const { return nodes_[node].running && !nodes_[node].hung; }
  std::optional<MonoTime> takes_over_at(std::size_t node) const;
  std::optional<std::size_t> successor() const;
  void enter(std::size_t node, MonoTime now, bool after_death);

  const ElectionTimes times_;
  std::vector<Process> nodes_;
  std::optional<std::size_t> named_;  ///< whom etcd names, dead or alive
  bool named_is_gone_ = false;        ///< its process of that time is dead
  MonoTime gone_since_;
  MonoTime entered_;
  bool entered_after_death_ = false;
  std::optional<MonoTime> vacant_until_;
};

}  // namespace bdrmesh::lab
