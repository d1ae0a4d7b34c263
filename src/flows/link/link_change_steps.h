// Steps that stop, restart, remove and adopt the changefeed of a link.
#pragma once

#include "flows/step_args.h"

namespace bdrmesh::flows {

/// The feed is stopped, and confirmed so: no transaction of its sink user runs on the target any
/// more (design §1; neither the state nor the answer proves it, measured §2 A5, §3 0); with
/// args.target_gone nobody is there to be asked that. Leaves the
/// durable fact "position" of the link: its checkpoint. Undone by resuming it, if this operation
/// stopped it.
class PauseLink : public LinkStep {
 public:
  using LinkStep::LinkStep;
  Verdict precondition(StepContext& ctx) override;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
  void compensate(StepContext& ctx) override;

 private:
  Verdict sink_is_quiet(const Call& call) const;
};

/// The feed runs, and its checkpoint has moved since. Undone by pausing it, if this operation let
/// it go on.
class ResumeLink final : public LinkStep {
 public:
  using LinkStep::LinkStep;
  Verdict precondition(StepContext& ctx) override;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
  void compensate(StepContext& ctx) override;
};

/// The stopped feed is not on its TiCDC's list any more, and the book says so.
class RemoveLink : public LinkStep {
 public:
  using LinkStep::LinkStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
  Crossing crossed(StepContext& ctx) override;
};

/// The book knows the feed, which is what we would have made.
class AdoptLink final : public LinkStep {
 public:
  using LinkStep::LinkStep;
  Verdict precondition(StepContext& ctx) override;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;

 private:
  GroupName group() const { return GroupName(get_required<std::string>(args_, "group")); }
};

}  // namespace bdrmesh::flows
