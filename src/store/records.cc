#include "store/records.h"

#include <array>
#include <utility>

namespace bdrmesh {
namespace {

constexpr std::array<std::pair<OperationState, std::string_view>, 7> kOperationStates{{
    {OperationState::queued, "queued"},
    {OperationState::running, "running"},
    {OperationState::compensating, "compensating"},
    {OperationState::blocked, "blocked"},
    {OperationState::succeeded, "succeeded"},
    {OperationState::reverted, "reverted"},
    {OperationState::cancelled, "cancelled"},
}};

constexpr std::array<std::pair<StepState, std::string_view>, 6> kStepStates{{
    {StepState::pending, "pending"},
    {StepState::started, "started"},
    {StepState::done, "done"},
    {StepState::failed, "failed"},
    {StepState::compensated, "compensated"},
    {StepState::skipped, "skipped"},
}};

template <class Names, class Value>
std::string_view name_of(const Names& names, Value value) {
  for (const auto& [known, name] : names) {
    if (known == value) return name;
  }
  throw Error(ErrorKind::bug, "UNKNOWN_STATE", "a state without a name");
}

template <class Names>
auto value_of(const Names& names, std::string_view text) {
  for (const auto& [value, name] : names) {
    if (name == text) return value;
  }
  throw Error(ErrorKind::bug, "UNKNOWN_STATE", "no state is called '" + std::string(text) + "'");
}

}  // namespace

std::string_view to_string(OperationState state) { return name_of(kOperationStates, state); }
OperationState operation_state_from(std::string_view text) {
  return value_of(kOperationStates, text);
}
std::string_view to_string(StepState state) { return name_of(kStepStates, state); }
StepState step_state_from(std::string_view text) { return value_of(kStepStates, text); }

}  // namespace bdrmesh
