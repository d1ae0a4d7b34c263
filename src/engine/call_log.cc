#include "engine/call_log.h"

#include <utility>

namespace bdrmesh {
namespace {

bool alike(const CallRecord& a, const CallRecord& b) {
  return a.what == b.what && a.target == b.target && a.answer == b.answer && a.during == b.during &&
         a.step == b.step;
}

}  // namespace

void CallLog::add(CallRecord call) {
  std::vector<std::size_t> same;
  for (std::size_t i = 0; i < kept_.size(); ++i) {
    if (alike(kept_[i], call)) same.push_back(i);
  }
  if (same.size() > kLastKept) count_instead(same[1], same[0]);
  if (kept_.size() >= kMost) count_instead(kMost / 2, kMost / 2 - 1);
  kept_.push_back(std::move(call));
}

void CallLog::count_instead(std::size_t index, std::size_t keeper) {
  kept_[keeper].left_out += 1 + kept_[index].left_out;
  kept_.erase(kept_.begin() + static_cast<std::ptrdiff_t>(index));
}

std::vector<CallRecord> CallLog::take() { return std::exchange(kept_, {}); }

}  // namespace bdrmesh
