// The forced change of roles of a pair: the primary is gone, or shut out (design §2 rules 11, 12).
// Pure, but for `look_for_failover`, which asks the secondary and whatever of the primary answers.
#pragma once

#include <string>
#include <vector>

#include "engine/plan.h"
#include "flows/snapshot.h"

namespace bdrmesh::flows {

/// What a failover is planned from: the secondary's side only.
struct FailoverView {
  GroupSpec group;                 ///< as it stands
  std::optional<TokenRow> token;   ///< of the secondary
  std::vector<std::string> signs;  ///< what of the primary answers
  ChangefeedId changefeed;         ///< the feed that carried its rows; empty: nobody knows
  std::string redo;                ///< where that feed wrote its redo log; empty: it has none
  Tso proven;                      ///< up to here the secondary surely has its rows; may be unset
  std::string may_not_grant;       ///< what we may not hand to the user that writes the redo log
  Json loss;                       ///< see `loss_of`
};

struct FailoverOptions {
  std::string primary;  ///< the name of the lost cluster, as typed
  std::string fenced_because;
  std::string changefeed;  ///< of the redo log, where neither state nor secondary tells
  bool without_redo = false;
  bool kill = false;  ///< sessions that may still read the past are ended
};

/// Blocks. @throws Error as the clients of the secondary; precondition `NOT_A_PAIR`.
FailoverView look_for_failover(const FlowPorts& ports, const GroupName& name,
                               const FailoverOptions& options, const Call& call);

/// @throws Error precondition `NOT_CONFIRMED`, `PRIMARY_ANSWERS`, `NOT_BOOTSTRAPPED`,
/// `REDO_UNKNOWN`.
Plan plan_failover(const Desired& desired, const FailoverView& view,
                   const FailoverOptions& options);

}  // namespace bdrmesh::flows
