#include "app/daemon/identity.h"

#include <algorithm>

#include "base/random_id.h"

namespace bdrmesh {
namespace {

Json identity_document(StateStore& store, const Clock& clock) {
  if (const auto known = store.document("manager", "identity")) return known->body;
  Json made{{"id", "mgr-" + random_id(10)}};
  store.put_document({"manager", "identity", clock.now(), made});
  return made;
}

}  // namespace

ManagerIdentity stored_identity(StateStore& store, const Clock& clock) {
  const Json body = identity_document(store, clock);
  ManagerIdentity identity;
  identity.id = get_required<std::string>(body, "id");
  identity.epoch = store.epoch() + get_or<std::uint64_t>(body, "epochs_ahead", 0);
  return identity;
}

std::uint64_t raise_epoch(StateStore& store, const Clock& clock, std::uint64_t least) {
  Json body = identity_document(store, clock);
  const auto ahead = get_or<std::uint64_t>(body, "epochs_ahead", 0);
  const std::uint64_t now = store.epoch() + ahead;
  if (now >= least) return now;
  body["epochs_ahead"] = ahead + (least - now);
  store.put_document({"manager", "identity", clock.now(), body});
  return least;
}

}  // namespace bdrmesh
