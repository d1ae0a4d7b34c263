// Plays a script on an arena: acts at their times, undone when they have lasted. People act on a
// thread of their own: whoever waits for an answer delays no fault. Not thread-safe.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "chaos/arena.h"
#include "chaos/person.h"
#include "chaos/script.h"

namespace bdrmesh::chaos {

class Player {
 public:
  using Tell = std::function<void(const std::string&)>;

  Player(Arena& arena, Person& person, Tell tell)
      : arena_(arena), person_(person), tell_(std::move(tell)) {}

  void play(const std::vector<Act>& script);

 private:
  struct Undo {
    Millis due{0};
    std::string what;
    std::function<std::string()> act;
  };

  void perform(const Act& act);
  std::string perform_daemon(const Act& act);
  std::string perform_lab(const Act& act);
  void undo_later(const Act& act, std::function<std::string()> undo);
  void undo_due(Millis until);
  void wait_until(Millis at) const;
  void say(const std::string& what);
  void live_as_person(const std::stop_token& stop);
  Millis elapsed() const;

  Arena& arena_;
  Person& person_;
  Tell tell_;
  SystemClock clock_;
  MonoTime begin_{};
  std::vector<Undo> undos_;

  std::mutex mutex_;  ///< guards tell_ and errands_
  std::condition_variable_any called_;
  std::deque<Act> errands_;
};

}  // namespace bdrmesh::chaos
