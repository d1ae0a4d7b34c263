#include "gate/token_keeper.h"

namespace bdrmesh {
namespace {

/// Beside the remembered settings: the row has no column of its own for it.
constexpr const char* kStart = "holder_start";

std::string start_of(const TokenRow& row) {
  return get_or<std::string>(row.remembered, kStart, "");
}

}  // namespace

bool TokenKeeper::holds(const TokenRow& row) const {
  return row.manager == identity_.id && row.epoch == identity_.epoch &&
         start_of(row) == identity_.start;
}

void TokenKeeper::refuse_foreign(const ClusterName& cluster, const TokenRow& row) const {
  if (row.manager != identity_.id) {
    throw Error(ErrorKind::conflict, "TOKEN_HELD",
                "cluster " + cluster.value() + " is managed by '" + row.manager + "' (epoch " +
                    std::to_string(row.epoch) + "), we are '" + identity_.id + "'",
                "let that manager do it, or stop it for good and delete its row in "
                "bdrmesh_local.owner on " +
                    cluster.value());
  }
  if (row.epoch > identity_.epoch) {
    throw Error(ErrorKind::conflict, "EPOCH_NEWER",
                "cluster " + cluster.value() + " has been taken by epoch " +
                    std::to_string(row.epoch) + " of this manager, we are epoch " +
                    std::to_string(identity_.epoch) +
                    ": this process is an old one and only reads from now on",
                "stop this daemon; the one with the newer epoch holds the state");
  }
  const std::string start = start_of(row);
  const bool twin = row.epoch == identity_.epoch && !start.empty() && start != kRescueStart &&
                    start != identity_.start;
  if (twin) {
    throw Error(ErrorKind::conflict, "EPOCH_TWIN",
                "cluster " + cluster.value() + " is held by another process with our epoch " +
                    std::to_string(row.epoch) +
                    ": it was started from a copy of this state file, or we were",
                "stop one of the two for good, then start the other again: it takes the clusters "
                "over with its next epoch");
  }
}

std::mutex& TokenKeeper::mutex_of(const ClusterName& cluster) {
  const std::scoped_lock lock(map_mutex_);
  return mutexes_[cluster];
}

TokenRow TokenKeeper::claim(const ClusterName& cluster, const Call& call) {
  const std::scoped_lock lock(mutex_of(cluster));
  TidbCluster& tidb = world_.tidb(cluster);
  tidb.make_token_schema(call);
  const std::optional<TokenRow> seen = tidb.token(call);
  if (seen && !seen->manager.empty()) refuse_foreign(cluster, *seen);
  if (seen && holds(*seen)) return *seen;

  TokenRow ours = seen.value_or(TokenRow{});
  ours.manager = identity_.id;
  ours.epoch = identity_.epoch;
  if (!identity_.start.empty()) ours.remembered[kStart] = identity_.start;
  if (!tidb.replace_token(seen, ours, call)) {
    throw Error(ErrorKind::transient, "TOKEN_MOVED",
                "the token row of " + cluster.value() + " changed while we claimed it");
  }
  return ours;
}

TokenRow TokenKeeper::require_ours(const ClusterName& cluster, const Call& call) {
  const std::optional<TokenRow> row = world_.tidb(cluster).token(call);
  if (!row || row->manager.empty()) {
    throw Error(ErrorKind::precondition, "TOKEN_ABSENT",
                "cluster " + cluster.value() + " carries no token of a manager",
                "run: bdrmesh group apply");
  }
  refuse_foreign(cluster, *row);
  return *row;
}

void TokenKeeper::edit(const ClusterName& cluster, const std::function<void(TokenRow&)>& edit,
                       const Call& call) {
  claim(cluster, call);
  const std::scoped_lock lock(mutex_of(cluster));
  const TokenRow before = require_ours(cluster, call);
  TokenRow after = before;
  edit(after);
  if (after.gates == before.gates && after.remembered == before.remembered) return;
  if (!world_.tidb(cluster).replace_token(before, after, call)) {
    throw Error(ErrorKind::conflict, "TOKEN_LOST",
                "the token row of " + cluster.value() + " was taken while we wrote it");
  }
}

}  // namespace bdrmesh
