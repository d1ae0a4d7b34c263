#include "app/take_over.h"

#include <algorithm>

#include "app/cli/render/text_table.h"
#include "app/config/secrets.h"
#include "app/daemon/identity.h"
#include "app/manager_probe.h"
#include "base/error.h"
#include "clients/real_world.h"
#include "gate/take_over.h"
#include "gate/write_gate.h"
#include "store/state_store.h"

namespace bdrmesh {
namespace {

bool is_ours_to_claim(const HeldCluster& one, const ManagerIdentity& we) {
  // This start has claimed nothing yet: a row with its epoch is that of another copy of the state.
  return one.row.manager == we.id && one.row.epoch < we.epoch;
}

std::string describe(const HolderLook& look) {
  TextTable table({"CLUSTER", "MANAGER", "EPOCH", "ANSWERS AT", "CLOSED GATES"});
  for (const HeldCluster& one : look.held) {
    const std::string at = holder_address(one.row);
    table.row({one.cluster.value(), one.row.manager, std::to_string(one.row.epoch),
               at.empty() ? "?" : at, std::to_string(gate_notes(one.row).size())});
  }
  std::string text = table.text();
  for (const ClusterName& name : look.free) text += name.value() + ": held by nobody\n";
  for (const auto& [name, why] : look.silent)
    text += name.value() + ": could not be asked, is claimed when it answers: " + why + "\n";
  return printable(text);
}

void refuse_living(const HolderLook& look, const TakeOverOptions& options) {
  static constexpr Millis kPatience{3000};
  std::vector<std::string> addresses;
  bool unknown = false;
  for (const HeldCluster& one : look.held) {
    const std::string at = holder_address(one.row);
    unknown = unknown || at.empty();
    if (!at.empty() && std::ranges::find(addresses, at) == addresses.end()) addresses.push_back(at);
  }
  LifeSigns signs = signs_of_life("", addresses, kPatience);
  if (signs.life == ManagerLife::absent && unknown)
    signs = {ManagerLife::cannot_be_asked, "an address that it has not noted"};
  if (signs.life == ManagerLife::answers) {
    throw Error(ErrorKind::precondition, "MANAGER_ALIVE",
                "the manager that holds the clusters answers at " + signs.where,
                "stop it there first; two managers must never act on one cluster");
  }
  if (signs.life == ManagerLife::absent || options.manager_is_dead) return;
  throw Error(
      ErrorKind::precondition, "MANAGER_PERHAPS_ALIVE",
      signs.life == ManagerLife::perhaps
          ? "something listens at " + signs.where +
                " and does not answer: the manager may be hung or suspended"
          : "the manager answers at " + signs.where + ", which cannot be asked from this machine",
      "make sure that its process is gone, then repeat this with --manager-is-dead");
}

std::string confirmed_manager(const HolderLook& look, const TakeOverOptions& options) {
  const std::vector<std::string> managers = look.managers();
  const std::string typed = options.ask("type the name of the manager to take over: ");
  if (std::ranges::find(managers, typed) != managers.end()) return typed;
  throw Error(ErrorKind::precondition, "NOT_CONFIRMED",
              "'" + printable(typed) + "' holds no cluster: nothing was changed",
              "type a name that stands in the column MANAGER");
}

/// @return how many there were.
std::size_t block_unfinished(StateStore& store, const Clock& clock) {
  std::size_t count = 0;
  for (OperationRecord record : store.unfinished_operations()) {
    if (record.state == OperationState::blocked) continue;
    record.state = OperationState::blocked;
    record.error_code = "STATE_PUT_BACK";
    record.error_text =
        "the clusters were taken over with this state; what became of this operation since it was "
        "written is not in it";
    record.error_remedy =
        "see what stands on the clusters (bdrmesh status, gate list), then: "
        "bdrmesh op cancel " +
        record.id + " to undo it, or op resume";
    TickWrite tick;
    tick.operation = record.id;
    tick.header = record;
    tick.events.push_back({0, clock.now(), "alarm", record.id, "", "blocked: STATE_PUT_BACK"});
    store.write_tick(tick);
    ++count;
  }
  return count;
}

}  // namespace

void take_over_clusters(const Desired& desired, const TakeOverOptions& options,
                        Terminal& terminal) {
  const SystemClock clock;
  const auto store =
      StateStore::open({desired.manager.state, "", own_address(desired.manager.listen)});
  const ManagerIdentity we = stored_identity(*store, clock);
  RealWorld world(
      desired, [](const SecretSource& source) { return read_secret(source).secret; }, clock);
  std::vector<ClusterName> names;
  for (const ClusterSpec& cluster : desired.clusters) names.push_back(cluster.name);
  HolderLook look = look_for_holders(world, names, clock, options.patience);
  terminal.say(describe(look));
  std::erase_if(look.held, [&](const HeldCluster& one) { return is_ours_to_claim(one, we); });
  if (look.held.empty()) {
    terminal.say("no cluster shows a newer or another manager: there is nothing to take over");
    return;
  }
  refuse_living(look, options);
  const std::string manager = confirmed_manager(look, options);
  const std::uint64_t epoch = raise_epoch(*store, clock, look.highest_epoch() + 1);
  for (const HeldCluster& one : look.held) {
    if (one.row.manager != manager) continue;
    take_over(world, one, {we.id, epoch, kRescueStart}, Call{clock.mono() + options.patience, {}});
    terminal.say("took over " + one.cluster.value() + ": epoch " + std::to_string(one.row.epoch) +
                 " of " + one.row.manager + " -> epoch " + std::to_string(epoch) + " of " + we.id);
  }
  const std::size_t blocked = block_unfinished(*store, clock);
  if (blocked > 0) {
    terminal.say(std::to_string(blocked) +
                 " operations of this state are blocked until you looked: bdrmesh op list");
  }
  // What the former holder had leave to send must have left before anything else is changed.
  clock.wait_for(kTokenLease, {});
}

}  // namespace bdrmesh
