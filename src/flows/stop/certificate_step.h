// The step that any operation ends with that proves something: what earlier steps left as facts,
// sealed and kept (docs/operations/certificates.md).
#pragma once

#include <string>
#include <vector>

#include "flows/step_args.h"

namespace bdrmesh::flows {

/// A certificate about `subject` exists, made of the facts called `facts`, whatever their scopes; a
/// fact that nobody left is named in it. What it claims is the fact `proof`
/// {holds, verdict, statement, not_proven}, where some step left one; without it, that the
/// operation came to this step. Its id is the operation's; `name` tells several of one operation
/// apart.
PlannedStep issue_certificate(const Json& subject, const std::vector<std::string>& facts,
                              const std::string& name = "");

/// The plan whose certificates carry its digest: SHA-256 of its canonical JSON without that digest.
/// Pure.
Plan with_plan_digest(Plan plan);

/// Holds when the durable fact "certificate" names what was issued.
class IssueCertificate final : public PlainStep {
 public:
  using PlainStep::PlainStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;

 private:
  std::string id(const StepContext& ctx) const;
  Json evidence(const StepContext& ctx, Json& missing) const;
};

}  // namespace bdrmesh::flows
