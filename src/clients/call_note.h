// Tells a call's observer, if there is one, how one outward call ended and how long it took.
#pragma once

#include <chrono>
#include <string>
#include <utility>

#include "base/call.h"
#include "base/clock.h"

namespace bdrmesh {

class CallNote {
 public:
  /// The call begins now. `target` and `what` never hold values or secrets.
  CallNote(const Call& call, const Clock& clock, std::string target, std::string what)
      : observer_(call.observer), clock_(clock) {
    if (observer_ == nullptr) return;
    note_.at = clock.now();
    note_.target = std::move(target);
    note_.what = std::move(what);
    began_ = clock.mono();
  }

  /// The call has ended: "ok", an HTTP status, or an error code.
  void answered(std::string answer) {
    if (observer_ == nullptr) return;
    note_.took = std::chrono::duration_cast<Millis>(clock_.mono() - began_);
    note_.answer = std::move(answer);
    observer_->ended(note_);
  }

 private:
  CallObserver* observer_;
  const Clock& clock_;
  OutwardCall note_;
  MonoTime began_;
};

}  // namespace bdrmesh
