#include "lab/play/random_player.h"

#include <algorithm>

#include "base/error.h"

namespace bdrmesh::lab::play {

Millis RandomPlayer::elapsed() const {
  return std::chrono::duration_cast<Millis>(clock_.mono() - begin_);
}

void RandomPlayer::say(const std::string& what) const {
  std::string time = std::to_string(elapsed().count() / 1000) + "s";
  if (time.size() < 7) time.insert(0, 7 - time.size(), ' ');
  tell_(time + "  " + what);
}

void RandomPlayer::play(const std::vector<Mishap>& plan, const std::stop_token& stop) {
  begin_ = clock_.mono();
  for (const Mishap& mishap : plan) {
    undo_due(mishap.at, stop);
    if (!clock_.wait_until(begin_ + mishap.at, stop)) break;
    order(mishap);
  }
  if (!stop.stop_requested()) undo_due(Millis::max() / 2, stop);
  for (const Undo& left : undos_) undo(left.words);
  undos_.clear();
}

void RandomPlayer::order(const Mishap& mishap) {
  Count& count = counts_[mishap.words.front()];
  try {
    const Json answer = stage_.order(mishap.words);
    ++count.done;
    say(fault::joined(mishap.words));
    const auto words = fault::split_words(get_or<std::string>(answer, "undo", ""));
    if (words.empty()) return;
    undos_.push_back({elapsed() + mishap.lasts, words});
  } catch (const Error& e) {
    ++count.refused;
    say(fault::joined(mishap.words) + "  (refused: " + e.message() + ")");
  }
}

/// Undoes, each at its time, what is due up to `until`.
void RandomPlayer::undo_due(Millis until, const std::stop_token& stop) {
  while (!undos_.empty()) {
    const auto next = std::ranges::min_element(undos_, {}, &Undo::due);
    if (next->due > until || !clock_.wait_until(begin_ + next->due, stop)) return;
    const fault::Words words = next->words;
    undos_.erase(next);
    undo(words);
  }
}

void RandomPlayer::undo(const fault::Words& words) {
  try {
    stage_.order(words);
    say(fault::joined(words));
  } catch (const Error& e) {
    // The board keeps it in force: the final heal tries again.
    say(fault::joined(words) + "  (refused: " + e.message() + ")");
  }
}

}  // namespace bdrmesh::lab::play
