// The book of links in memory. Thread-safe.
#pragma once

#include <algorithm>
#include <mutex>
#include <vector>

#include "mesh/link_book.h"

namespace bdrmesh::fakes {

class MemoryLinkBook final : public LinkBook {
 public:
  std::vector<LinkIncarnation> incarnations(const GroupName& group) const override {
    const std::lock_guard lock(mutex_);
    std::vector<LinkIncarnation> found;
    std::ranges::copy_if(all_, std::back_inserter(found),
                         [&](const LinkIncarnation& one) { return one.group == group; });
    return found;
  }

  /// As if the state file had been lost.
  void forget() {
    const std::lock_guard lock(mutex_);
    all_.clear();
  }

  void put(const LinkIncarnation& incarnation) override {
    const std::lock_guard lock(mutex_);
    for (LinkIncarnation& one : all_) {
      if (one.changefeed != incarnation.changefeed) continue;
      one = incarnation;
      return;
    }
    all_.push_back(incarnation);
  }

  void proven(const GroupName& group, const Link& link, const ChangefeedId& changefeed, Tso tso,
              WallTime at) override {
    const std::lock_guard lock(mutex_);
    for (LinkIncarnation& one : all_) {
      if (one.group != group || one.link != link || one.changefeed != changefeed ||
          one.proven > tso)
        continue;
      one.proven = tso;
      one.proven_at = at;
    }
  }

 private:
  mutable std::mutex mutex_;  ///< guards all_
  std::vector<LinkIncarnation> all_;
};

}  // namespace bdrmesh::fakes
