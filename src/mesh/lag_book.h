// How far behind links were, minute by minute. The recorder puts samples together; what must last
// goes to a book that the state file implements. The recorder is used by one thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "mesh/judge/link_verdict.h"
#include "model/link.h"

namespace bdrmesh {

struct LagMinute {
  GroupName group;
  Link link;
  WallTime at;  ///< begin of the minute
  Millis most{0};
  Millis sum{0};  ///< of the samples that have a lag
  std::int64_t samples = 0;
  std::int64_t standing = 0;  ///< samples at which the link did not move
};

/// Implementations are durable when they return; called by one thread.
class LagBook {
 public:
  virtual ~LagBook() = default;
  virtual void add(const std::vector<LagMinute>& minutes) = 0;
};

class LagRecorder {
 public:
  /// What is unknown is no sample.
  void sample(const GroupName& group, const Link& link, const LinkVerdict& verdict, WallTime now);
  /// The minutes that were over at `now`, each once.
  std::vector<LagMinute> take_ended(WallTime now);

 private:
  std::map<std::string, LagMinute> open_;  // by group and link
  std::vector<LagMinute> ended_;
};

}  // namespace bdrmesh
