// The step that looks for rows which a schema change would break on, before anybody is paused.
#pragma once

#include <string>
#include <vector>

#include "ddl/statement.h"
#include "flows/step_args.h"

namespace bdrmesh::flows {

/// No row of the cluster stands in the way of args.needs, as far as could be searched within
/// args.budget_ms; what could not is told as a warning. Changes nothing. Refuses with
/// `ROWS_IN_THE_WAY`, examples and the query that finds all of them.
class SearchRows final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;

 private:
  /// @return what is to be told when the search was not finished
  std::string search(TableReader& reader, const RowNeed& need, Millis limit,
                     const Call& call) const;
};

/// Arguments of the step. Pure.
Json row_search_args(const std::vector<ddl::RowNeeds>& statements);

/// `no two rows of app.orders agree in (a, b)`
std::string describe(const RowNeed& need);

}  // namespace bdrmesh::flows
