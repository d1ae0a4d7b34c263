#include "clients/real_world.h"

#include <utility>

#include "base/error.h"
#include "clients/http/http_pd_client.h"
#include "clients/sink_uri.h"
#include "clients/ticdc/http_ticdc_client.h"
#include "clients/tidb/sql_backup_client.h"
#include "clients/tidb/sql_read_point.h"
#include "clients/tidb/sql_table_reader.h"
#include "clients/tidb/sql_tidb_cluster.h"
#include "clients/tidb/sql_user_keeper.h"

namespace bdrmesh {

struct RealWorld::Clients {
  Clients(const ClusterSpec& wanted, const SecretReader& read_secret, const Clock& clock)
      : spec(wanted),
        tidb({spec.tidb, spec.user,
              [read_secret, source = spec.password] { return read_secret(source); }, spec.tls,
              "tidb " + spec.name.value()},
             clock),
        rows({spec.tidb, spec.user,
              [read_secret, source = spec.password] { return read_secret(source); }, spec.tls,
              "tidb " + spec.name.value()},
             clock),
        ticdc(spec.ticdc, spec.tls, clock, "ticdc " + spec.name.value()),
        pd(spec.pd, spec.tls, clock, "pd " + spec.name.value()),
        backup(access(spec, read_secret), clock),
        users(access(spec, read_secret), clock),
        read_point(access(spec, read_secret), clock) {}

  static SqlAccess access(const ClusterSpec& spec, const SecretReader& read_secret) {
    return {spec.tidb, spec.user,
            [read_secret, source = spec.password] { return read_secret(source); }, spec.tls,
            "tidb " + spec.name.value()};
  }

  ClusterSpec spec;
  SqlTidbCluster tidb;
  SqlConnector rows;
  HttpTicdcClient ticdc;
  HttpPdClient pd;
  SqlBackupClient backup;
  SqlUserKeeper users;
  SqlReadPoint read_point;
};

RealWorld::RealWorld(const Desired& desired, SecretReader read_secret, const Clock& clock)
    : read_secret_(std::move(read_secret)) {
  for (const ClusterSpec& spec : desired.clusters) {
    clusters_.emplace(spec.name, std::make_unique<Clients>(spec, read_secret_, clock));
  }
}

RealWorld::~RealWorld() = default;

RealWorld::Clients& RealWorld::clients(const ClusterName& cluster) {
  const auto found = clusters_.find(cluster);
  if (found != clusters_.end()) return *found->second;
  throw Error(ErrorKind::invalid, "UNKNOWN_CLUSTER",
              "no cluster is called '" + cluster.value() + "'");
}

TidbCluster& RealWorld::tidb(const ClusterName& cluster) { return clients(cluster).tidb; }
TicdcClient& RealWorld::ticdc(const ClusterName& cluster) { return clients(cluster).ticdc; }
PdClient& RealWorld::pd(const ClusterName& cluster) { return clients(cluster).pd; }
BackupClient& RealWorld::backup(const ClusterName& cluster) { return clients(cluster).backup; }
UserKeeper& RealWorld::users(const ClusterName& cluster) { return clients(cluster).users; }
ReadPoint& RealWorld::read_point(const ClusterName& cluster) { return clients(cluster).read_point; }

std::unique_ptr<TableReader> RealWorld::table_reader(const ClusterName& cluster,
                                                     std::optional<Tso> at, std::size_t nth) {
  return std::make_unique<SqlTableReader>(clients(cluster).rows, at, nth);
}

Secret RealWorld::sink_uri(const Link& link) {
  const SinkSpec& sink = clients(link.to).spec.sink;
  return make_sink_uri(sink.address, sink.user_for(link.from),
                       read_secret_(sink.password_for(link.from)), sink.params);
}

Secret RealWorld::sink_password(const Link& link) {
  return read_secret_(clients(link.to).spec.sink.password_for(link.from));
}

}  // namespace bdrmesh
