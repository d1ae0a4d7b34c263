#include "app/daemon/daemon.h"

#include <array>
#include <unistd.h>

#include "app/config/secrets.h"
#include "app/daemon/backend.h"
#include "app/daemon/store_link_book.h"
#include "base/random_id.h"
#include "clients/real_world.h"
#include "flows/step_registry.h"

namespace bdrmesh {
namespace {

std::string holder_name() {
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  return std::string(host.data()) + ", pid " + std::to_string(getpid());
}

/// The id that this state file has towards clusters: made once, kept for ever.
std::string manager_id(StateStore& store, const Clock& clock) {
  if (const auto known = store.document("manager", "identity"))
    return get_required<std::string>(known->body, "id");
  const std::string id = "mgr-" + random_id(10);
  store.put_document({"manager", "identity", clock.now(), {{"id", id}}});
  return id;
}

class RealDaemon final : public Daemon {
 public:
  RealDaemon(const Desired& desired, StateStore::EventListener on_event)
      : desired_(desired),
        store_(StateStore::open({desired.manager.state, "", holder_name()})),
        world_(
            desired_, [](const SecretSource& source) { return read_secret(source).secret; },
            clock_),
        tokens_(world_, {manager_id(*store_, clock_), store_->epoch(), random_id(12)}),
        gate_(world_, tokens_, clock_),
        feeds_(world_, clock_),
        links_(*store_),
        ports_{desired_, world_, clock_, tokens_, gate_, feeds_, links_},
        registry_(flows::make_step_registry(ports_)),
        runner_(*store_, registry_, clock_),
        observer_(desired_, world_, feeds_, clock_),
        backend_({desired_, clock_, *store_, runner_, observer_, ports_}) {
    if (on_event) store_->set_event_listener(std::move(on_event));
  }

  Backend& backend() override { return backend_; }

  void start() override {
    observer_.start();
    runner_.start();
  }

  void stop_asking() override { backend_.stop_asking(); }

  void stop() override {
    runner_.stop();
    observer_.stop();
  }

 private:
  Desired desired_;
  SystemClock clock_;
  std::unique_ptr<StateStore> store_;
  RealWorld world_;
  TokenKeeper tokens_;
  ReadOnlyGate gate_;
  FeedBoard feeds_;
  StoreLinkBook links_;
  flows::FlowPorts ports_;
  StepRegistry registry_;
  Runner runner_;
  Observer observer_;
  DaemonBackend backend_;
};

}  // namespace

std::unique_ptr<Daemon> make_daemon(const Desired& desired, StateStore::EventListener on_event) {
  return std::make_unique<RealDaemon>(desired, std::move(on_event));
}

}  // namespace bdrmesh
