// Where the load goes: the clusters with their tidb-servers and the application user, taken from
// the product's configuration (lab or real clusters alike).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/secret.h"

namespace bdrmesh::lab::load {

struct LoadTarget {
  std::string cluster;
  int source_id = 0;
  std::vector<std::string> servers;  ///< `host:port` of each tidb-server
  std::string user;
  Secret password;
};

/// Who writes, and where the password of each cluster stands.
struct LoadUser {
  std::string name = "app";
  /// `file:/path` or `env:NAME`; `{cluster}` stands for the name. Empty: the file
  /// `{cluster}-app.password` beside the cluster's own password file of the configuration.
  std::string password;
};

/// Reads the clusters of a product configuration.
/// @throws Error invalid `LOAD_TARGETS` when the file cannot be read or names no cluster.
std::vector<LoadTarget> load_targets(const std::filesystem::path& config, const LoadUser& user);

/// `file:/path` or `env:NAME`, without trailing line end.
/// @throws Error precondition `NO_PASSWORD`
Secret read_secret(const std::string& source);

}  // namespace bdrmesh::lab::load
