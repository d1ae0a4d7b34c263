// A stage of paper: notes what is ordered and when, by a clock that turns as soon as somebody
// waits. One thread.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "lab/play/stagehand.h"

namespace bdrmesh::lab::play {

class FakeHands final : public Clock {
 public:
  WallTime now() const override { return WallTime{Millis{now_}}; }
  MonoTime mono() const override { return MonoTime{} + now_; }
  bool wait_until(MonoTime until, const std::stop_token& stop) const override {
    now_ = std::max(now_, std::chrono::duration_cast<Millis>(until - MonoTime{}));
    return !stop.stop_requested();
  }
  Millis passed() const { return now_; }

 private:
  mutable Millis now_{0};
};

class FakeStage final : public Stagehand {
 public:
  explicit FakeStage(const FakeHands& clock) : clock_(clock) {}

  Json order(const fault::Words& words) override {
    if (words.front() == refuses) {
      throw Error(ErrorKind::invalid, "LAB_NO_SUCH_FEED", "no such feed");
    }
    done.push_back(std::to_string(clock_.passed().count()) + " " + fault::joined(words));
    const bool is_act = words.front() == "move-owner" || words.front() == "undo";
    return {{"did", "done"}, {"undo", is_act ? "" : "undo " + fault::joined(words)}};
  }
  std::string sql(const std::string&, const std::string&) override { return sql_answer; }
  void start_load(const load::LoadOptions& options) override { load = options; }
  void stop_load() override {}
  void make_mesh() override {}
  std::vector<std::string> feed_states() override { return {}; }
  std::string lost(Millis) override { return lost_rows; }

  std::vector<std::string> done;  ///< `3000 kill east pd`
  std::string sql_answer;
  std::string lost_rows;
  std::string refuses;  ///< the name of a fault
  load::LoadOptions load;

 private:
  const FakeHands& clock_;
};

}  // namespace bdrmesh::lab::play
