// Steps about a member that is dead, or must be treated so: nothing of it gets in any more, what
// its redo log holds is written, feeds towards it go, and what may be lost is said.
#pragma once

#include "flows/link/feed_look.h"
#include "flows/step_args.h"

namespace bdrmesh::flows {

/// Nothing of the member args.cluster answers; with args.because, what answers is only noted.
/// args.remedy stands in for the advice of an eviction.
class RequireMemberGone final : public PlainStep {
 public:
  using PlainStep::PlainStep;
  std::string name() const override {
    return "require_member_gone:" + get_required<std::string>(args_, "cluster");
  }
  Verdict precondition(StepContext& ctx) override;
  Verdict verify(StepContext&) override { return holds(); }
  void execute(StepContext&) override {}
};

/// The fact "loss" of each link args.links says up to when its target is known to have the rows of
/// the lost member.
class StateMemberLoss final : public PlainStep {
 public:
  using PlainStep::PlainStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
};

/// What the redo log of the lost member's link to this cluster holds is written here, by a user
/// made for it and dropped afterwards. The fact "redo" says so; without a cdc program it says that
/// it was not.
class ApplyMemberRedo final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict precondition(StepContext& ctx) override;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
  void compensate(StepContext& ctx) override;

 private:
  std::string user(const StepContext& ctx) const;
};

/// The feed is not on its TiCDC's list any more, and the book says so. Its target need not answer.
/// That crosses the line, unless args.harmless says that nobody counts on the feed.
class AbandonLink final : public LinkStep {
 public:
  using LinkStep::LinkStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
  Crossing crossed(StepContext& ctx) override;

 private:
  bool harmless() const;

  SettledLook sight_;
};

/// What of the lost member answers is stopped as far as it can be: its own feeds paused, its gate
/// closed. Nothing rests on it: its users are shut out at the others. The book takes its feeds for
/// removed.
class StopWhatAnswers final : public PlainStep {
 public:
  using PlainStep::PlainStep;
  std::string name() const override {
    return "stop_what_answers:" + get_required<std::string>(args_, "cluster");
  }
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;

 private:
  void pause_its_feeds(StepContext& ctx, const ClusterName& lost);
  void close_its_gate(StepContext& ctx, const ClusterName& lost);
};

/// The fact "eviction" tells what an eviction has left behind, the fact "proof" what is proven.
class ReportEviction final : public PlainStep {
 public:
  using PlainStep::PlainStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;

 private:
  static Json proof(const StepContext& ctx);
};

}  // namespace bdrmesh::flows
