#include "chaos/player.h"

#include <algorithm>
#include <cstdio>

#include "lab/fault/fault_words.h"

namespace bdrmesh::chaos {

Millis Player::elapsed() const {
  return std::chrono::duration_cast<Millis>(clock_.mono() - begin_);
}

void Player::say(const std::string& what) {
  const std::lock_guard lock(mutex_);
  char time[32];
  std::snprintf(time, sizeof time, "%8.1fs  ", static_cast<double>(elapsed().count()) / 1000);
  tell_(time + what);
}

void Player::wait_until(Millis at) const { clock_.wait_until(begin_ + at, std::stop_token{}); }

void Player::play(const std::vector<Act>& script) {
  begin_ = clock_.mono();
  std::jthread person([this](const std::stop_token& stop) { live_as_person(stop); });
  for (const Act& act : script) {
    undo_due(act.at);
    wait_until(act.at);
    perform(act);
  }
  undo_due(Millis::max() / 2);
}

void Player::live_as_person(const std::stop_token& stop) {
  for (;;) {
    Act errand;
    {
      std::unique_lock lock(mutex_);
      if (!called_.wait(lock, stop, [this] { return !errands_.empty(); })) return;
      errand = errands_.front();
      errands_.pop_front();
    }
    say(describe(errand) + ": " + person_.act(errand.words));
  }
}

void Player::perform(const Act& act) {
  static constexpr std::size_t kPatience = 3;
  if (act.actor == Actor::person) {
    const std::lock_guard lock(mutex_);
    if (errands_.size() < kPatience) errands_.push_back(act);
    called_.notify_one();
    return;
  }
  say(describe(act) + ": " + (act.actor == Actor::daemon ? perform_daemon(act) : perform_lab(act)));
}

std::string Player::perform_daemon(const Act& act) {
  const std::string& what = act.words.front();
  const auto start = [this] { return arena_.start_daemon() ? "started" : "did not start"; };
  if (what == "second") {
    const int code = arena_.second_daemon();
    return "exit code " + std::to_string(code) + (code == 0 ? " (two daemons on one state!)" : "");
  }
  if (what == "suspend") {
    arena_.suspend_daemon();
    undo_later(act, [this] {
      arena_.continue_daemon();
      return "goes on";
    });
    return "stopped";
  }
  if (what == "kill") {
    arena_.kill_daemon();
    undo_later(act, start);
    return "dead";
  }
  // A rescue by somebody who takes the manager for dead: rightly, or not.
  const bool rightly = what == "kill-and-rescue";
  rightly ? arena_.kill_daemon() : arena_.suspend_daemon();
  const int code = arena_.rescue().exit_code;
  undo_later(act, [this, rightly, start]() -> std::string {
    if (rightly) return start();
    arena_.continue_daemon();
    arena_.get("/health");
    arena_.end_daemon();
    return start();
  });
  return "rescue ended with " + std::to_string(code);
}

std::string Player::perform_lab(const Act& act) {
  const Reply reply = arena_.order(act.words);
  if (!reply.ok()) return reply.text();
  const std::string undo = get_or<std::string>(reply.body, "undo", "");
  const std::vector<std::string> words = lab::fault::split_words(undo);
  if (!words.empty() && act.lasts.count() > 0) {
    undo_later(act, [this, words] { return arena_.order(words).text(); });
  }
  return "done";
}

void Player::undo_later(const Act& act, std::function<std::string()> undo) {
  undos_.push_back({elapsed() + act.lasts, "end of " + describe(act), std::move(undo)});
}

/// Undoes, each at its time, what is due up to `until`.
void Player::undo_due(Millis until) {
  while (!undos_.empty()) {
    const auto next = std::ranges::min_element(undos_, {}, &Undo::due);
    if (next->due > until) return;
    wait_until(next->due);
    const Undo undo = *next;
    undos_.erase(next);
    say(undo.what + ": " + undo.act());
  }
}

}  // namespace bdrmesh::chaos
