// The step that takes a pair of positions at which a secondary equals its primary.
#pragma once

#include "flows/step_args.h"

namespace bdrmesh::flows {

/// The facts "snapshot" of both ends of the link are the newest syncpoint of its changefeed, young
/// enough for garbage collection not to have passed it. Waits for the next one where the newest is
/// old; fails with `NO_SYNCPOINT` after args.patience_ms.
class TakeSyncpoint final : public LinkStep {
 public:
  using LinkStep::LinkStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;

 private:
  Verdict not_before(StepContext& ctx, const std::string& waiting) const;
};

}  // namespace bdrmesh::flows
