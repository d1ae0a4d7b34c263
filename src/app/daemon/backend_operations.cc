// Starting and steering operations.
#include "api/refusal.h"
#include "app/daemon/backend.h"
#include "flows/seen.h"

namespace bdrmesh {
namespace {

/// What is protected is dropped or emptied only when whoever starts it has typed its name.
void refuse_untyped(const Json& outlook) {
  const Json names = get_or<Json>(outlook, "names_to_type", Json::array());
  if (names.empty()) return;
  std::string list;
  std::string options;
  for (const Json& name : names) {
    list += (list.empty() ? "" : ", ") + name.get<std::string>();
    options += " --confirm " + name.get<std::string>();
  }
  throw Refusal(ErrorKind::precondition, "NAME_NOT_TYPED",
                "the group protects what the script drops or empties: " + list,
                "if that is meant, type each name once more: bdrmesh ddl run ..." + options,
                {{"names", names}});
}

}  // namespace

Json DaemonBackend::dry_run_answer(const flows::PlannedOperation& planned, const Call& call) const {
  Json findings = Json::array();
  for (const Runner::DryFinding& one : parts_.runner.dry_run(planned.plan, call)) {
    findings.push_back({{"step", one.name},
                        {"verdict", one.verdict},
                        {"reason", one.reason},
                        {"remedy", one.remedy}});
  }
  const Json& outlook = planned.outlook;
  return {{"plan", views::plan(planned.plan)},
          {"seen", planned.seen},
          {"findings", findings},
          {"expected_pause_ms", get_or<Json>(outlook, "expected_pause_ms", Json())},
          {"blockers", get_or<Json>(outlook, "blockers", Json::array())},
          {"classification", get_or<Json>(outlook, "classification", Json::array())},
          {"names_to_type", get_or<Json>(outlook, "names_to_type", Json::array())}};
}

void DaemonBackend::refuse_gate_in_use(const std::string& operation) const {
  const auto owner = parts_.store.find_operation(operation);
  if (!owner || is_final(owner->state) || owner->state == OperationState::blocked) return;
  if (owner->kind == "gate.close") return;  // held by a person: opened by one
  throw Error(ErrorKind::precondition, "GATE_IN_USE",
              "operation " + operation + " that closed this gate is still at work",
              "to end it and reopen everything: bdrmesh op cancel " + operation);
}

flows::PlannedOperation DaemonBackend::planned(const std::string& kind, const Json& args,
                                               const Call& call) const {
  parts_.flow_ports.tokens.require_not_superseded();
  flows::PlannedOperation planned = flows::plan_operation(parts_.flow_ports, kind, args, call);
  if (kind == "gate.open")
    refuse_gate_in_use(get_required<std::string>(planned.plan.subject, "operation"));
  return planned;
}

Json DaemonBackend::submit(const SubmitOperation& request) {
  if (request.dry_run) return dry_run(request);
  if (const auto known = requests_.earlier(request)) return {{"operation", *known}};
  if (!request.plan.empty()) return run_stored(request);
  const flows::PlannedOperation made = planned(request.kind, request.args, ask_call());
  refuse_untyped(made.outlook);
  Json answer = made.outlook;
  answer["operation"] = parts_.runner.submit(submission(request, made.plan));
  return answer;
}

Json DaemonBackend::dry_run(const SubmitOperation& request) {
  const Call call = ask_call();
  const flows::PlannedOperation made = planned(request.kind, request.args, call);
  StoredPlan stored;
  stored.kind = request.kind;
  stored.args = request.args;
  stored.plan = made.plan;
  stored.seen = made.seen;
  stored.answer = dry_run_answer(made, call);
  return StoredPlans::view(plans_.find(plans_.keep(std::move(stored))));
}

void DaemonBackend::refuse_second_run(const StoredPlan& stored) const {
  if (stored.operation.empty()) return;
  throw Refusal(ErrorKind::conflict, "PLAN_ALREADY_RUN",
                "plan " + stored.id + " was run as operation " + stored.operation,
                "see it: bdrmesh op show " + stored.operation + "; to do it again, make a new plan",
                {{"plan", stored.id}, {"operation", stored.operation}});
}

Json DaemonBackend::run_stored(const SubmitOperation& request) {
  const StoredPlan first = plans_.find(request.plan);
  refuse_second_run(first);
  const Call call = ask_call();
  // The plain look comes first: a planner that refuses would not show what has changed.
  refuse_changed_world(first, flows::look_again(parts_.flow_ports, first.args, call), true);
  const flows::PlannedOperation again = planned(first.kind, first.args, call);
  refuse_changed_world(first, again.seen, false);
  refuse_untyped(again.outlook);

  const std::lock_guard lock(running_plan_);
  if (const auto known = parts_.store.operation_of_key(request.idempotency_key))
    return {{"operation", *known}};
  const StoredPlan stored = plans_.find(request.plan);
  refuse_second_run(stored);
  const std::string id = parts_.runner.submit(submission(request, stored.plan));
  plans_.ran(stored, id);
  Json answer = again.outlook;
  answer["operation"] = id;
  return answer;
}

SubmitRequest DaemonBackend::submission(const SubmitOperation& request, const Plan& plan) const {
  SubmitRequest submission;
  submission.plan = plan;
  submission.idempotency_key = request.idempotency_key;
  submission.requested_by = request.requested_by;
  submission.queue = request.queue;
  if (request.deadline) submission.deadline = parts_.clock.now() + *request.deadline;
  return submission;
}

Json DaemonBackend::plan(const std::string& id) { return StoredPlans::view(plans_.find(id)); }

Json DaemonBackend::cancel(const std::string& id) {
  parts_.flow_ports.tokens.require_not_superseded();
  parts_.runner.cancel(id);
  return {{"operation", id}};
}

Json DaemonBackend::resume(const std::string& id) {
  parts_.flow_ports.tokens.require_not_superseded();
  parts_.runner.resume(id);
  return {{"operation", id}};
}

Json DaemonBackend::retry(const std::string& id, const std::string& step) {
  parts_.flow_ports.tokens.require_not_superseded();
  parts_.runner.retry(id, step);
  return {{"operation", id}};
}

Json DaemonBackend::skip(const std::string& id, const std::string& step, const std::string& reason,
                         const std::string& by) {
  parts_.flow_ports.tokens.require_not_superseded();
  parts_.runner.skip(id, step, reason, by);
  return {{"operation", id}};
}

Json DaemonBackend::calls(const std::string& id) {
  (void)parts_.store.operation(id);
  Json list = Json::array();
  for (const CallRecord& one : parts_.store.calls(id)) {
    list.push_back({{"step", one.step},
                    {"during", one.during},
                    {"at", to_rfc3339(one.at)},
                    {"target", one.target},
                    {"what", one.what},
                    {"took_ms", one.took.count()},
                    {"answer", one.answer},
                    {"left_out", one.left_out}});
  }
  return {{"calls", list}};
}

}  // namespace bdrmesh
