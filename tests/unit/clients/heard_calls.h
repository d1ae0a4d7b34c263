// An observer that remembers what it was told.
#pragma once

#include <algorithm>
#include <mutex>
#include <string>
#include <vector>

#include "base/call.h"

namespace bdrmesh::test {

class HeardCalls final : public CallObserver {
 public:
  void ended(const OutwardCall& call) override {
    const std::lock_guard lock(mutex_);
    calls_.push_back(call);
  }
  std::vector<OutwardCall> all() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  /// "what: answer" of each, in order.
  std::vector<std::string> told() const {
    std::vector<std::string> lines;
    for (const auto& call : all()) lines.push_back(call.what + ": " + call.answer);
    return lines;
  }
  bool mentions(const std::string& text) const {
    const auto calls = all();
    return std::any_of(calls.begin(), calls.end(), [&](const OutwardCall& call) {
      return (call.target + call.what + call.answer).find(text) != std::string::npos;
    });
  }

 private:
  mutable std::mutex mutex_;  ///< guards calls_
  std::vector<OutwardCall> calls_;
};

}  // namespace bdrmesh::test
