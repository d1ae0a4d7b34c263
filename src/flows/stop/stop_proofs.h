// Steps of a verified stop that prove, and change nothing: rows, definitions, what each link
// carries, and what all of it amounts to.
#pragma once

#include "flows/step_args.h"

namespace bdrmesh::flows {

/// The comparison args.run found no row that differs, and compared everything: refuses otherwise.
/// With args.accept_unproven, tables may have parts that no digest takes. Rows that kept changing
/// are left to the comparison at the cut.
class RequireRowsProven final : public PlainStep {
 public:
  using PlainStep::PlainStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext&) override {}
};

/// All members define args.tables alike. The fact "schemas" tells what differs legitimately.
class RequireEqualSchemas final : public PlainStep {
 public:
  using PlainStep::PlainStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext&) override {}
};

/// The fact args.fact holds the SHA-256 of the definitions of args.tables on the cluster, ID bases
/// aside. With args.same_as, refuses when it is not that of the fact so called.
class DigestSchema final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext&) override {}
};

/// The fact "cluster" tells versions, source id and role.
class NoteCluster final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
};

/// The link's feed is the one of the configuration, field by field; nothing lies between it and its
/// predecessor (design §1, continuous); with args.tables it can carry all of them. Leaves the fact
/// args.fact.
class RequireWholeLink final : public LinkStep {
 public:
  using LinkStep::LinkStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext&) override {}

 private:
  Verdict as_wanted(const Call& call) const;
  Verdict carries_tables(const Call& call) const;
};

/// The fact "proof" says whether the members were proven equal at the cut, and what was not.
class ConcludeStop final : public PlainStep {
 public:
  using PlainStep::PlainStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
};

/// Whether the fact "proof" says that everything was proven; false while there is none.
bool is_proven(const StepContext& ctx);

}  // namespace bdrmesh::flows
