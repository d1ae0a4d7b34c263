// Settings of a whole cluster that several operations may need changed at once (GC life time, TTL,
// BDR role): the first value is remembered on the token row, and the last one that held the
// setting gives it back, verbatim (design §2 rule 3). Dying between any two writes costs nothing:
// every call can be repeated. Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "gate/token_keeper.h"

namespace bdrmesh {

/// One setting of a cluster, as text.
struct SharedSetting {
  std::string name;  ///< key on the token row: `tidb_gc_life_time`
  std::function<std::string(TidbCluster&, const Call&)> read;
  std::function<void(TidbCluster&, const std::string&, const Call&)> write;
  /// Whether `a` demands more than `b`: of what several holders want, the most demanding is set.
  std::function<bool(const std::string& a, const std::string& b)> stronger;
};

/// What stands on the row about one setting.
struct RememberedSetting {
  std::string first;                           ///< before anybody of ours changed it
  std::map<std::string, std::string> holders;  ///< operation -> what it wants
};

std::optional<RememberedSetting> remembered_setting(const TokenRow& row, const std::string& name);

class SharedSettings {
 public:
  SharedSettings(World& world, TokenKeeper& tokens) : world_(world), tokens_(tokens) {}

  /// Afterwards `operation` holds the setting, and the cluster has what the most demanding holder
  /// wants; the first value was remembered before anything was changed. Blocks.
  void hold(const ClusterName& cluster, const SharedSetting& setting, const std::string& operation,
            const std::string& wanted, const Call& call);

  /// Afterwards `operation` holds it no more. The last one gives the first value back.
  /// @return what was given back; std::nullopt when others still hold it or nobody did.
  std::optional<std::string> give_back(const ClusterName& cluster, const SharedSetting& setting,
                                       const std::string& operation, const Call& call);

 private:
  World& world_;
  TokenKeeper& tokens_;
};

}  // namespace bdrmesh
