// Steps of row verification: one table's pass, its rows that differ, and the report of all.
#pragma once

#include <map>

#include "flows/step_args.h"
#include "verify/row_search.h"

namespace bdrmesh::flows {

/// The name of a fact of the comparison args.run: `rows_pass`, or `rows_pass_live`.
inline std::string run_fact(const char* name, const Json& args) {
  const auto run = get_or<std::string>(args, "run", "");
  return run.empty() ? name : std::string(name) + "_" + run;
}

/// What the steps of one table share.
class TableStep : public Step {
 public:
  TableStep(FlowPorts ports, const PlannedStep& planned);
  std::string name() const override { return type_ + ":" + to_string(table_); }

 protected:
  /// Facts of a plan's several comparisons are told apart by args.run.
  std::string fact_name(const char* name) const { return run_fact(name, args_); }
  /// The members are read at positions at which they must be equal.
  bool cut() const { return get_or<std::string>(args_, "mode", "live") != "live"; }
  std::string scope() const { return to_string(table_); }
  /// Reads as of the cut, or now.
  verify::MakeReader readers(const StepContext& ctx) const;
  /// Now, on every member; empty at a cut.
  Json positions(StepContext& ctx) const;

  /// How the table is read, when all members read it the same way.
  struct Agreed {
    std::optional<TableRead> read;
    std::vector<std::string> derived;
    std::vector<std::string> not_proven;  ///< without `read`: why it is not compared at all
  };
  Agreed agree(const verify::MakeReader& make, const Call& call) const;

  FlowPorts ports_;
  Json args_;
  TableName table_;
  std::vector<ClusterName> members_;

 private:
  std::string type_;
};

/// Every range of the table has been digested on every member: the durable fact "rows_pass" says
/// how far and which ranges differ, so that a restart goes on there.
class CompareRows final : public TableStep {
 public:
  using TableStep::TableStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
};

/// The fact "rows_result" tells the rows that differ for good. At a cut that is what the ranges
/// hold. Live, a row differs for good when it was read again after every link had passed the first
/// reading, and no member had changed it meanwhile; one that keeps changing is unstable.
class SettleRows final : public TableStep {
 public:
  using TableStep::TableStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext&) override {}

 private:
  struct Round;
  Verdict conclude(StepContext& ctx, Json result);
  /// Why the links have not all passed `positions`; empty when they have.
  std::string waiting_for_links(const Json& positions, const Call& call) const;
  Json shown(const TableRead& read, const std::vector<Json>& rows, const verify::MakeReader& make,
             const Call& call) const;
  verify::SearchOptions search_options() const;
  Verdict search_at_cut(StepContext& ctx, const Json& pass, const Agreed& agreed);
  Verdict settle_live(StepContext& ctx, const Json& pass, const Agreed& agreed);
};

/// The fact "verification" says what was proven, what differs and what was not proven.
class ReportRows final : public PlainStep {
 public:
  using PlainStep::PlainStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
};

}  // namespace bdrmesh::flows
