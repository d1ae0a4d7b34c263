// A world of named things that are set or not, and steps that set them: what the engine's tests run
// on. Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "engine/registry.h"

namespace bdrmesh::toy {

/// Replaces single methods of the step of one thing. What is left empty does the plain thing.
struct Behaviour {
  std::function<Verdict(StepContext&)> precondition;
  std::function<Verdict(StepContext&)> verify;
  std::function<void(StepContext&)> execute;
  std::function<void(StepContext&)> compensate;
  std::function<Crossing(StepContext&)> crossed;
};

class World {
 public:
  void set(const std::string& thing) {
    const std::lock_guard lock(mutex_);
    things_.insert(thing);
    ++times_set_[thing];
    log_.push_back("+" + thing);
  }
  void unset(const std::string& thing) {
    const std::lock_guard lock(mutex_);
    if (things_.erase(thing) != 0) log_.push_back("-" + thing);
  }
  bool has(const std::string& thing) const {
    const std::lock_guard lock(mutex_);
    return things_.contains(thing);
  }
  std::set<std::string> things() const {
    const std::lock_guard lock(mutex_);
    return things_;
  }
  int times_set(const std::string& thing) const {
    const std::lock_guard lock(mutex_);
    const auto found = times_set_.find(thing);
    return found == times_set_.end() ? 0 : found->second;
  }
  /// "+gate" and "-gate" in the order in which they happened.
  std::vector<std::string> log() const {
    const std::lock_guard lock(mutex_);
    return log_;
  }

  /// Only before a runner starts.
  Behaviour& behaviour(const std::string& thing) { return behaviours_[thing]; }

  /// Knows the step type "set".
  StepRegistry registry();

 private:
  mutable std::mutex mutex_;  ///< guards everything below
  std::set<std::string> things_;
  std::map<std::string, int> times_set_;
  std::vector<std::string> log_;
  std::map<std::string, Behaviour> behaviours_;
};

class SetStep final : public Step {
 public:
  SetStep(World& world, const Behaviour& own, std::string thing)
      : world_(world), own_(own), thing_(std::move(thing)) {}

  std::string name() const override { return "set:" + thing_; }
  Verdict precondition(StepContext& ctx) override {
    return own_.precondition ? own_.precondition(ctx) : holds();
  }
  Verdict verify(StepContext& ctx) override {
    if (own_.verify) return own_.verify(ctx);
    return world_.has(thing_) ? holds() : not_yet(thing_ + " to be set");
  }
  void execute(StepContext& ctx) override {
    if (own_.execute) {
      own_.execute(ctx);
    } else {
      world_.set(thing_);
    }
  }
  void compensate(StepContext& ctx) override {
    if (own_.compensate) {
      own_.compensate(ctx);
    } else {
      world_.unset(thing_);
    }
  }
  Crossing crossed(StepContext& ctx) override {
    if (own_.crossed) return own_.crossed(ctx);
    return world_.has(thing_) ? Crossing::yes : Crossing::no;
  }

 private:
  World& world_;
  const Behaviour& own_;
  std::string thing_;
};

inline StepRegistry World::registry() {
  StepRegistry registry;
  registry.add("set", [this](const PlannedStep& planned) {
    const auto thing = get_required<std::string>(planned.args, "thing");
    const std::lock_guard lock(mutex_);
    return std::make_unique<SetStep>(*this, behaviours_[thing], thing);
  });
  return registry;
}

inline PlannedStep set(const std::string& thing, const std::string& target = "east",
                       LaneKind lane = LaneKind::work) {
  PlannedStep step;
  step.type = "set";
  step.target = target;
  step.args["thing"] = thing;
  step.lane = lane;
  return step;
}

}  // namespace bdrmesh::toy
