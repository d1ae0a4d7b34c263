// What every outward call gets: how long it may take and who may stop it.
#pragma once

#include <stop_token>

#include "base/clock.h"

namespace bdrmesh {

struct Call {
  MonoTime deadline = MonoTime::max();
  std::stop_token stop;

  /// The same call with a deadline at most `limit` from `now`; never later than its own.
  Call within(MonoTime now, Millis limit) const {
    const MonoTime nearer = now + limit;
    return Call{nearer < deadline ? nearer : deadline, stop};
  }
};

}  // namespace bdrmesh
