// What a lab is asked for, and what it then consists of, as values. Passwords lie in files of their
// own; the values name them.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"

namespace bdrmesh::lab::site {

struct LabOptions {
  int clusters = 3;
  std::vector<std::string> names;  ///< empty: the first of east, west, south, north ...
  /// `new-8.5` for all, or `east=new-8.5,west=classic-8.5`; the others are classic-8.5.
  std::vector<std::string> profiles;
  /// The product's user may say anything, not only what the product's catalogue has.
  bool any_sql = false;
  std::size_t ticdc_nodes = 2;  ///< per cluster, 1 to 4
  /// TiCDC's windows (not ready, ownerless, sampling ...) as long as measured on real servers.
  bool real_times = false;
  std::filesystem::path directory;
  std::filesystem::path scratch;     ///< a directory whose path is short and has no blanks
  std::filesystem::path config_out;  ///< a second copy of bdrmesh.toml; empty: none
  /// How late each tidb-server hears of a variable set on another; std::nullopt: as usual.
  std::optional<Millis> sysvar_delay;
};

/// The clusters' names, checked: letters and digits, at most 12 characters, unique, 1 to 8.
/// @throws Error invalid `BAD_OPTION`
std::vector<std::string> cluster_names(const LabOptions& options);

/// The profile of each cluster, in the order of `names`.
/// @throws Error invalid `BAD_OPTION`, `UNKNOWN_PROFILE`, `UNKNOWN_CLUSTER`
std::vector<std::string> cluster_profiles(const LabOptions& options,
                                          const std::vector<std::string>& names);

/// A database user of one cluster and where its password stands.
struct Account {
  std::string name;
  std::filesystem::path password_file;
  Secret password;
};

/// One running cluster as others reach it.
struct ClusterView {
  std::string name;
  std::string profile;
  int source_id = 0;
  std::vector<std::string> tidb;         ///< host:port
  std::vector<std::string> tidb_status;  ///< host:port
  std::string pd;                        ///< base URL
  std::vector<std::string> ticdc;        ///< base URLs
  Account manager;                       ///< user bdrmesh
  Account application;                   ///< user app
  Account administrator;                 ///< user dba, may do everything
  std::map<std::string, Account> sinks;  ///< user cdc_<from>, by origin
};

/// Everything that lab.json says.
struct LabView {
  std::string id;
  long pid = 0;
  std::filesystem::path directory;
  std::string control;  ///< base URL of the lab's own HTTP API
  std::vector<ClusterView> clusters;

  /// @throws Error invalid `UNKNOWN_CLUSTER`, naming those that are there.
  const ClusterView& cluster(const std::string& name) const;
};

/// Makes up the users of one cluster with random passwords.
void make_accounts(ClusterView& cluster, const std::vector<std::string>& all_names,
                   const std::filesystem::path& secrets);

}  // namespace bdrmesh::lab::site
