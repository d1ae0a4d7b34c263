// When each operation wants to be looked at next. Not thread-safe.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace bdrmesh {

class DueTimes {
 public:
  /// Replaces an earlier time; MonoTime::max() means never.
  void set(const std::string& operation, MonoTime when);
  void forget(const std::string& operation);
  /// MonoTime::max() when nothing is due.
  MonoTime next() const;
  /// Those whose time has come; each is forgotten.
  std::vector<std::string> take_due(MonoTime now);

 private:
  std::set<std::pair<MonoTime, std::string>> by_time_;
  std::map<std::string, MonoTime> by_operation_;
};

}  // namespace bdrmesh
