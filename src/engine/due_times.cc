#include "engine/due_times.h"

namespace bdrmesh {

void DueTimes::set(const std::string& operation, MonoTime when) {
  forget(operation);
  if (when == MonoTime::max()) return;
  by_operation_[operation] = when;
  by_time_.insert({when, operation});
}

void DueTimes::forget(const std::string& operation) {
  const auto known = by_operation_.find(operation);
  if (known == by_operation_.end()) return;
  by_time_.erase({known->second, operation});
  by_operation_.erase(known);
}

MonoTime DueTimes::next() const {
  return by_time_.empty() ? MonoTime::max() : by_time_.begin()->first;
}

std::vector<std::string> DueTimes::take_due(MonoTime now) {
  std::vector<std::string> due;
  while (!by_time_.empty() && by_time_.begin()->first <= now) {
    due.push_back(by_time_.begin()->second);
    by_operation_.erase(due.back());
    by_time_.erase(by_time_.begin());
  }
  return due;
}

}  // namespace bdrmesh
