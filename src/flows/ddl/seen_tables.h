// The definitions of tables as one member of the group has them while a plan is made: each is read
// once, so that all who judge a script judge the same. One thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "flows/ports.h"

namespace bdrmesh::flows {

class SeenTables {
 public:
  /// `call` must outlive it.
  SeenTables(const FlowPorts& ports, ClusterName cluster, const Call& call)
      : tidb_(ports.world.tidb(cluster)), cluster_(std::move(cluster)), call_(call) {}

  /// SHOW CREATE TABLE; std::nullopt when there is no such table. Blocks when first asked.
  /// @throws Error as TidbCluster::create_statement.
  const std::optional<std::string>& definition(const TableName& table);
  /// Those of `tables` that exist.
  std::map<TableName, std::string> definitions(const std::vector<TableName>& tables);

  const ClusterName& cluster() const { return cluster_; }

 private:
  TidbCluster& tidb_;
  ClusterName cluster_;
  const Call& call_;
  std::map<TableName, std::optional<std::string>> read_;
};

}  // namespace bdrmesh::flows
