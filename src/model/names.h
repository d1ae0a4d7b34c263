// Names of the things we manage.
#pragma once

#include <string>

#include "base/named.h"

namespace bdrmesh {

using ClusterName = Named<struct ClusterNameTag>;
using GroupName = Named<struct GroupNameTag>;
using ChangefeedId = Named<struct ChangefeedIdTag>;
using OperationId = Named<struct OperationIdTag>;
/// `host:port` of a tidb-server's SQL port.
using ServerAddress = Named<struct ServerAddressTag>;

struct TableName {
  std::string schema;
  std::string table;
  auto operator<=>(const TableName&) const = default;
};

inline std::string to_string(const TableName& name) { return name.schema + "." + name.table; }

}  // namespace bdrmesh
