// The token row on each cluster: who manages it, with which epoch, which gates are closed and how
// to undo them (design §2, rules 9 and 10). Reads and conditional writes only; deciding what to
// close is the flows' work. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "clients/world.h"

namespace bdrmesh {

/// Who we are towards the clusters. The epoch grows with each start of the daemon on the same state
/// file; a file that was copied and started twice gives one epoch twice, which `start` tells apart.
struct ManagerIdentity {
  std::string id;
  std::uint64_t epoch = 0;
  std::string start{};  ///< random, new with each start; empty: not told apart
};

/// `start` of a rescue: it is over when the command ends, so whoever has its epoch may take over.
inline constexpr const char* kRescueStart = "rescue";

class TokenKeeper {
 public:
  TokenKeeper(World& world, ManagerIdentity identity)
      : world_(world), identity_(std::move(identity)) {}

  const ManagerIdentity& identity() const { return identity_; }

  /// Afterwards the cluster's row exists and names us with our epoch; gates and remembered settings
  /// in it are kept. Blocks.
  /// @throws Error conflict `TOKEN_HELD` when another manager holds the cluster, `EPOCH_NEWER` when
  /// a newer start of this manager has been here, `EPOCH_TWIN` when a start from a copy of its
  /// state file has: this process must not act on the cluster any more.
  TokenRow claim(const ClusterName& cluster, const Call& call);

  /// The row, if it is ours. @throws Error conflict as `claim`, precondition `TOKEN_ABSENT` when
  /// there is none.
  TokenRow require_ours(const ClusterName& cluster, const Call& call);

  /// Whether the row names exactly this start of this manager. Asks nobody.
  bool holds(const TokenRow& row) const;

  /// @throws Error as `claim` when `row` belongs to somebody else; asks nobody.
  void refuse_foreign(const ClusterName& cluster, const TokenRow& row) const;

  /// Reads the row, lets `edit` change it and writes it back, while it is ours. Blocks.
  /// @throws Error as `require_ours`; ambiguous when the answer was lost (repeating is harmless if
  /// `edit` is).
  void edit(const ClusterName& cluster, const std::function<void(TokenRow&)>& edit,
            const Call& call);

 private:
  std::mutex& mutex_of(const ClusterName& cluster);

  World& world_;
  ManagerIdentity identity_;
  std::mutex map_mutex_;                       // guards mutexes_
  std::map<ClusterName, std::mutex> mutexes_;  // one writer of ours per cluster's row
};

}  // namespace bdrmesh
