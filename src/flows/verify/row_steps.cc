#include "flows/verify/row_steps.h"

#include <algorithm>

#include "verify/chunk_pass.h"
#include "verify/table_read.h"

namespace bdrmesh::flows {
namespace {

/// How often progress becomes durable: what a restart reads again at most.
constexpr Millis kKeep{2000};

std::vector<ClusterName> clusters_from(const Json& list) {
  std::vector<ClusterName> out;
  for (const Json& one : list) out.emplace_back(one.get<std::string>());
  return out;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : ", ") + part;
  return out;
}

/// Progress for people, beside the state that a restart needs.
Json pass_fact(const verify::PassState& state, std::uint64_t estimate, Millis took) {
  Json fact = verify::to_json(state);
  const std::uint64_t rows = state.most_rows();
  const auto ms = static_cast<std::uint64_t>(std::max<std::int64_t>(took.count(), 1));
  fact["took_ms"] = took.count();
  fact["rows_compared"] = rows;
  fact["rows_per_second"] = rows * 1000 / ms;
  fact["rows_estimated"] = estimate;
  if (!state.complete && rows > 0 && estimate > rows)
    fact["seconds_left"] = (estimate - rows) * ms / rows / 1000;
  return fact;
}

}  // namespace

TableStep::TableStep(FlowPorts ports, const PlannedStep& planned)
    : ports_(ports),
      args_(planned.args),
      table_{get_required<std::string>(planned.args, "schema"),
             get_required<std::string>(planned.args, "table")},
      members_(clusters_from(get_required<Json>(planned.args, "members"))),
      type_(planned.type) {}

verify::MakeReader TableStep::readers(const StepContext& ctx) const {
  std::map<ClusterName, std::optional<Tso>> at;
  for (const ClusterName& member : members_) {
    at[member] = cut() ? std::optional(tso_of(require_fact(ctx, "snapshot", member.value()), "tso"))
                       : std::nullopt;
  }
  return [this, at](const ClusterName& member, std::size_t nth) {
    return ports_.world.table_reader(member, at.at(member), nth);
  };
}

Json TableStep::positions(StepContext& ctx) const {
  Json out = Json::object();
  if (cut()) return out;
  for (const ClusterName& member : members_)
    out[member.value()] = to_string(ports_.world.tidb(member).current_tso(ctx.call()));
  return out;
}

TableStep::Agreed TableStep::agree(const verify::MakeReader& make, const Call& call) const {
  Agreed agreed;
  std::map<ClusterName, verify::ReadingPlan> plans;
  std::vector<std::string> missing;
  for (const ClusterName& member : members_) {
    const auto text = make(member, 0)->definition(table_, call);
    if (!text) {
      missing.push_back(member.value());
      continue;
    }
    plans[member] = verify::plan_reading(table_, ddl::parse_table(*text));
  }
  if (!missing.empty()) {
    agreed.not_proven.push_back("the table is not on " + joined(missing));
    return agreed;
  }
  const verify::ReadingPlan& first = plans.begin()->second;
  for (const auto& [member, plan] : plans) {
    if (plan.read == first.read && plan.not_proven == first.not_proven) continue;
    agreed.not_proven.push_back("columns or keys differ between " + plans.begin()->first.value() +
                                " and " + member.value() +
                                ": bdrmesh verify run --level schema shows how");
    return agreed;
  }
  if (first.read.columns.empty()) {
    agreed.not_proven.emplace_back("it has no column that could be compared");
    return agreed;
  }
  agreed.read = first.read;
  agreed.derived = first.derived;
  agreed.not_proven = first.not_proven;
  return agreed;
}

Verdict CompareRows::verify(StepContext& ctx) {
  const auto fact = ctx.fact(fact_name("rows_pass"), scope());
  if (fact && get_or(*fact, "complete", false)) return holds();
  const auto rows = fact ? get_or<std::uint64_t>(*fact, "rows_compared", 0) : 0;
  return not_yet("all rows of " + scope() + " to be compared; so far " + std::to_string(rows));
}

void CompareRows::execute(StepContext& ctx) {
  const verify::MakeReader make = readers(ctx);
  const Agreed agreed = agree(make, ctx.call());
  const auto keep = [&](Json fact) {
    fact["not_proven"] = agreed.not_proven;
    fact["derived"] = agreed.derived;
    ctx.set_fact({fact_name("rows_pass"), scope(), FactLife::durable, std::move(fact)});
  };
  verify::PassState state;
  if (!agreed.read) {
    state.complete = true;
    Json fact = pass_fact(state, 0, Millis{0});
    fact["not_compared"] = true;
    keep(std::move(fact));
    return;
  }
  Millis before{0};
  if (const auto fact = ctx.fact(fact_name("rows_pass"), scope())) {
    state = verify::pass_state_from(*fact);
    before = Millis{get_or<std::int64_t>(*fact, "took_ms", 0)};
  }
  verify::PassOptions options;
  options.readers_per_member = get_or<std::size_t>(args_, "readers", 2);
  options.rows_per_second = get_or<std::uint64_t>(args_, "rows_per_second", 0);
  options.max_load = get_or<std::uint64_t>(args_, "max_load", 100);
  const std::uint64_t estimate = make(members_.front(), 0)->estimated_rows(table_, ctx.call());
  const MonoTime began = ports_.clock.mono();
  MonoTime kept = began;
  const auto took = [&] {
    return before + std::chrono::duration_cast<Millis>(ports_.clock.mono() - began);
  };
  verify::ChunkPass pass(*agreed.read, members_, make, options, ports_.clock);
  pass.run(
      state,
      [&](const verify::PassState& now) {
        if (ports_.clock.mono() - kept < kKeep || now.complete) return;
        kept = ports_.clock.mono();
        keep(pass_fact(now, estimate, took()));
        ctx.checkpoint();
      },
      ctx.call());
  Json fact = pass_fact(state, estimate, took());
  // Live: whatever was in flight while ranges were read has been committed before this.
  fact["positions"] = positions(ctx);
  keep(std::move(fact));
}

}  // namespace bdrmesh::flows
