// The daemon's answers to the HTTP API: views of the observer and the state, and the start of
// operations. Thread-safe.
#pragma once

#include <mutex>
#include <stop_token>

#include "api/backend.h"
#include "app/daemon/maintenance_view.h"
#include "app/daemon/request_book.h"
#include "app/daemon/stored_plans.h"
#include "app/daemon/views.h"
#include "engine/runner.h"
#include "flows/kinds.h"
#include "flows/ports.h"
#include "mesh/mesh_watch.h"
#include "mesh/observer.h"
#include "store/state_store.h"

namespace bdrmesh {

class DaemonBackend final : public Backend {
 public:
  /// Everything lives longer than the backend.
  struct Parts {
    const Desired& desired;
    const Clock& clock;
    StateStore& store;
    Runner& runner;
    Observer& observer;
    MeshWatch& watch;
    flows::FlowPorts flow_ports;
  };

  explicit DaemonBackend(Parts parts)
      : parts_(parts),
        plans_(parts.store, parts.clock),
        requests_(parts.store, parts.clock),
        maintenance_(parts.store, parts.clock) {}

  /// Ends the questions that requests put to the clusters now, and refuses new ones.
  void stop_asking() { asking_.request_stop(); }

  Json status() override;
  Json clusters() override;
  Json cluster(const std::string& name) override;
  Answer writable(const std::string& cluster) override;
  Json groups() override;
  Json pair(const std::string& group) override;
  Json group(const std::string& name) override;
  Json group_plan(const std::string& name) override;
  Json links() override;
  Json link(const std::string& group, const std::string& from, const std::string& to) override;
  Json link_history(const std::string& group, const std::string& from, const std::string& to,
                    Millis last) override;
  Json operations(int limit) override;
  Json operation(const std::string& id) override;
  Json calls(const std::string& id) override;
  Json events(std::int64_t after, int limit, const std::string& operation) override;
  std::int64_t newest_event() override;
  Json gates() override;
  Json doctor(const Json& args) override;
  Json certificates() override;
  Json certificate(const std::string& id) override;
  Json coverage() override;
  Json plan(const std::string& id) override;
  Json submit(const SubmitOperation& request) override;
  Json cancel(const std::string& id) override;
  Json resume(const std::string& id) override;
  Json retry(const std::string& id, const std::string& step) override;
  Json skip(const std::string& id, const std::string& step, const std::string& reason,
            const std::string& by) override;

 private:
  Call ask_call() const;
  Json view_of(const ClusterSpec& spec) const;
  /// The newest operation is under way, or ended so lately that not all clusters were seen since.
  bool is_settling() const;
  Json view_of(const GroupSpec& group) const;
  Json view_of(const GroupSpec& group, const Link& link,
               const std::vector<LinkIncarnation>& book) const;
  Json unfinished() const;
  Json with_operation(Json gate) const;
  void refuse_gate_in_use(const std::string& operation) const;
  flows::PlannedOperation planned(const std::string& kind, const Json& args,
                                  const Call& call) const;
  Json dry_run(const SubmitOperation& request);
  Json dry_run_answer(const flows::PlannedOperation& planned, const Call& call) const;
  Json run_stored(const SubmitOperation& request);
  void refuse_second_run(const StoredPlan& stored) const;
  SubmitRequest submission(const SubmitOperation& request, const Plan& plan) const;

  Parts parts_;
  StoredPlans plans_;
  RequestBook requests_;
  views::MaintenanceBook maintenance_;
  std::mutex running_plan_;  // held from the last look at a stored plan's fate until it is noted
  std::stop_source asking_;
};

/// The verdict over everything with its reasons, and the command to type next. Pure.
struct Overall {
  std::string verdict;
  Json reasons = Json::array();
  std::string next;
};
Overall judge_overall(const Json& clusters, const Json& groups, const Json& gates,
                      const Json& operations);

}  // namespace bdrmesh
