#include "lab/site/lab_plan.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

#include "base/error.h"
#include "base/random_id.h"
#include "lab/core/profile.h"

namespace bdrmesh::lab::site {
namespace {

constexpr std::size_t kMaxClusters = 8;  // source ids go from 1 to 8 (design §1)
constexpr std::array<const char*, kMaxClusters> kNames{"east",  "west", "south", "north",
                                                       "inner", "isle", "coast", "hill"};
constexpr std::size_t kPasswordLength = 24;
// `cdc_<from>` must not be longer than 16 characters, or TIDB_TRX cuts it (tidb-sql §9).
constexpr std::size_t kMaxName = 12;

[[noreturn]] void bad_option(const std::string& why) {
  throw Error(ErrorKind::invalid, "BAD_OPTION", why);
}

void require_name(const std::string& name) {
  const auto fits = [](unsigned char c) { return std::isalnum(c) != 0; };
  if (name.empty() || name.size() > kMaxName || !std::ranges::all_of(name, fits)) {
    bad_option("'" + name + "' is no cluster name: letters and digits, at most 12");
  }
}

Account account(const std::string& user, const std::filesystem::path& file) {
  return {user, file, Secret(random_id(kPasswordLength))};
}

}  // namespace

std::vector<std::string> cluster_names(const LabOptions& options) {
  std::vector<std::string> names = options.names;
  const std::size_t count =
      names.empty() ? static_cast<std::size_t>(std::max(0, options.clusters)) : names.size();
  if (count < 1 || count > kMaxClusters) bad_option("a lab has 1 to 8 clusters");
  if (options.ticdc_nodes < 1 || options.ticdc_nodes > 4) bad_option("1 to 4 TiCDC nodes");
  if (names.empty()) names.assign(kNames.begin(), kNames.begin() + static_cast<long>(count));
  for (const std::string& name : names) require_name(name);
  if (std::set<std::string>(names.begin(), names.end()).size() != names.size()) {
    bad_option("two clusters have the same name");
  }
  return names;
}

std::vector<std::string> cluster_profiles(const LabOptions& options,
                                          const std::vector<std::string>& names) {
  std::vector<std::string> profiles(names.size(), std::string(kDefaultProfile));
  for (const std::string& option : options.profiles) {
    const std::size_t equals = option.find('=');
    const std::string profile =
        find_profile(equals == std::string::npos ? option : option.substr(equals + 1)).name;
    if (equals == std::string::npos) {
      profiles.assign(names.size(), profile);
      continue;
    }
    const auto found = std::ranges::find(names, option.substr(0, equals));
    if (found == names.end()) {
      bad_option("'" + option + "' names no cluster of this lab");
    }
    profiles[static_cast<std::size_t>(found - names.begin())] = profile;
  }
  return profiles;
}

const ClusterView& LabView::cluster(const std::string& name) const {
  const auto found = std::ranges::find(clusters, name, &ClusterView::name);
  if (found != clusters.end()) return *found;
  std::string known;
  for (const ClusterView& view : clusters) known += (known.empty() ? "" : ", ") + view.name;
  throw Error(ErrorKind::invalid, "UNKNOWN_CLUSTER", "no cluster is called '" + name + "'",
              "the lab has: " + known);
}

void make_accounts(ClusterView& cluster, const std::vector<std::string>& all_names,
                   const std::filesystem::path& secrets) {
  cluster.manager = account("bdrmesh", secrets / (cluster.name + ".password"));
  cluster.application = account("app", secrets / (cluster.name + "-app.password"));
  cluster.administrator = account("dba", secrets / (cluster.name + "-dba.password"));
  for (const std::string& from : all_names) {
    if (from == cluster.name) continue;
    const std::string file = cluster.name + "-cdc-" + from + ".password";
    cluster.sinks[from] = account("cdc_" + from, secrets / file);
  }
}

}  // namespace bdrmesh::lab::site
