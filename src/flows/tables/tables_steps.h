// Steps of a change of tables: what must hold before the pause, at its line, and the line itself.
#pragma once

#include "flows/gate/gate_steps.h"
#include "flows/step_args.h"

namespace bdrmesh::flows {

/// The comparison args.run found the tables equal on all members, and nobody changing them where
/// they are not. With args.accept_unproven, parts that no digest takes do not count.
class RequireTablesEqual final : public PlainStep {
 public:
  using PlainStep::PlainStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext&) override {}
};

/// One sweep over one cluster, all of it newer than the sweep's start (design §2 rule 8): our note,
/// the gate on every tidb-server, no writer, no DDL under way; of args.links each old changefeed is
/// at rest behind fence and marker, and each new one runs.
class LookAgainAtTables final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext&) override {}

 private:
  Verdict gate_and_writers(StepContext& ctx);
  Verdict feeds(StepContext& ctx);
};

/// The gate is open, and this is the line: what applications write from now on goes through the new
/// changefeeds, and the old ones would deliver it a second time.
class OpenGateOntoNewFeeds final : public OpenGate {
 public:
  using OpenGate::OpenGate;
  void execute(StepContext& ctx) override;
  Crossing crossed(StepContext& ctx) override;
};

}  // namespace bdrmesh::flows
