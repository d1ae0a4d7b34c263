// Steps that prove: fence TSOs, markers, drained links, and the sweep that looks at everything once
// more before the line.
#pragma once

#include "flows/step_args.h"

namespace bdrmesh::flows {

/// The fact args.fact of the cluster holds a TSO above every commit that returned before. Volatile
/// unless args.durable.
class TakeFence final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;

 private:
  std::string fact_name() const { return get_or<std::string>(args_, "fact", "fence"); }
};

/// A marker of this operation stands on the cluster; the volatile fact args.fact holds its nonce
/// and commit-ts.
class WriteMarker final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;

 private:
  std::string fact_name() const { return get_or<std::string>(args_, "fact", "marker"); }
};

/// The link is drained (design §1): state normal and checkpoint strictly beyond the origin's fence
/// and marker in one answer, and the marker visible on the target with its nonce. Leaves the
/// volatile fact "drained".
class DrainLink final : public LinkStep {
 public:
  using LinkStep::LinkStep;
  Verdict precondition(StepContext& ctx) override;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext&) override {}
};

/// The marker args.fact of the origin has passed the link: checkpoint beyond its commit-ts, nonce
/// visible on the target. Records in the book how far the link is proven. With args.patience_ms it
/// ends by then and leaves the fact "link_result" with the reason instead of failing. With
/// args.whole a link that leaves something out is not proven either (whole_link.h).
class AwaitMarker final : public LinkStep {
 public:
  using LinkStep::LinkStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext&) override {}

 private:
  void conclude(StepContext& ctx, bool proven, const std::string& why, Tso checkpoint);
  bool has_arrived(StepContext& ctx, const std::string& nonce) const;
  std::string what_it_leaves_out(const Call& call) const;
};

/// One sweep over one cluster and its outgoing links, all of it newer than the sweep's start
/// (design §2 rule 8): our token with our note, the gate on every tidb-server, no writer, DDL queue
/// empty and no foreign job since args of the fact "jobs_before", role args.role (none unless
/// given), links beyond fence and marker.
class LookAgain final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext&) override {}

 private:
  Verdict token_and_gate(StepContext& ctx);
  Verdict role_and_queue(StepContext& ctx);
  Verdict outgoing_links(StepContext& ctx);
};

/// The link carries: state normal and its lag at most args.max_lag_ms. Refuses what waiting does
/// not heal.
class RequireHealthyLink final : public LinkStep {
 public:
  using LinkStep::LinkStep;
  Verdict precondition(StepContext& ctx) override;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext&) override {}
};

/// Judges one answer about a feed: holds when it is normal and its checkpoint lies strictly beyond
/// `position`. Pure.
Verdict beyond(const Link& link, const std::optional<FeedSummary>& feed, Tso position);

}  // namespace bdrmesh::flows
