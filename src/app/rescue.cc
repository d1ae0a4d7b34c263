#include "app/rescue.h"

#include <algorithm>
#include <functional>

#include "app/cli/render/text_table.h"
#include "app/config/config.h"
#include "app/config/secrets.h"
#include "app/manager_probe.h"
#include "base/error.h"
#include "clients/real_world.h"
#include "gate/rescue.h"

namespace bdrmesh {
namespace {

/// A manager that answers looks after its gates itself; one that may only be hung would act on what
/// it knew when it wakes up.
void refuse_living(const RescueOptions& options, const RescueLook& look) {
  static constexpr Millis kPatience{3000};
  const LifeSigns signs = signs_of_life(options.server, look.holders, kPatience);
  if (signs.life == ManagerLife::answers) {
    throw Error(ErrorKind::precondition, "MANAGER_ALIVE",
                "a manager answers at " + signs.where + ": it looks after its gates itself",
                "bdrmesh gate list; bdrmesh op list");
  }
  if (signs.life != ManagerLife::perhaps || options.manager_is_dead) return;
  throw Error(
      ErrorKind::precondition, "MANAGER_PERHAPS_ALIVE",
      "something listens at " + signs.where +
          " and does not answer: the manager may be hung or suspended, and would go on when "
          "it wakes up",
      "make sure that its process is gone (kill -9 it), or repeat this with "
      "--manager-is-dead: what it knew is then outdated by a newer epoch");
}

std::string age(const GateNote& note, WallTime now) {
  if (note.since_ms == 0) return "?";
  const std::int64_t seconds = std::max<std::int64_t>(0, (to_millis(now) - note.since_ms) / 1000);
  if (seconds < 120) return std::to_string(seconds) + " s";
  if (seconds < 7200) return std::to_string(seconds / 60) + " min";
  return std::to_string(seconds / 3600) + " h";
}

/// One gate and what became of it.
struct Rescued {
  RescueDecision decision;
  bool opened = false;
  std::string failure;

  std::string outcome() const {
    if (opened) return "opened";
    if (!failure.empty()) return "not opened";
    return decision.act == RescueAct::open ? "would open" : "left closed";
  }
};

Json to_json(const Rescued& one) {
  const FoundGate& gate = one.decision.gate;
  Json json = to_json(gate.note);
  json["cluster"] = gate.cluster.value();
  json["manager"] = gate.manager;
  json["epoch"] = gate.epoch;
  json["act"] = to_string(one.decision.act);
  json["why"] = one.failure.empty() ? one.decision.why : one.failure;
  json["next"] = one.decision.next;
  json["opened"] = one.opened;
  return json;
}

Json as_json(const RescueLook& look, const std::vector<Rescued>& gates) {
  Json out{{"gates", Json::array()}, {"unexplained", Json::array()}, {"silent", Json::array()}};
  for (const Rescued& one : gates) out["gates"].push_back(to_json(one));
  for (const UnexplainedGate& one : look.unexplained) {
    out["unexplained"].push_back({{"cluster", one.cluster.value()}, {"servers", one.servers}});
  }
  for (const auto& [name, why] : look.silent)
    out["silent"].push_back({{"cluster", name.value()}, {"why", why}});
  return out;
}

std::string as_text(const RescueLook& look, const std::vector<Rescued>& gates, WallTime now) {
  std::string text;
  TextTable table({"CLUSTER", "OPERATION", "MANAGER", "CLOSED FOR", "OUTCOME", "REASON"});
  for (const Rescued& one : gates) {
    const FoundGate& gate = one.decision.gate;
    table.row({gate.cluster.value(), gate.note.operation, gate.manager, age(gate.note, now),
               one.outcome(), clipped(gate.note.reason, 60)});
  }
  if (!table.empty()) text += table.text();
  for (const Rescued& one : gates) {
    if (one.opened) continue;
    text += one.decision.gate.cluster.value() + ": " +
            (one.failure.empty() ? one.decision.why : one.failure) + "\n";
    if (!one.decision.next.empty()) text += "  " + one.decision.next + "\n";
  }
  for (const UnexplainedGate& one : look.unexplained) {
    text += one.cluster.value() + ": not open on " + one.servers +
            ", and no manager has noted why\n  find out who set tidb_super_read_only; nothing was "
            "changed there\n";
  }
  for (const auto& [name, why] : look.silent)
    text += name.value() + ": could not be asked: " + why + "\n";
  if (text.empty()) text = "no gate is closed\n";
  return printable(text);
}

/// Does something about the gates that are to be opened; a failure is kept with its gate.
void for_each_to_open(std::vector<Rescued>& gates, const RescueOptions& options, const Clock& clock,
                      const std::function<void(const FoundGate&, const Call&)>& act) {
  for (Rescued& one : gates) {
    if (one.decision.act != RescueAct::open || !one.failure.empty()) continue;
    try {
      Call call;
      call.deadline = clock.mono() + options.patience;
      act(one.decision.gate, call);
    } catch (const Error& e) {
      one.failure = e.code() + ": " + e.message();
      one.decision.next = e.remedy();
    }
  }
}

std::vector<Rescued> act_on(const Rescue& rescue, const RescueLook& look,
                            const RescueOptions& options, const Clock& clock) {
  std::vector<Rescued> gates;
  bool any = false;
  for (RescueDecision& decision : judge_rescue(look, clock.now(), options.manager_is_dead)) {
    any = any || decision.act == RescueAct::open;
    gates.push_back({std::move(decision), false, ""});
  }
  if (!any || options.dry_run) return gates;
  for_each_to_open(gates, options, clock,
                   [&](const FoundGate& gate, const Call& call) { rescue.take(gate, call); });
  // What a suspended manager had leave to send must have left: it could close a gate again.
  clock.wait_for(kTokenLease, {});
  for_each_to_open(gates, options, clock,
                   [&](const FoundGate& gate, const Call& call) { rescue.open(gate, call); });
  for (Rescued& one : gates)
    one.opened = one.decision.act == RescueAct::open && one.failure.empty();
  return gates;
}

}  // namespace

ExitCode rescue_gates(const RescueOptions& options, OutputForm form, Terminal& terminal) {
  const Desired desired = load_config(options.config);
  const SystemClock clock;
  RealWorld world(
      desired, [](const SecretSource& source) { return read_secret(source).secret; }, clock);
  std::vector<ClusterName> names;
  for (const ClusterSpec& cluster : desired.clusters) names.push_back(cluster.name);
  const Rescue rescue(world, clock, names);
  const RescueLook look = rescue.look(options.patience, {});
  if (!options.dry_run) refuse_living(options, look);
  const std::vector<Rescued> gates = act_on(rescue, look, options, clock);
  terminal.data(form == OutputForm::json ? as_json(look, gates).dump(2) + "\n"
                                         : as_text(look, gates, clock.now()));
  const bool all_open =
      std::ranges::all_of(gates,
                          [](const Rescued& one) {
                            return one.opened || one.decision.act == RescueAct::standing;
                          }) &&
      look.unexplained.empty() && look.silent.empty();
  return all_open ? ExitCode::done : ExitCode::degraded_or_drift;
}

}  // namespace bdrmesh
