// Sessions that a pause leaves inside a transaction: a COMMIT refused with 1836 rolls back and
// begins anew (measured §1 A11), and what such a session writes next is committed by nobody.
#pragma once

#include "flows/step_args.h"

namespace bdrmesh::flows {

/// The sessions whose transaction was begun while writes were refused, after `closed` and not after
/// `opened`. `exempt` users (ours, the sinks) never count. Pure.
std::vector<OpenTransaction> begun_in_the_pause(const TransactionLook& look,
                                                const std::vector<std::string>& exempt,
                                                WallTime closed, WallTime opened);

/// Looks once and names them in events, with what to do; with `kill` ends them. A look that fails
/// is an event too: writes are possible again, and nothing may hold that up.
/// @return {count, killed, sessions}, or {unknown: why}. @throws Error cancelled.
Json name_left_transactions(const FlowPorts& ports, StepContext& ctx, const ClusterName& cluster,
                            WallTime opened, bool kill);

/// After the gate was opened: the fact "left_transactions" says who is left inside a transaction.
/// With args.kill they are ended. Never fails.
class NameLeftTransactions final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
};

}  // namespace bdrmesh::flows
