#include "app/cli/command/exit_code.h"

#include <string>

namespace bdrmesh {
namespace {

/// A plan of one stage has none that only looks.
bool left_its_first_stage(const Json& operation) {
  const Json stages = get_or<Json>(operation, "stages", Json::array());
  if (stages.size() == 1) return true;
  for (std::size_t at = 1; at < stages.size(); ++at) {
    for (const Json& step : get_or<Json>(stages[at], "steps", Json::array())) {
      if (get_or<std::string>(step, "state", "pending") != "pending") return true;
    }
  }
  return false;
}

ExitCode exit_code_of_result(const Json& result) {
  if (was_taken_back(result)) return ExitCode::reverted;
  if (get_or(result, "different", 0) > 0) return ExitCode::differences;
  if (get_or(result, "unproven", 0) > 0) return ExitCode::incomplete;
  return ExitCode::done;
}

}  // namespace

bool was_taken_back(const Json& result) { return get_or(result, "taken_back", false); }

ExitCode exit_code_of(const Error& error) {
  switch (error.kind()) {
    case ErrorKind::invalid:
    case ErrorKind::precondition:
    case ErrorKind::conflict:
    case ErrorKind::transient:
      return ExitCode::refused;
    case ErrorKind::ambiguous:
    case ErrorKind::cancelled:
      return ExitCode::still_running;
    case ErrorKind::bug:
      break;
  }
  return ExitCode::internal_error;
}

ExitCode exit_code_of_operation(const Json& operation) {
  const std::string state = get_or<std::string>(operation, "state", "");
  if (state == "succeeded") return exit_code_of_result(get_or<Json>(operation, "result", Json()));
  if (state == "blocked") return ExitCode::needs_attention;
  if (state == "reverted")
    return left_its_first_stage(operation) ? ExitCode::reverted : ExitCode::refused;
  if (state == "cancelled") return ExitCode::reverted;
  return ExitCode::still_running;
}

ExitCode exit_code_of_verdict(const Json& with_verdict) {
  return get_or<std::string>(with_verdict, "verdict", "") == "healthy"
             ? ExitCode::done
             : ExitCode::degraded_or_drift;
}

}  // namespace bdrmesh
