#include "lab/core/sessions.h"

namespace bdrmesh::lab {

void Sessions::add(SessionInfo info, Killer killer) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t id = info.id;
  entries_[id] = {std::move(info), std::move(killer)};
}

void Sessions::remove(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  entries_.erase(id);
}

void Sessions::update(std::uint64_t id, const std::function<void(SessionInfo&)>& change) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(id);
  if (found != entries_.end()) change(found->second.info);
}

std::optional<SessionInfo> Sessions::find(std::uint64_t id) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(id);
  if (found == entries_.end()) return std::nullopt;
  return found->second.info;
}

std::vector<SessionInfo> Sessions::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<SessionInfo> all;
  all.reserve(entries_.size());
  for (const auto& [id, entry] : entries_) all.push_back(entry.info);
  return all;
}

bool Sessions::kill(std::uint64_t id, bool whole) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(id);
  if (found == entries_.end()) return false;
  found->second.killer(whole);
  return true;
}

}  // namespace bdrmesh::lab
