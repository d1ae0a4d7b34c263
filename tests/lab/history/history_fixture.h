// A cluster and words for looking into its past.
#pragma once

#include <map>

#include "lab/sql/cluster_fixture.h"

namespace bdrmesh::lab {

class HistoryTest : public ClusterTest {
 protected:
  /// A TSO between what was done and what comes.
  std::uint64_t now() { return state().oracle.next(); }

  TestClient reader_at(std::uint64_t ts, const std::string& user = "root") {
    TestClient client = connect(user);
    client.run("SET @@tidb_snapshot='" + std::to_string(ts) + "'");
    return client;
  }
  TestClient::Rows rows_at(std::uint64_t ts, const std::string& sql) {
    return reader_at(ts).rows(sql);
  }
};

}  // namespace bdrmesh::lab
