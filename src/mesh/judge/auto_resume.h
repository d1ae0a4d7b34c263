// When a changefeed that failed is resumed without a person: only for causes that pass by
// themselves, never one that somebody paused, with growing pauses between the tries. Decides only.
// One thread.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "mesh/judge/feed_errors.h"
#include "mesh/judge/link_verdict.h"
#include "model/link.h"

namespace bdrmesh {

class AutoResume {
 public:
  struct Options {
    Millis settle{10'000};    ///< it must have failed for so long
    Millis first{30'000};     ///< between the first and the second try; doubled each time
    Millis most{600'000};     ///< between two tries at most
    Millis forgive{600'000};  ///< whoever moved for so long begins anew
  };
  struct Try {
    int number = 1;
    Millis next{0};  ///< when it fails again, the next one is not before
    std::string why;
  };

  AutoResume() : AutoResume(Options{}) {}
  explicit AutoResume(Options options) : options_(options) {}

  /// To be asked again and again. @return the try to make now, which counts as made.
  std::optional<Try> due(const GroupName& group, const Link& link, const LinkVerdict& verdict,
                         const std::optional<ErrorMeaning>& error, WallTime now);
  /// The try could not even be made (something else is at work there): it does not count.
  void not_made(const GroupName& group, const Link& link, WallTime now);

  /// Whether a cause passes by itself, so that resuming can neither lose rows nor hide anything.
  static bool is_harmless(const ErrorMeaning& error);

 private:
  struct State {
    std::optional<WallTime> failed_since;
    std::optional<WallTime> well_since;
    std::optional<WallTime> not_before;
    int tries = 0;
  };
  Millis pause_after(int tries) const;

  Options options_;
  std::map<std::string, State> states_;
};

}  // namespace bdrmesh
