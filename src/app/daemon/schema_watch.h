// Watches the definitions of all groups' tables: compared whenever a cluster has run DDL, since a
// column that is narrower on one side is cut off silently (measured §2 A8, §3 5). Tells DDL that
// nobody ordered here. A thread of its own; thread-safe.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "clients/world.h"
#include "mesh/chronicle.h"
#include "mesh/judge/findings.h"
#include "model/desired.h"

namespace bdrmesh {

class SchemaWatch {
 public:
  /// Everything outlives this.
  struct Parts {
    const Desired& desired;
    World& world;
    const Clock& clock;
    EventSink& events;
    /// The group as it stands now, without those that have left it.
    std::function<GroupSpec(const GroupSpec&)> now;
    /// An operation is at work on the group: its DDL is ours, and differences may pass.
    std::function<bool(const GroupName&)> busy;
    /// Some link of the group has a changefeed; else nothing is wrong with different tables.
    std::function<bool(const GroupName&)> replicates;
  };
  struct Options {
    Millis tick{5000};
    Millis again{60'000};     ///< what differed is compared again after this, DDL or not
    Millis patience{20'000};  ///< one round may ask for so long
  };

  explicit SchemaWatch(Parts parts) : SchemaWatch(std::move(parts), Options{}) {}
  SchemaWatch(Parts parts, Options options) : parts_(std::move(parts)), options_(options) {}
  ~SchemaWatch() { stop(); }
  SchemaWatch(const SchemaWatch&) = delete;
  SchemaWatch& operator=(const SchemaWatch&) = delete;

  void start();
  void stop();  ///< joins after the question in progress

  /// One round, as the thread does it each tick. Asks the clusters. For tests too.
  void turn(const Call& call);
  /// `SCHEMA_DIFFERS`, a row for each difference, as last compared.
  std::vector<MeshFinding> findings(const GroupName& group) const;

 private:
  struct Known {
    std::map<ClusterName, std::int64_t> newest;  ///< DDL job of each member
    bool compared = false;
    std::optional<MonoTime> again;
  };
  void turn(const GroupSpec& group, const Call& call);
  bool look_at_jobs(const GroupSpec& group, Known& known, const Call& call);
  void tell_foreign(const GroupSpec& group, const ClusterName& member,
                    const std::vector<DdlJob>& jobs, std::int64_t since, const Call& call);
  void compare(const GroupSpec& group, Known& known, const Call& call);
  void keep(const GroupName& group, std::vector<MeshFinding> found);

  Parts parts_;
  Options options_;
  std::map<GroupName, Known> known_;  // used by the thread only
  mutable std::mutex mutex_;          // guards findings_
  std::map<GroupName, std::vector<MeshFinding>> findings_;
  std::jthread thread_;
};

}  // namespace bdrmesh
