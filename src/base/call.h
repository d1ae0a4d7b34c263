// What every outward call gets: how long it may take, who may stop it, and who notes how it ended.
#pragma once

#include <algorithm>
#include <stop_token>
#include <string>

#include "base/clock.h"

namespace bdrmesh {

/// One call that left this process, as noted when it ended. Holds no values and no secrets.
struct OutwardCall {
  WallTime at;         ///< when it began
  std::string target;  ///< "tidb 10.0.0.4:4000", "ticdc http://10.0.0.4:8300"
  std::string what;    ///< "GET /api/v2/changefeeds/{id}", or the name of a statement
  Millis took{0};
  std::string answer;  ///< "ok", an HTTP status, or an error code
};

/// Hears of outward calls. Must be quick, must not throw, and is called by the threads that make
/// the calls.
struct CallObserver {
  virtual ~CallObserver() = default;
  virtual void ended(const OutwardCall& call) = 0;
};

struct Call {
  MonoTime deadline = MonoTime::max();
  std::stop_token stop;
  CallObserver* observer = nullptr;  ///< lives as long as the call; nullptr: nobody listens

  /// The same call with a deadline at most `limit` from `now`; never later than its own.
  Call within(MonoTime now, Millis limit) const {
    return Call{std::min(deadline, now + limit), stop, observer};
  }
};

}  // namespace bdrmesh
