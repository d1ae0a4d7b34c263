// What becomes of a feed that meets an error: which errors are final, how long it waits, how its
// error is worded (ticdc-api §2.1; measured.md §3 of the new architecture). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "lab/core/profile.h"
#include "lab/feed/feed_error.h"
#include "lab/feed/feed_worker.h"

namespace bdrmesh::lab {

enum class ErrorClass {
  retryable,     ///< tried again until the budget is used up
  unretryable,   ///< `failed` at once; still holds garbage collection
  history_lost,  ///< `failed` at once, and holds nothing any more
};
/// By the error's code, or the code that stands first in its text.
ErrorClass class_of(const FeedError& error);

/// The trouble that a feed is in. All times are of the cluster's clock.
struct FeedTrouble {
  std::uint64_t checkpoint = 0;         ///< where the feed stands since it began
  std::optional<MonoTime> since;        ///< not set while there is none
  std::optional<MonoTime> retry_at;     ///< waits until then without running
  std::optional<MonoTime> reported_at;  ///< new architecture: an error that is reported again
  Millis backoff{0};                    ///< the last pause

  void begin(std::uint64_t at_checkpoint, MonoTime now);
  /// The next pause: first 10 s, then twice the last one, at most 10 min.
  Millis next_pause(const FeedTimes& times);
  bool has_used_up(std::chrono::nanoseconds budget, MonoTime now) const {
    return since && now - *since > budget;
  }
};

/// The code of a feed that used up its budget; the last error's text stays (ticdc-api §2.1).
FeedError given_up(FeedError last, WallTime now);
/// The new architecture stores the cause in the text, and only whether it is worth a retry as code.
FeedError worded_for_new_arch(FeedError error);
/// What is left of a text that went through etcd: 100 characters (ticdc-api §2.1).
std::string cut_for_etcd(const std::string& message);

}  // namespace bdrmesh::lab
