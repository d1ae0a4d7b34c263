#include "gate/token_keeper.h"

namespace bdrmesh {
namespace {

/// Beside the remembered settings: the row has no column of its own for these.
constexpr const char* kStart = "holder_start";
constexpr const char* kAddress = "holder_at";

std::string start_of(const TokenRow& row) {
  return get_or<std::string>(row.remembered, kStart, "");
}

Error as_error(const Superseded& found) {
  return {ErrorKind::conflict, found.code, found.text, found.remedy};
}

}  // namespace

std::string holder_address(const TokenRow& row) {
  return get_or<std::string>(row.remembered, kAddress, "");
}

bool held_by_rescue(const TokenRow& row) { return start_of(row) == kRescueStart; }

TokenRow held_by(TokenRow row, const ManagerIdentity& identity) {
  row.manager = identity.id;
  row.epoch = identity.epoch;
  if (!row.remembered.is_object()) row.remembered = Json::object();
  row.remembered.erase(kStart);
  row.remembered.erase(kAddress);
  if (!identity.start.empty()) row.remembered[kStart] = identity.start;
  if (!identity.address.empty()) row.remembered[kAddress] = identity.address;
  return row;
}

bool TokenKeeper::holds(const TokenRow& row) const {
  return row.manager == identity_.id && row.epoch == identity_.epoch &&
         start_of(row) == identity_.start;
}

std::optional<Superseded> TokenKeeper::newer(const ClusterName& cluster,
                                             const TokenRow& row) const {
  if (row.manager != identity_.id) return std::nullopt;
  if (row.epoch > identity_.epoch) {
    return Superseded{
        cluster, "EPOCH_NEWER",
        "cluster " + cluster.value() + " has been taken by epoch " + std::to_string(row.epoch) +
            " of this manager, we are epoch " + std::to_string(identity_.epoch) +
            ": this process is an old one and only reads from now on, everywhere",
        "another daemon of this manager is at work: stop this one. When there is none "
        "(the state file was put back from a backup, or rescue was here while this "
        "daemon stood still): restart it, with --take-over after a backup"};
  }
  const std::string start = start_of(row);
  const bool twin = row.epoch == identity_.epoch && !start.empty() && start != kRescueStart &&
                    start != identity_.start;
  if (!twin) return std::nullopt;
  return Superseded{cluster, "EPOCH_TWIN",
                    "cluster " + cluster.value() + " is held by another process with our epoch " +
                        std::to_string(row.epoch) +
                        ": it was started from a copy of this state file, or we were; this process "
                        "only reads from now on, everywhere",
                    "stop one of the two for good, then start the other again: it takes the "
                    "clusters over with its next epoch"};
}

void TokenKeeper::supersede(const Superseded& found) const {
  {
    const std::scoped_lock lock(superseded_mutex_);
    if (superseded_) return;
    superseded_ = found;
  }
  if (listener_) listener_(found);
}

std::optional<Superseded> TokenKeeper::superseded() const {
  const std::scoped_lock lock(superseded_mutex_);
  return superseded_;
}

void TokenKeeper::require_not_superseded() const {
  if (const auto found = superseded()) throw as_error(*found);
}

void TokenKeeper::notice(const ClusterName& cluster, const std::optional<TokenRow>& row) const {
  if (!row) return;
  if (const auto found = newer(cluster, *row)) supersede(*found);
}

void TokenKeeper::refuse_foreign(const ClusterName& cluster, const TokenRow& row) const {
  if (row.manager != identity_.id) {
    throw Error(ErrorKind::conflict, "TOKEN_HELD",
                "cluster " + cluster.value() + " is managed by '" + row.manager + "' (epoch " +
                    std::to_string(row.epoch) + "), we are '" + identity_.id + "'",
                "let that manager do it; if it is gone for good: bdrmesh serve --take-over");
  }
  if (const auto found = newer(cluster, row)) {
    supersede(*found);
    throw as_error(*found);
  }
}

std::mutex& TokenKeeper::mutex_of(const ClusterName& cluster) {
  const std::scoped_lock lock(map_mutex_);
  return mutexes_[cluster];
}

namespace {

/// A SECONDARY takes no DDL of anybody, not even this one (measured §1 A7).
void make_schema(TidbCluster& tidb, const ClusterName& cluster, const Call& call) {
  try {
    tidb.make_token_schema(call);
  } catch (const Error& e) {
    if (e.code() != "TIDB_BDR_ROLE") throw;
    throw Error(ErrorKind::precondition, "ROLE_IN_THE_WAY",
                cluster.value() +
                    " has a BDR role already, under which the schema bdrmesh_local, where bdrmesh "
                    "keeps who manages it, cannot be made: " +
                    e.message(),
                "on " + cluster.value() +
                    ": ADMIN UNSET BDR ROLE; then run this again. Until group apply has set the "
                    "roles, let nobody change schemas: no DDL is replicated meanwhile");
  }
}

}  // namespace

TokenRow TokenKeeper::claim(const ClusterName& cluster, const Call& call) {
  require_not_superseded();
  const std::scoped_lock lock(mutex_of(cluster));
  TidbCluster& tidb = world_.tidb(cluster);
  // Looked at first: what is not ours is not even given a schema.
  const std::optional<TokenRow> seen = tidb.token(call);
  if (seen && !seen->manager.empty()) refuse_foreign(cluster, *seen);
  if (seen && holds(*seen)) return *seen;

  if (!seen) make_schema(tidb, cluster, call);
  const TokenRow ours = held_by(seen.value_or(TokenRow{}), identity_);
  if (!tidb.replace_token(seen, ours, call)) {
    throw Error(ErrorKind::transient, "TOKEN_MOVED",
                "the token row of " + cluster.value() + " changed while we claimed it");
  }
  return ours;
}

TokenRow TokenKeeper::require_ours(const ClusterName& cluster, const Call& call) {
  require_not_superseded();
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
    (void)require_ours(cluster, call);  // whoever took it may be a newer start of ours
    throw Error(ErrorKind::conflict, "TOKEN_LOST",
                "the token row of " + cluster.value() + " was taken while we wrote it");
  }
}

}  // namespace bdrmesh
