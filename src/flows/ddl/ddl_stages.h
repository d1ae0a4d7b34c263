// What the strategies of a schema change have in common when their stages are written: steps for
// each cluster and link, statements with their numbers. Used while a plan is made; one thread.
#pragma once

#include <string>
#include <vector>

#include "engine/plan.h"
#include "flows/ddl/ddl_script.h"
#include "flows/step_args.h"

namespace bdrmesh::flows {

/// A statement and its place in the script, counted from 1: facts and tags carry it.
struct NumberedStatement {
  int number = 0;
  ddl::Statement statement;
  std::string undo{};  ///< takes it back; empty: none was given
};

using Statements = std::vector<NumberedStatement>;

class DdlStages {
 public:
  /// Both must outlive it. Locks the group and its clusters.
  DdlStages(const std::string& kind, const GroupSnapshot& snapshot, const Statements& script,
            const DdlOptions& options);

  /// A stage with a step of `type` on every cluster.
  void each(const std::string& stage, const std::string& type, const Json& args = Json::object());
  /// A stage with a step of `type` on every link, or on those that start at `from`.
  void each_link(const std::string& stage, const std::string& type, Json args = Json::object(),
                 const std::optional<ClusterName>& from = std::nullopt);
  /// A stage for each statement: on every cluster at once, on the long lane. With statements to
  /// take them back, a cluster where one fails can be skipped: the stages after them take all of
  /// them back, last one first, and the last step of the plan tells how it ended.
  void change(const Statements& part);
  /// The statement on one cluster, on the long lane.
  PlannedStep apply(const NumberedStatement& one, const ClusterName& cluster) const;
  /// `what`, with the statement's number where the script has several.
  std::string label(const std::string& what, const NumberedStatement& one) const;
  /// Definitions of all tables of `part` are the same on every cluster; no stage without tables.
  void compare(const std::string& stage, const Statements& part);
  /// A marker after all of it has passed every link.
  void prove(const std::string& suffix);

  /// For whoever follows it: whether the change was taken back, and what it leaves behind about a
  /// dead member; no stage where there is neither.
  void tell_outcome();

  PlanBuilder& plan() { return plan_; }
  const GroupSnapshot& snapshot() const { return snapshot_; }
  const DdlOptions& options() const { return options_; }

 private:
  Json names() const;
  void take_back(const NumberedStatement& one);

  const GroupSnapshot& snapshot_;
  const DdlOptions& options_;
  std::size_t statements_;
  PlanBuilder plan_;
};

/// The tables that any of them changes, each once.
std::vector<TableName> tables_of(const Statements& script);

}  // namespace bdrmesh::flows
