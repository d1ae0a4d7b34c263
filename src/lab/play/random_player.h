// Plays random faults: each is ordered at its time, and undone with what the lab itself says.
// One thread.
#pragma once

#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "lab/play/player.h"
#include "lab/play/random_plan.h"

namespace bdrmesh::lab::play {

class RandomPlayer {
 public:
  RandomPlayer(const Clock& clock, Stagehand& stage, Player::Tell tell)
      : clock_(clock), stage_(stage), tell_(std::move(tell)) {}

  /// Blocks until the plan is through or `stop`; whatever was ordered is undone in both cases.
  void play(const std::vector<Mishap>& plan, const std::stop_token& stop);

  struct Count {
    int done = 0;
    int refused = 0;  ///< by the lab, as a feed was not there or a part already dead
  };
  /// By the fault's name.
  const std::map<std::string, Count>& counts() const { return counts_; }

 private:
  struct Undo {
    Millis due;
    fault::Words words;
  };

  void order(const Mishap& mishap);
  void undo_due(Millis until, const std::stop_token& stop);
  void undo(const fault::Words& words);
  void say(const std::string& what) const;
  Millis elapsed() const;

  const Clock& clock_;
  Stagehand& stage_;
  Player::Tell tell_;
  MonoTime begin_;
  std::vector<Undo> undos_;
  std::map<std::string, Count> counts_;
};

}  // namespace bdrmesh::lab::play
