#include "gate/guard/change_permit.h"

namespace bdrmesh {

Call ChangePermit::ask(const Call& call) const {
  tokens_.require_not_superseded();
  const MonoTime begun = clock_.mono();
  const std::optional<TokenRow> row = inner_.tidb(cluster_).token(call);
  if (row && !row->manager.empty()) {
    tokens_.refuse_foreign(cluster_, *row);
    // An earlier start of ours may still live, on a copy of our state: it must see that we act.
    if (!tokens_.holds(*row)) tokens_.claim(cluster_, call);
  }
  return call.within(begun, kTokenLease);
}

void ChangePermit::ask_for_long(const Call& call) const {
  while (clock_.mono() >= ask(call).deadline) {
    if (clock_.mono() < call.deadline) continue;
    throw Error(ErrorKind::transient, "TOKEN_UNSEEN",
                "the token row of " + cluster_.value() + " could not be read in time");
  }
}

}  // namespace bdrmesh
