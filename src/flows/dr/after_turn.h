// What a change of roles leaves for people to do on the new primary: sessions that go on reading
// the past (measured §1 A13), and tables whose expired rows nobody deletes (tidb-sql §1.5). Both
// steps tell and never fail: applications write there already.
#pragma once

#include "flows/step_args.h"

namespace bdrmesh::flows {

/// Notes which sessions are open on the cluster now that new ones read the present: the fact
/// "open_sessions". Blocks.
void note_open_sessions(const FlowPorts& ports, StepContext& ctx, const ClusterName& cluster);

/// Those of the fact "open_sessions" that are still there are named by user; with args.kill they
/// are ended. The fact "past_readers" counts them.
class NamePastReaders final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;

 private:
  Json look_and_tell(StepContext& ctx);
};

/// The tables of the group with TTL_ENABLE='OFF' are named, with the ALTERs to type; with
/// args.as_on, only those that are on there. The fact "ttl_off" lists them.
class NameTtlOff final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;

 private:
  Json look_and_tell(StepContext& ctx);
};

/// Whether a table's definition says that its expired rows are (`ON`) or are not (`OFF`) deleted.
/// Pure.
bool ttl_enable_is(const std::string& create_statement, const std::string& word);

}  // namespace bdrmesh::flows
