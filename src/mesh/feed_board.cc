#include "mesh/feed_board.h"

namespace bdrmesh {

std::optional<FeedSummary> FeedSheet::find(const ChangefeedId& id) const {
  const auto found = feeds.find(id);
  if (found == feeds.end()) return std::nullopt;
  return found->second;
}

FeedBoard::Slot& FeedBoard::slot_of(const ClusterName& cluster) {
  const std::scoped_lock lock(mutex_);
  return slots_[cluster];
}

std::shared_ptr<const FeedSheet> FeedBoard::look(const ClusterName& cluster, MonoTime not_before,
                                                 const Call& call) {
  Slot& slot = slot_of(cluster);
  const std::scoped_lock lock(slot.asking);
  if (slot.sheet && slot.sheet->asked >= not_before) return slot.sheet;
  auto sheet = std::make_shared<FeedSheet>();
  sheet->asked = clock_.mono();
  for (FeedSummary& feed : world_.ticdc(cluster).list(call)) {
    ChangefeedId id = feed.id;
    sheet->feeds.emplace(std::move(id), std::move(feed));
  }
  sheet->at = clock_.now();
  slot.sheet = sheet;
  return sheet;
}

void FeedBoard::forget(const ClusterName& cluster) {
  Slot& slot = slot_of(cluster);
  const std::scoped_lock lock(slot.asking);
  slot.sheet.reset();
}

}  // namespace bdrmesh
