// The faulty twin of a World: passes every call on, counts it, and at the armed places fails,
// stalls, applies the change and then loses the answer, or dies with SimulatedCrash. Thread-safe;
// effects happen outside of its mutex.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "clients/world.h"
#include "store/state_store.h"  // SimulatedCrash

namespace bdrmesh::fakes {

enum class Effect {
  nothing,      ///< only `before` and `after` run
  transient,    ///< not applied, Error transient
  refuse,       ///< not applied, Error precondition
  lose_answer,  ///< applied, then Error ambiguous (transient for calls that only read)
  stall,        ///< waits until the call's deadline or stop, then as a lost answer without applying
  crash_before,
  crash_after,
};

struct Fault {
  std::string cluster{};  ///< empty: any
  std::string method{};   ///< "tidb.run_ddl", "ticdc.list", "pd.cluster_id"
  int nth = 1;            ///< counted from the moment of arming
  Effect effect = Effect::nothing;
  bool from_then_on = false;  ///< also every later call
  std::function<void()> before{};
  std::function<void()> after{};
};

struct PortCall {
  std::string cluster;
  std::string method;
  bool changes = false;
  bool operator==(const PortCall&) const = default;
};

class FaultyWorld final : public World {
 public:
  FaultyWorld(World& inner, const Clock& clock, const std::vector<std::string>& clusters);
  ~FaultyWorld() override;

  TidbCluster& tidb(const ClusterName& cluster) override;
  TicdcClient& ticdc(const ClusterName& cluster) override;
  PdClient& pd(const ClusterName& cluster) override;
  Secret sink_uri(const Link& link) override { return inner_.sink_uri(link); }

  void arm(const Fault& fault);
  void disarm();
  /// How many armed faults have struck so far.
  int struck() const;
  /// Every call so far, in order of arrival.
  std::vector<PortCall> calls() const;

  /// For the port wrappers: runs `act` with the faults that fit.
  void pass(const PortCall& made, const Call& call, const std::function<void()>& act);

 private:
  struct Armed {
    Fault fault;
    int seen = 0;
  };
  struct Ports;

  Fault due(const PortCall& made);
  Ports& ports(const ClusterName& cluster) const;

  World& inner_;
  const Clock& clock_;
  mutable std::mutex mutex_;  ///< guards armed_, calls_, struck_
  std::vector<Armed> armed_;
  std::vector<PortCall> calls_;
  int struck_ = 0;
  std::map<std::string, std::unique_ptr<Ports>> ports_;
};

}  // namespace bdrmesh::fakes
