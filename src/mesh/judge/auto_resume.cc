#include "mesh/judge/auto_resume.h"

#include <algorithm>
#include <array>

namespace bdrmesh {
namespace {

std::string key_of(const GroupName& group, const Link& link) {
  return group.value() + " " + to_string(link);
}

}  // namespace

bool AutoResume::is_harmless(const ErrorMeaning& error) {
  // The rest needs a person: credentials, tables, DDL, configuration and conflicts do not mend
  // themselves, and what lost its history must be looked at before anything moves.
  static constexpr std::array kPassing{"network", "upstream", "sink", "lock", "storage"};
  return error.resume_helps && std::ranges::find(kPassing, error.area) != kPassing.end();
}

Millis AutoResume::pause_after(int tries) const {
  Millis pause = options_.first;
  for (int i = 1; i < tries && pause < options_.most; ++i) pause *= 2;
  return std::min(pause, options_.most);
}

std::optional<AutoResume::Try> AutoResume::due(const GroupName& group, const Link& link,
                                               const LinkVerdict& verdict,
                                               const std::optional<ErrorMeaning>& error,
                                               WallTime now) {
  State& state = states_[key_of(group, link)];
  if (verdict.word != "failed") {
    state.failed_since.reset();
    const bool well = verdict.word == "moving" || verdict.word == "slow";
    if (!well) state.well_since.reset();
    if (well && !state.well_since) state.well_since = now;
    if (well && now - *state.well_since >= options_.forgive) state = {};
    return std::nullopt;
  }
  state.well_since.reset();
  if (!state.failed_since) state.failed_since = now;
  if (!error || !is_harmless(*error)) return std::nullopt;
  if (now - *state.failed_since < options_.settle) return std::nullopt;
  if (state.not_before && now < *state.not_before) return std::nullopt;
  ++state.tries;
  const Millis pause = pause_after(state.tries);
  state.not_before = now + pause;
  return Try{state.tries, pause, error->meaning};
}

void AutoResume::not_made(const GroupName& group, const Link& link, WallTime now) {
  State& state = states_[key_of(group, link)];
  state.tries = std::max(0, state.tries - 1);
  state.not_before = now + options_.settle;
}

}  // namespace bdrmesh
