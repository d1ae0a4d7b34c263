// The token row on each cluster: who manages it, with which epoch, which gates are closed and how
// to undo them (design §2, rules 9 and 10). Reads and conditional writes only; deciding what to
// close is the flows' work. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "clients/world.h"

namespace bdrmesh {

/// Who we are towards the clusters. The epoch grows with each start of the daemon on the same state
/// file; a file that was copied and started twice gives one epoch twice, which `start` tells apart.
struct ManagerIdentity {
  std::string id;
  std::uint64_t epoch = 0;
  std::string start{};    ///< random, new with each start; empty: not told apart
  std::string address{};  ///< `host listen-address`, for whoever wants to know whether we live
};

/// `start` of a rescue or a take-over: it is over when the command ends, so whoever has its epoch
/// may follow.
inline constexpr const char* kRescueStart = "rescue";

/// For how long a look at the token row allows a change to leave: whoever takes a cluster over
/// waits that long before changing anything, and what the former holder was about to send can not
/// be sent any more.
inline constexpr Millis kTokenLease{2000};

/// Where the holder of a row answers; empty when it has not said.
std::string holder_address(const TokenRow& row);

/// Whether a rescue or a take-over holds the row, and so nobody that runs.
bool held_by_rescue(const TokenRow& row);

/// `row` as held by `identity`; gates and remembered settings are kept.
TokenRow held_by(TokenRow row, const ManagerIdentity& identity);

/// A newer start of this manager, or one from a copy of its state, has been seen.
struct Superseded {
  ClusterName cluster;
  std::string code;  ///< EPOCH_NEWER, EPOCH_TWIN
  std::string text;
  std::string remedy;
};

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

  /// Takes note of a row that somebody read. One newer or twin start of this manager, on whichever
  /// cluster, and this process only reads, everywhere and until its end. Never throws.
  void notice(const ClusterName& cluster, const std::optional<TokenRow>& row) const;
  std::optional<Superseded> superseded() const;
  /// @throws Error conflict `EPOCH_NEWER`, `EPOCH_TWIN` once superseded; asks nobody.
  void require_not_superseded() const;
  /// Called once, by whoever finds out, before anybody is told by an Error. Set before first use.
  void on_superseded(std::function<void(const Superseded&)> listener) {
    listener_ = std::move(listener);
  }
  /// Where we answer; before first use.
  void set_address(std::string address) { identity_.address = std::move(address); }

  /// Reads the row, lets `edit` change it and writes it back, while it is ours. Blocks.
  /// @throws Error as `require_ours`; ambiguous when the answer was lost (repeating is harmless if
  /// `edit` is).
  void edit(const ClusterName& cluster, const std::function<void(TokenRow&)>& edit,
            const Call& call);

  /// Held by whoever changes a setting that operations share, and its note on the row: the two
  /// belong together.
  std::mutex& settings_mutex() { return settings_mutex_; }

 private:
  std::mutex& mutex_of(const ClusterName& cluster);
  /// What a row says against us; std::nullopt when nothing.
  std::optional<Superseded> newer(const ClusterName& cluster, const TokenRow& row) const;
  void supersede(const Superseded& found) const;

  World& world_;
  ManagerIdentity identity_;
  std::function<void(const Superseded&)> listener_;
  mutable std::mutex superseded_mutex_;  // guards superseded_
  mutable std::optional<Superseded> superseded_;
  std::mutex settings_mutex_;                  // guards nothing here: see settings_mutex()
  std::mutex map_mutex_;                       // guards mutexes_
  std::map<ClusterName, std::mutex> mutexes_;  // one writer of ours per cluster's row
};

}  // namespace bdrmesh
