#include "flows/ddl/take_back_steps.h"

namespace bdrmesh::flows {
namespace {

std::optional<Json> done_there(const StepContext& ctx, const std::string& cluster, int number) {
  return ctx.fact("ddl_done", cluster + "#" + std::to_string(number));
}

/// Where the first statement that is not everywhere did not take place.
std::vector<std::string> without_it(const StepContext& ctx, const Json& args, int statements) {
  const auto clusters = get_or(args, "clusters", std::vector<std::string>{});
  for (int number = 1; number <= statements; ++number) {
    std::vector<std::string> missing;
    for (const std::string& name : clusters) {
      if (!done_there(ctx, name, number)) missing.push_back(name);
    }
    if (!missing.empty()) return missing;
  }
  return {};
}

}  // namespace

bool given_up(const StepContext& ctx, const Json& args, int statements) {
  return !without_it(ctx, args, statements).empty();
}

bool TakeBackDdl::is_wanted(const StepContext& ctx) const {
  const std::optional<Json> here = done_there(ctx, cluster().value(), number());
  if (!here || get_or<std::string>(*here, "by", "") == "nothing to do") return false;
  return given_up(ctx, args_, get_or(args_, "statements", number()));
}

Verdict TakeBackDdl::verify(StepContext& ctx) {
  return is_wanted(ctx) ? ApplyDdl::verify(ctx) : holds();
}

void TakeBackDdl::execute(StepContext& ctx) {
  ctx.event("warning", "takes the change back on " + cluster().value());
  ApplyDdl::execute(ctx);
}

Verdict TellDdlOutcome::verify(StepContext& ctx) {
  return ctx.fact("result", "") ? holds() : not_yet("the outcome");
}

void TellDdlOutcome::execute(StepContext& ctx) {
  Json result = get_or(args_, "left_behind", Json::object());
  if (args_.contains("statements")) {
    const auto failed = without_it(ctx, args_, get_required<int>(args_, "statements"));
    result["taken_back"] = !failed.empty();
    result["failed_on"] = failed;
  }
  if (result.contains("consequences"))
    ctx.event("alarm", get_required<std::string>(result, "consequences"));
  ctx.set_fact({"result", "", FactLife::durable, result});
}

}  // namespace bdrmesh::flows
