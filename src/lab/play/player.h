// Plays a scenario: line after line, repeated ones in between, and tells what happens as it goes.
// One thread.
#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include "lab/play/scenario.h"
#include "lab/play/stagehand.h"

namespace bdrmesh::lab::play {

class Player {
 public:
  using Tell = std::function<void(const std::string& line)>;

  Player(const Clock& clock, Stagehand& stage, Tell tell)
      : clock_(clock), stage_(stage), tell_(std::move(tell)) {}

  /// Blocks until the last line is done, or the first expectation fails, or `stop`.
  /// @return whether every line did what it should.
  bool play(const Scenario& scenario, const std::stop_token& stop = {});

 private:
  struct Repeated {
    const Step* step;
    Millis next;
  };

  bool wait_until(Millis when, const std::stop_token& stop);
  bool perform(const Step& step, const std::stop_token& stop);
  bool expect(const Action& action, const std::stop_token& stop);
  std::string unmet(const Action& action);
  Millis elapsed() const;
  void say(const Step& step, const std::string& what) const;

  const Clock& clock_;
  Stagehand& stage_;
  Tell tell_;
  MonoTime begin_;
  std::vector<Repeated> repeated_;
};

}  // namespace bdrmesh::lab::play
