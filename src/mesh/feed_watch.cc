#include "mesh/feed_watch.h"

namespace bdrmesh {
namespace {

constexpr Millis kSpeedOver{10000};  ///< long enough to even out single steps of a checkpoint
constexpr Millis kSpeedFrom{3000};

double seconds_between(WallTime from, WallTime to) {
  return std::chrono::duration<double>(to - from).count();
}

}  // namespace

void FeedWatch::move(const FeedSummary& feed, WallTime now) {
  auto& samples = samples_[feed.id];
  samples.push_back({now, feed.checkpoint});
  while (samples.size() > 2 && samples[1].at <= now - kSpeedOver) samples.pop_front();

  const auto known = movements_.find(feed.id);
  if (known == movements_.end()) {
    movements_[feed.id] = Movement{feed.checkpoint, now, std::nullopt, feed.state, now, now};
    return;
  }
  Movement& movement = known->second;
  if (movement.checkpoint != feed.checkpoint) {
    movement.checkpoint = feed.checkpoint;
    movement.since = now;
  }
  if (movement.state != feed.state) {
    movement.state = feed.state;
    movement.state_since = now;
  }
  const Sample& first = samples.front();
  movement.speed.reset();
  if (now - first.at >= kSpeedFrom && first.checkpoint.is_set()) {
    const double passed = seconds_between(first.checkpoint.time(), feed.checkpoint.time());
    movement.speed = passed / seconds_between(first.at, now);
  }
}

std::shared_ptr<const FeedSheet> FeedWatch::saw(const FeedSheet& fresh, WallTime now) {
  auto sheet = std::make_shared<FeedSheet>(fresh);
  if (last_) {
    for (const auto& [id, before] : last_->feeds) {
      const auto found = sheet->feeds.find(id);
      if (found != sheet->feeds.end()) {
        if (!found->second.checkpoint.is_set()) found->second.checkpoint = before.checkpoint;
        continue;
      }
      const WallTime since = missing_since_.try_emplace(id, now).first->second;
      if (now - since < kLingers) sheet->feeds.emplace(id, before);
    }
  }
  std::erase_if(missing_since_, [&](const auto& one) {
    return fresh.feeds.contains(one.first) || !sheet->feeds.contains(one.first);
  });
  const auto is_gone = [&](const auto& one) { return !sheet->feeds.contains(one.first); };
  std::erase_if(movements_, is_gone);
  std::erase_if(samples_, is_gone);
  for (const auto& [id, feed] : sheet->feeds) move(feed, now);
  sheet->at = now;
  last_ = sheet;
  return sheet;
}

std::shared_ptr<const FeedSheet> FeedWatch::missed(WallTime now) const {
  return last_ && now - last_->at < kPassing ? last_ : nullptr;
}

}  // namespace bdrmesh
