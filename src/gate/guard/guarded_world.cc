#include "gate/guard/guarded_world.h"

#include "gate/guard/guarded_backup.h"
#include "gate/guard/guarded_pair.h"
#include "gate/guard/guarded_ticdc.h"
#include "gate/guard/guarded_tidb.h"

namespace bdrmesh {

struct GuardedWorld::Ports {
  Ports(World& inner, TokenKeeper& tokens, const Clock& clock, const ClusterName& cluster)
      : tidb(inner.tidb(cluster), ChangePermit(inner, tokens, clock, cluster)),
        ticdc(inner.ticdc(cluster), ChangePermit(inner, tokens, clock, cluster)),
        backup(inner.backup(cluster), ChangePermit(inner, tokens, clock, cluster)),
        users(inner.users(cluster), ChangePermit(inner, tokens, clock, cluster)),
        read_point(inner.read_point(cluster), ChangePermit(inner, tokens, clock, cluster)) {}

  GuardedTidb tidb;
  GuardedTicdc ticdc;
  GuardedBackup backup;
  GuardedUsers users;
  GuardedReadPoint read_point;
};

GuardedWorld::GuardedWorld(World& inner, TokenKeeper& tokens, const Clock& clock)
    : inner_(inner), tokens_(tokens), clock_(clock) {}

GuardedWorld::~GuardedWorld() = default;

GuardedWorld::Ports& GuardedWorld::ports(const ClusterName& cluster) {
  const std::scoped_lock lock(mutex_);
  auto& found = ports_[cluster];
  if (!found) found = std::make_unique<Ports>(inner_, tokens_, clock_, cluster);
  return *found;
}

TidbCluster& GuardedWorld::tidb(const ClusterName& cluster) { return ports(cluster).tidb; }
TicdcClient& GuardedWorld::ticdc(const ClusterName& cluster) { return ports(cluster).ticdc; }
BackupClient& GuardedWorld::backup(const ClusterName& cluster) { return ports(cluster).backup; }
UserKeeper& GuardedWorld::users(const ClusterName& cluster) { return ports(cluster).users; }
ReadPoint& GuardedWorld::read_point(const ClusterName& cluster) {
  return ports(cluster).read_point;
}

}  // namespace bdrmesh
