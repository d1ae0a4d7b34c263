// The clusters we may talk to, by name.
#pragma once

#include <memory>
#include <optional>

#include "base/secret.h"
#include "clients/backup_client.h"
#include "clients/pd_client.h"
#include "clients/read_point.h"
#include "clients/table_reader.h"
#include "clients/ticdc_client.h"
#include "clients/tidb_cluster.h"
#include "clients/user_keeper.h"
#include "model/link.h"
#include "model/names.h"

namespace bdrmesh {

class World {
 public:
  virtual ~World() = default;
  /// @throws Error invalid `UNKNOWN_CLUSTER`.
  virtual TidbCluster& tidb(const ClusterName& cluster) = 0;
  virtual TicdcClient& ticdc(const ClusterName& cluster) = 0;
  virtual PdClient& pd(const ClusterName& cluster) = 0;
  virtual BackupClient& backup(const ClusterName& cluster) = 0;
  virtual UserKeeper& users(const ClusterName& cluster) = 0;
  virtual ReadPoint& read_point(const ClusterName& cluster) = 0;
  /// The sink URI of a link, with user and password; read from its source anew at each call.
  /// @throws Error precondition `SECRET_UNREADABLE` naming the source.
  virtual Secret sink_uri(const Link& link) = 0;
  /// The password of the user of that URI; read anew at each call, @throws as there.
  virtual Secret sink_password(const Link& link) = 0;
  /// A reader of the cluster's rows, now or `at` a TSO; `nth` spreads several over its
  /// tidb-servers. Connects when first asked. Must not outlive the world.
  virtual std::unique_ptr<TableReader> table_reader(const ClusterName& cluster,
                                                    std::optional<Tso> at, std::size_t nth) = 0;
};

}  // namespace bdrmesh
