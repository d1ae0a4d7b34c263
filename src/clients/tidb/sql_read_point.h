// ReadPoint over SQL. Thread-safe.
#pragma once

#include "clients/read_point.h"
#include "clients/sql/sql_connector.h"

namespace bdrmesh {

class SqlReadPoint final : public ReadPoint {
 public:
  SqlReadPoint(SqlAccess access, const Clock& clock) : connector_(std::move(access), clock) {}

  Tso external_ts(const Call& call) override;
  bool reads_past(const ServerAddress& server, const Call& call) override;
  void set_reads_past(bool on, const Call& call) override;
  std::vector<Syncpoint> newest_syncpoints(const Call& call) override;
  bool ttl_jobs(const Call& call) override;
  void set_ttl_jobs(bool on, const Call& call) override;

 private:
  SqlConnector connector_;
};

}  // namespace bdrmesh
