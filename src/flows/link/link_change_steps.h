// Steps that stop, restart, remove and adopt the changefeed of a link.
#pragma once

#include "flows/link/feed_look.h"
#include "flows/step_args.h"

namespace bdrmesh::flows {

/// The feed is stopped, and confirmed so: no transaction of its sink user runs on the target any
/// more (design §1; neither the state nor the answer proves it, measured §2 A5, §3 0); with
/// args.target_gone nobody is there to be asked that. Leaves the
/// durable fact "position" of the link: its checkpoint. A pause whose answer was lost is sent until
/// there is one: `stopped` alone does not prove that it took effect (measured §3 2). Undone by
/// resuming it, if this operation stopped it; where the target or TiCDC refuses that, an alarm
/// names the link and the undo goes on.
class PauseLink : public LinkStep {
 public:
  using LinkStep::LinkStep;
  Verdict precondition(StepContext& ctx) override;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
  void compensate(StepContext& ctx) override;

 protected:
  /// A pause was sent, and no answer came.
  bool waits_for_answer(const StepContext& ctx) const;

 private:
  Verdict sink_is_quiet(const Call& call) const;
  void run_again(StepContext& ctx);
  void leave_paused(StepContext& ctx, const std::string& why);

  SettledLook sight_;
  int not_found_ = 0;
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

 private:
  bool failed_again(const FeedSummary& feed);
  void order_to_run(StepContext& ctx);

  SettledLook sight_;
  std::optional<MonoTime> failed_since_;
  bool told_before_ = false;
};

/// The stopped feed is not on its TiCDC's list any more, and the book says so.
class RemoveLink : public LinkStep {
 public:
  using LinkStep::LinkStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
  Crossing crossed(StepContext& ctx) override;

 private:
  SettledLook sight_;
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
