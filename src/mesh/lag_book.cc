#include "mesh/lag_book.h"

#include <algorithm>
#include <utility>

namespace bdrmesh {
namespace {

constexpr std::int64_t kMinute = 60'000;

WallTime minute_of(WallTime now) {
  const std::int64_t millis = to_millis(now);
  return from_millis(millis - millis % kMinute);
}

}  // namespace

void LagRecorder::sample(const GroupName& group, const Link& link, const LinkVerdict& verdict,
                         WallTime now) {
  if (verdict.word == "unknown" || verdict.word == "missing") return;
  const WallTime minute = minute_of(now);
  LagMinute fresh;
  fresh.group = group;
  fresh.link = link;
  fresh.at = minute;
  LagMinute& open = open_.try_emplace(group.value() + " " + to_string(link), fresh).first->second;
  if (open.at != minute) ended_.push_back(std::exchange(open, fresh));
  const Millis lag = std::max(verdict.lag.value_or(Millis{0}), Millis{0});
  open.most = std::max(open.most, lag);
  open.sum += lag;
  ++open.samples;
  if (verdict.word != "moving" && verdict.word != "slow") ++open.standing;
}

std::vector<LagMinute> LagRecorder::take_ended(WallTime now) {
  const WallTime minute = minute_of(now);
  for (auto one = open_.begin(); one != open_.end();) {
    if (one->second.at == minute) {
      ++one;
      continue;
    }
    ended_.push_back(std::move(one->second));
    one = open_.erase(one);
  }
  return std::exchange(ended_, {});
}

}  // namespace bdrmesh
