#include "lab/owner/ticdc_gc.h"

#include <algorithm>
#include <openssl/evp.h>

#include "lab/owner/feed_trouble.h"
#include "model/tso.h"

namespace bdrmesh::lab {

namespace {

constexpr std::chrono::seconds kInitializingTtl{600};
constexpr std::chrono::seconds kKeeperTtl{7200};
constexpr std::chrono::hours kFailedHold{24};  // of versions without the TTL check

std::string first_bytes_of_sha1(const std::string& text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha1(), nullptr);
  return {reinterpret_cast<const char*>(digest), 8};  // NOLINT: bytes are bytes
}

Millis lag_of(std::uint64_t ts, const ClusterState& cluster) {
  return std::chrono::duration_cast<Millis>(cluster.oracle.now() - Tso(ts).time());
}

}  // namespace

GcRule gc_rule_of(const Profile& profile) {
  if (!profile.is_classic()) return GcRule::at_checkpoints;
  const Version& version = profile.ticdc;
  const bool no_ttl =
      version == Version{6, 5, 3} || version == Version{7, 1, 0} || version == Version{7, 2, 0};
  return no_ttl ? GcRule::without_limit : GcRule::ttl;
}

std::string gc_service_of(const std::string& pd_address) {
  // etcd's member id is made of its peer address and PD's cluster token, its own id of that.
  const std::string member = first_bytes_of_sha1("http://" + pd_address + "pd-cluster");
  std::uint64_t number = 0;
  for (const char byte : first_bytes_of_sha1(member)) {
    number = number << 8U | static_cast<unsigned char>(byte);
  }
  return "ticdc-default-" + std::to_string(number);
}

std::string TicdcGc::temporary(const char* kind, const std::string& id) const {
  return service() + "-" + kind + "-default_" + id;
}

bool TicdcGc::holds(const ChangefeedInfo& info, std::uint64_t checkpoint) const {
  if (info.state == feed_state::kFinished) return false;
  if (info.state != feed_state::kFailed) return true;
  if (info.error && class_of(*info.error) == ErrorClass::history_lost) return false;
  return rule_ != GcRule::without_limit || lag_of(checkpoint, cluster_) <= kFailedHold;
}

void TicdcGc::renew(std::optional<std::uint64_t> least_checkpoint) {
  said_.collected = cluster_.gc.safe_point();
  if (!least_checkpoint && rule_ == GcRule::at_checkpoints) {
    cluster_.safepoints.remove(service());  // it goes with the last feed
    said_ = {};
    return;
  }
  // Without feeds the classic owner holds the present.
  const std::uint64_t own = least_checkpoint.value_or(cluster_.oracle.next()) - 1;
  const ServiceSafepoints::Hold answer = cluster_.safepoints.hold(service(), own, ttl_);
  said_.minimum = answer.minimum;
  said_.blocks = answer.minimum == own;
}

void TicdcGc::renew_keeper(const std::string& node, std::uint64_t least_checkpoint) {
  std::string name = node;
  std::ranges::replace_if(
      name, [](char c) { return c == '.' || c == ':'; }, '_');
  cluster_.safepoints.hold("cdc_schema_store-keeper-default_node_" + name + "_keyspace_0",
                           least_checkpoint - 1, kKeeperTtl);
}

void TicdcGc::begin(const ChangefeedInfo& info, std::uint64_t checkpoint) {
  if (rule_ == GcRule::at_checkpoints) return;
  cluster_.safepoints.hold(temporary("initializing", info.id), checkpoint - 1, kInitializingTtl);
  drop_creating(info.id);
  drop_resuming(info.id);
}

void TicdcGc::drop_creating(const std::string& id) {
  cluster_.safepoints.remove(temporary("creating", id));
}

void TicdcGc::drop_resuming(const std::string& id) {
  cluster_.safepoints.remove(temporary("resuming", id));
}

std::optional<FeedError> TicdcGc::verdict(const ChangefeedInfo& info,
                                          std::uint64_t checkpoint) const {
  if (!holds(info, checkpoint)) return std::nullopt;
  std::string code;
  std::string text;
  if (said_.blocks) {
    if (rule_ == GcRule::without_limit || lag_of(checkpoint - 1, cluster_) <= ttl_) {
      return std::nullopt;
    }
    const std::string shown = rule_ == GcRule::ttl ? "default/" + info.id : info.id;
    code = "CDC:ErrGCTTLExceeded";
    text = "the checkpoint-ts(" + std::to_string(checkpoint) + ") lag of the changefeed(" + shown +
           ") has exceeded the GC TTL and the changefeed is blocking global GC progression";
  } else {
    if (checkpoint - 1 >= said_.minimum) return std::nullopt;
    code = "CDC:ErrSnapshotLostByGC";
    text =
        "fail to create or maintain changefeed due to snapshot loss caused by GC. checkpoint-ts " +
        std::to_string(checkpoint) + " is earlier than or equal to GC safepoint at " +
        std::to_string(said_.minimum);
  }
  return FeedError{cluster_.clock.now(), code, "[" + code + "]" + text};
}

}  // namespace bdrmesh::lab
