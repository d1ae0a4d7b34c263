#include "lab/play/player.h"

#include <algorithm>

#include "base/error.h"
#include "lab/play/load_words.h"

namespace bdrmesh::lab::play {
namespace {

constexpr Millis kBetweenLooks{200};

std::string seconds(Millis time) {
  const std::string tenths = std::to_string(time.count() % 1000 / 100);
  std::string text = std::to_string(time.count() / 1000) + "." + tenths + "s";
  if (text.size() < 8) text.insert(0, 8 - text.size(), ' ');
  return text;
}

}  // namespace

Millis Player::elapsed() const {
  return std::chrono::duration_cast<Millis>(clock_.mono() - begin_);
}

void Player::say(const Step& step, const std::string& what) const {
  tell_(seconds(elapsed()) + "  line " + std::to_string(step.line) + ": " + step.text +
        (what.empty() ? "" : "  -> " + what));
}

bool Player::play(const Scenario& scenario, const std::stop_token& stop) {
  begin_ = clock_.mono();
  repeated_.clear();
  for (const Step& step : scenario) {
    if (step.every) {
      repeated_.push_back({&step, elapsed() + *step.every});
      continue;
    }
    if (!wait_until(step.at.value_or(Millis{0}), stop)) return false;
    if (!perform(step, stop)) return false;
  }
  return !stop.stop_requested();
}

/// Repeated lines happen while others wait. @return false when one of them failed, or stopped.
bool Player::wait_until(Millis when, const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto next = std::ranges::min_element(repeated_, {}, &Repeated::next);
    if (next == repeated_.end() || next->next > when) break;
    if (!clock_.wait_until(begin_ + next->next, stop)) return false;
    const Step& step = *next->step;
    next->next += *step.every;
    if (step.until && next->next > *step.until) repeated_.erase(next);
    if (!perform(step, stop)) return false;
  }
  return clock_.wait_until(begin_ + when, stop);
}

bool Player::perform(const Step& step, const std::stop_token& stop) {
  const Action& action = step.action;
  try {
    std::string told;
    switch (action.kind) {
      case Action::Kind::wait:
        say(step, "");
        return wait_until(elapsed() + action.patience, stop);
      case Action::Kind::fault:
        told = get_or<std::string>(stage_.order(action.words), "did", "");
        break;
      case Action::Kind::load_start:
        stage_.start_load(read_load_words(action.words));
        break;
      case Action::Kind::load_stop:
        stage_.stop_load();
        break;
      case Action::Kind::mesh:
        stage_.make_mesh();
        break;
      case Action::Kind::sql:
        told = stage_.sql(action.cluster, action.statement);
        break;
      case Action::Kind::say:
        break;
      case Action::Kind::expect_nothing_lost:
      case Action::Kind::expect_feeds:
      case Action::Kind::expect_sql: {
        const bool met = expect(action, stop);
        say(step, met ? "holds" : "DOES NOT HOLD: " + unmet(action));
        return met;
      }
    }
    say(step, told);
    return true;
  } catch (const Error& e) {
    say(step, "FAILED: " + e.message() + " [" + e.code() + "]");
    return false;
  }
}

bool Player::expect(const Action& action, const std::stop_token& stop) {
  if (action.kind == Action::Kind::expect_nothing_lost) {
    return stage_.lost(action.patience).empty();
  }
  const MonoTime deadline = clock_.mono() + action.patience;
  while (!unmet(action).empty()) {
    if (clock_.mono() >= deadline || !clock_.wait_for(kBetweenLooks, stop)) return false;
  }
  return true;
}

/// Why the expectation does not hold now; empty when it does.
std::string Player::unmet(const Action& action) {
  try {
    if (action.kind == Action::Kind::expect_nothing_lost) return stage_.lost(Millis{0});
    if (action.kind == Action::Kind::expect_sql) {
      const std::string seen = stage_.sql(action.cluster, action.statement);
      return seen == action.wanted ? "" : "it is '" + seen + "'";
    }
    std::string others;
    for (const std::string& feed : stage_.feed_states()) {
      if (!feed.ends_with(" " + action.wanted)) others += (others.empty() ? "" : ", ") + feed;
    }
    return others;
  } catch (const Error& e) {
    return e.message();  // a part may be dead just now
  }
}

}  // namespace bdrmesh::lab::play
