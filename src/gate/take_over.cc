#include "gate/take_over.h"

#include <algorithm>

namespace bdrmesh {

std::vector<std::string> HolderLook::managers() const {
  std::vector<std::string> names;
  for (const HeldCluster& one : held) {
    if (std::ranges::find(names, one.row.manager) == names.end()) names.push_back(one.row.manager);
  }
  return names;
}

std::uint64_t HolderLook::highest_epoch() const {
  std::uint64_t highest = 0;
  for (const HeldCluster& one : held) highest = std::max(highest, one.row.epoch);
  return highest;
}

HolderLook look_for_holders(World& world, const std::vector<ClusterName>& clusters,
                            const Clock& clock, Millis patience) {
  HolderLook look;
  for (const ClusterName& name : clusters) {
    try {
      const std::optional<TokenRow> row = world.tidb(name).token(Call{clock.mono() + patience, {}});
      if (row && !row->manager.empty()) {
        look.held.push_back({name, *row});
      } else {
        look.free.push_back(name);
      }
    } catch (const Error& e) {
      if (e.kind() == ErrorKind::cancelled) throw;
      look.silent[name] = e.code() + ": " + e.message();
    }
  }
  return look;
}

void take_over(World& world, const HeldCluster& held, const ManagerIdentity& identity,
               const Call& call) {
  TidbCluster& tidb = world.tidb(held.cluster);
  const std::optional<TokenRow> now = tidb.token(call);
  const bool same = now && now->manager == held.row.manager && now->epoch == held.row.epoch &&
                    now->gates == held.row.gates && now->remembered == held.row.remembered;
  if (same && tidb.replace_token(now, held_by(*now, identity), call)) return;
  throw Error(ErrorKind::conflict, "TAKE_OVER_LOST",
              "the token row of " + held.cluster.value() +
                  " changed while it was taken over: its manager is at work",
              "find the machine that runs it and stop it there");
}

}  // namespace bdrmesh
