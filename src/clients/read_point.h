// What readers and jobs of one cluster see: the point in the past at which a secondary is read, the
// pairs of positions that its feed writes, and whether expired rows are deleted here (tidb-sql §6).
// One method per remote question or change; errors as TidbCluster. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/call.h"
#include "model/names.h"
#include "model/tso.h"

namespace bdrmesh {

/// The cluster at `secondary` equals its origin at `primary`, for the tables of that feed.
struct Syncpoint {
  std::string changefeed;  ///< as TiCDC writes it: the id, with `<keyspace>/` before it in new ones
  Tso primary;
  Tso secondary;
};

class ReadPoint {
 public:
  virtual ~ReadPoint() = default;

  /// `tidb_external_ts`; not set before a feed with syncpoints wrote its first.
  virtual Tso external_ts(const Call& call) = 0;
  /// Whether new sessions of that server read at it.
  virtual bool reads_past(const ServerAddress& server, const Call& call) = 0;
  /// GLOBAL tidb_enable_external_ts_read: sessions that come from now on, on every server that has
  /// learned it; those that are there keep what they have.
  virtual void set_reads_past(bool on, const Call& call) = 0;
  /// The newest pair of each feed that has written any, by the feed's name. Empty when there is no
  /// such table.
  virtual std::vector<Syncpoint> newest_syncpoints(const Call& call) = 0;
  /// GLOBAL tidb_ttl_job_enable: expired rows are deleted here.
  virtual bool ttl_jobs(const Call& call) = 0;
  virtual void set_ttl_jobs(bool on, const Call& call) = 0;
};

}  // namespace bdrmesh
