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
  stall,        ///< waits until the call's deadline or stop (ten minutes at most, when the
                ///< connection breaks), then as a lost answer without applying
  arrive_late,  ///< Error ambiguous; applied just after later calls of that cluster were answered
  crash_before,
  crash_after,
};

struct Fault {
  std::string cluster{};  ///< empty: any
  std::string method{};   ///< "tidb.run_ddl", "ticdc.list", "pd.cluster_id"; empty: any
  int nth = 1;            ///< counted from the moment of arming
  Effect effect = Effect::nothing;
  bool from_then_on = false;         ///< also every later call
  int times = 1;                     ///< so many calls in a row
  int late_by = 1;                   ///< of arrive_late: so many calls
  MonoTime until = MonoTime::max();  ///< healed from then on
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
  BackupClient& backup(const ClusterName& cluster) override;
  UserKeeper& users(const ClusterName& cluster) override;
  ReadPoint& read_point(const ClusterName& cluster) override;
  Secret sink_uri(const Link& link) override { return inner_.sink_uri(link); }
  Secret sink_password(const Link& link) override { return inner_.sink_password(link); }
  std::unique_ptr<TableReader> table_reader(const ClusterName& cluster, std::optional<Tso> at,
                                            std::size_t nth) override {
    return inner_.table_reader(cluster, at, nth);
  }

  void arm(const Fault& fault);
  void disarm();
  /// How many armed faults have struck so far.
  int struck() const;
  /// Every call so far, in order of arrival.
  std::vector<PortCall> calls() const;

  /// For the port wrappers: runs `act` with the faults that fit.
  /// @param late  does the same with nothing of the caller's; what it cannot do does not arrive
  void pass(const PortCall& made, const Call& call, const std::function<void()>& act,
            std::function<void()> late = {});

 private:
  struct Armed {
    Fault fault;
    int seen = 0;
  };
  struct Ports;

  /// A change on its way whose sender has stopped waiting.
  struct UnderWay {
    std::string cluster;
    int calls_left = 0;
    std::function<void()> act;
  };

  Fault due(const PortCall& made);
  void arrive(const std::string& cluster);
  Ports& ports(const ClusterName& cluster) const;

  World& inner_;
  const Clock& clock_;
  mutable std::mutex mutex_;  ///< guards armed_, calls_, struck_, under_way_
  std::vector<Armed> armed_;
  std::vector<PortCall> calls_;
  int struck_ = 0;
  std::vector<UnderWay> under_way_;
  std::map<std::string, std::unique_ptr<Ports>> ports_;
};

}  // namespace bdrmesh::fakes
