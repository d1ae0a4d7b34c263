#include "app/daemon/daemon.h"

#include <algorithm>
#include <array>
#include <unistd.h>

#include "app/config/secrets.h"
#include "app/daemon/auto_repair.h"
#include "app/daemon/backend.h"
#include "app/daemon/identity.h"
#include "app/daemon/schema_watch.h"
#include "app/daemon/store_certificates.h"
#include "app/daemon/store_coverage.h"
#include "app/daemon/store_events.h"
#include "app/daemon/store_lag_book.h"
#include "app/daemon/store_link_book.h"
#include "app/daemon/sweep.h"
#include "app/hooks/real_hooks.h"
#include "app/hooks/real_redo_tool.h"
#include "base/random_id.h"
#include "clients/real_world.h"
#include "flows/step_registry.h"
#include "gate/guard/guarded_world.h"
#include "mesh/mesh_watch.h"
#include "model/table_filter.h"

namespace bdrmesh {
namespace {

std::string holder_name() {
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  return std::string(host.data()) + ", pid " + std::to_string(getpid());
}

ManagerIdentity this_start(StateStore& store, const Clock& clock) {
  ManagerIdentity identity = stored_identity(store, clock);
  identity.start = random_id(12);
  return identity;
}

Secret secret_of(const SecretSource& source) { return read_secret(source).secret; }

class RealDaemon final : public Daemon {
 public:
  RealDaemon(const Desired& desired, StateStore::EventListener on_event)
      : desired_(desired),
        store_(StateStore::open({desired.manager.state, "", holder_name()})),
        clusters_(desired_, secret_of, clock_),
        tokens_(clusters_, this_start(*store_, clock_)),
        world_(clusters_, tokens_, clock_),
        gate_(world_, tokens_, clock_),
        feeds_(world_, clock_),
        links_(*store_),
        certificates_(*store_),
        coverage_(*store_),
        hooks_(desired_, secret_of, clock_),
        redo_(desired_.manager.cdc, clock_),
        ports_{desired_, world_, clock_,  tokens_,        gate_,
               feeds_,   links_, &hooks_, &certificates_, &coverage_},
        registry_((ports_.redo = &redo_, flows::make_step_registry(ports_))),
        runner_(*store_, registry_, clock_),
        observer_(desired_, world_, feeds_, clock_),
        heartbeats_(desired_, world_, links_, clock_, heartbeat_options(),
                    [this](const ClusterName& name) { return observer_.latest(name); }),
        events_(*store_),
        lags_(*store_),
        schemas_(SchemaWatch::Parts{
            desired_, world_, clock_, events_,
            [this](const GroupSpec& group) { return watch_.now(group); },
            [this](const GroupName& group) { return is_locked("group:" + group.value()); },
            [this](const GroupName& group) { return replicates(group); }}),
        watch_({desired_, observer_, heartbeats_, links_, clock_, events_, &lags_,
                [this](const GroupName& group) { return schemas_.findings(group); }}),
        backend_({desired_, clock_, *store_, runner_, observer_, watch_, ports_}),
        repairs_(AutoRepair::Parts{desired_, clock_, watch_, backend_, events_}),
        sweep_({desired_, clock_, backend_, events_,
                [this](const GroupSpec& group) { return tables_of(group); },
                [this](const GroupSpec& group) { return last_looks(*store_, group.name); }}) {
    observer_.after_each_look(
        [this](const ClusterSeen& seen, const Call& call) { heartbeats_.turn(seen, call); });
    if (on_event) store_->set_event_listener(std::move(on_event));
    tokens_.on_superseded([this](const Superseded& found) { stand_still(found); });
  }

  /// What the observer's threads call must outlive them.
  ~RealDaemon() override {
    schemas_.stop();
    observer_.stop();
  }
  RealDaemon(const RealDaemon&) = delete;
  RealDaemon& operator=(const RealDaemon&) = delete;

  Backend& backend() override { return backend_; }

  void answers_at(const std::string& address) override { tokens_.set_address(address); }

  void start() override {
    observer_.start();
    watch_.start();
    runner_.start();
    repairs_.start();
    schemas_.start();
    sweep_.start();
  }

  void stop_asking() override { backend_.stop_asking(); }

  void stop() override {
    repairs_.stop();
    schemas_.stop();
    sweep_stop_.request_stop();
    sweep_.stop();
    runner_.stop();
    watch_.stop();
    observer_.stop();
  }

 private:
  Heartbeats::Options heartbeat_options() const {
    Heartbeats::Options options;
    options.every = desired_.manager.heartbeat;
    options.manager = tokens_.identity().id;
    options.epoch = tokens_.identity().epoch;
    return options;
  }

  /// As one member has them; a table that is missing there is found by comparing definitions.
  std::vector<TableName> tables_of(const GroupSpec& group) {
    static constexpr Millis kPatience{10000};
    const Call call{clock_.mono() + kPatience, sweep_stop_.get_token(), nullptr};
    std::vector<TableName> tables = world_.tidb(watch_.now(group).members.front()).tables(call);
    const TableFilter filter(group.tables);
    std::erase_if(tables, [&](const TableName& table) {
      return table.schema == kTokenSchema || table.schema == kMarkerSchema ||
             !filter.matches(table);
    });
    return tables;
  }

  bool is_locked(const std::string& name) const {
    return std::ranges::any_of(store_->locks(),
                               [&](const LockRecord& lock) { return lock.name == name; });
  }

  bool replicates(const GroupName& group) const {
    return std::ranges::any_of(desired_.group(group).links(), [&](const Link& link) {
      return watch_.link(group, link).feed.has_value();
    });
  }

  /// Another process does our work now: nothing is undone, begun or written to clusters any more.
  void stand_still(const Superseded& found) {
    runner_.halt(found.text);
    store_->add_event({0, clock_.now(), "alarm", "", found.cluster.value(),
                       found.code + ": " + found.text + "; " + found.remedy});
  }

  Desired desired_;
  SystemClock clock_;
  std::unique_ptr<StateStore> store_;
  RealWorld clusters_;
  TokenKeeper tokens_;
  GuardedWorld world_;
  ReadOnlyGate gate_;
  FeedBoard feeds_;
  StoreLinkBook links_;
  StoreCertificates certificates_;
  StoreCoverage coverage_;
  RealHooks hooks_;
  RealRedoTool redo_;
  flows::FlowPorts ports_;
  StepRegistry registry_;
  Runner runner_;
  Observer observer_;
  Heartbeats heartbeats_;
  StoreEvents events_;
  StoreLagBook lags_;
  SchemaWatch schemas_;
  std::stop_source sweep_stop_;  // ends the question of a sweep that is under way
  MeshWatch watch_;
  DaemonBackend backend_;
  AutoRepair repairs_;
  Sweep sweep_;
};

}  // namespace

std::unique_ptr<Daemon> make_daemon(const Desired& desired, StateStore::EventListener on_event) {
  return std::make_unique<RealDaemon>(desired, std::move(on_event));
}

}  // namespace bdrmesh
