// How a TiCDC holds garbage collection back in PD, and which of its feeds it gives up (ticdc-api
// §2.2, tidb-sql §13 "GC budget"; measured.md A22, §3.15, §3.22, §3.32). Not thread-safe: it
// belongs to the Owner.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lab/core/cluster_state.h"
#include "lab/owner/changefeed.h"

namespace bdrmesh::lab {

/// When a feed that holds history is given up.
enum class GcRule {
  ttl,             ///< classic: looked at all the time, stopped feeds too
  without_limit,   ///< v6.5.3, v7.1.0, v7.2.0: never; failed feeds hold for 24 hours
  at_checkpoints,  ///< new architecture: only when a checkpoint advances
};
GcRule gc_rule_of(const Profile& profile);

/// `ticdc-default-<number>`: the number is the id of PD's etcd, which follows from its address.
std::string gc_service_of(const std::string& pd_address);

class TicdcGc {
 public:
  TicdcGc(ClusterState& cluster, GcRule rule, std::chrono::seconds ttl)
      : cluster_(cluster), rule_(rule), ttl_(ttl) {}

  GcRule rule() const { return rule_; }
  std::string service() const { return gc_service_of(cluster_.pd_address()); }

  /// Whether the feed keeps PD from collecting what it has not read.
  bool holds(const ChangefeedInfo& info, std::uint64_t checkpoint) const;
  /// Enters `least_checkpoint` - 1, of feeds that hold; std::nullopt when none does.
  void renew(std::optional<std::uint64_t> least_checkpoint);
  /// The schema store of a node of the new architecture holds history too.
  void renew_keeper(const std::string& node, std::uint64_t least_checkpoint);
  /// The process that knew is gone: what PD said last is forgotten.
  void forget() { said_ = {}; }

  /// A feed begins to run: classic swaps its temporary entries for `-initializing-`.
  void begin(const ChangefeedInfo& info, std::uint64_t checkpoint);
  void drop_creating(const std::string& id);
  void drop_resuming(const std::string& id);

  /// Why a feed at `checkpoint` is given up; std::nullopt when it is not.
  std::optional<FeedError> verdict(const ChangefeedInfo& info, std::uint64_t checkpoint) const;

  /// Whether garbage was collected since the last renewal.
  bool is_outdated() const { return cluster_.gc.safe_point() != said_.collected; }

 private:
  struct Said {
    bool blocks = false;        ///< TiCDC's own entry is PD's minimum
    std::uint64_t minimum = 0;  ///< PD's
    std::uint64_t collected = 0;
  };
  std::string temporary(const char* kind, const std::string& id) const;

  ClusterState& cluster_;
  const GcRule rule_;
  const std::chrono::seconds ttl_;
  Said said_;
};

}  // namespace bdrmesh::lab
