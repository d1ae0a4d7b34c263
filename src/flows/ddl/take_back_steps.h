// The way back from a change that took place on some clusters only: once a person has skipped a
// statement on one of them, what took place is taken back everywhere, last statement first.
#pragma once

#include "flows/ddl/ddl_steps.h"

namespace bdrmesh::flows {

/// Whether one of the first `statements` of the script did not take place on one of args.clusters,
/// all of them being done or skipped. False without args.clusters: there is no way back.
bool given_up(const StepContext& ctx, const Json& args, int statements);

/// args.statement ran here by the rules of ApplyDdl, if the script (args.statements of them) was
/// given up and what it takes back took place here; holds at once otherwise. What was there before,
/// so that the change had nothing to do, is not taken back.
class TakeBackDdl final : public ApplyDdl {
 public:
  using ApplyDdl::ApplyDdl;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
  /// The line is crossed already when it comes to this.
  Crossing crossed(StepContext&) override { return Crossing::no; }

 protected:
  std::string ordinal() const override { return "u" + std::to_string(number()); }
  bool is_the_change() const override { return false; }

 private:
  bool is_wanted(const StepContext& ctx) const;
};

/// The durable fact "result" says whether the change was taken back and where it had failed, and
/// what it leaves behind (args.left_behind, told as an alarm too).
class TellDdlOutcome final : public PlainStep {
 public:
  using PlainStep::PlainStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
};

}  // namespace bdrmesh::flows
