// Steps about changefeeds: which tables they can carry, and their creation.
#pragma once

#include "flows/step_args.h"

namespace bdrmesh::flows {

/// TiCDC can carry every table of the group's filter on this cluster (a usable key each); the
/// marker table among them.
class CheckTables final : public LinkStep {
 public:
  using LinkStep::LinkStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext&) override {}
};

/// The link's changefeed exists, started at args.start_tso or at the fact args.start_fact of its
/// origin (or of args.start_scope), has had its first tick, and reads back field by field as
/// wanted. Undone by removing it, if this operation made it: a feed of that name which was there
/// before is refused and left alone. Without a position nothing is made, nor while
/// args.in_place_of, a feed that was taken for gone, is on the list.
class CreateLink final : public LinkStep {
 public:
  using LinkStep::LinkStep;
  Verdict precondition(StepContext& ctx) override;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
  void compensate(StepContext& ctx) override;

 private:
  const GroupSpec& group() const;
  Verdict taken_by_other() const;
  bool begins_at(Tso start, const Call& call) const;
  /// args.start_tso, or the fact args.start_fact of args.start_scope.
  /// @throws Error precondition `START_UNKNOWN` when that is 0.
  Tso start_position(const StepContext& ctx) const;
  Verdict compare_with_wanted(const FeedDetail& detail, const Call& call) const;
};

}  // namespace bdrmesh::flows
