#include "lab/backup/backup_queue.h"

#include <algorithm>

namespace bdrmesh::lab {

namespace {
constexpr Millis kPoll{5};
constexpr Millis kShown{30 * 60'000};
}  // namespace

std::uint64_t BackupQueue::enter(BackupTask task) {
  const std::lock_guard lock(mutex_);
  const WallTime now = clock_.now();
  std::erase_if(
      tasks_, [&](const BackupTask& old) { return old.finished && now - *old.finished > kShown; });
  task.id = next_++;
  task.queued = now;
  tasks_.push_back(std::move(task));
  return tasks_.back().id;
}

bool BackupQueue::wait_turn(std::uint64_t id, const std::function<bool()>& give_up) {
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      const BackupTask* mine = find(id);
      const bool is_first =
          std::none_of(tasks_.begin(), tasks_.end(), [&](const BackupTask& other) {
            return other.server == mine->server && !other.finished && other.id < id;
          });
      if (is_first) return true;
    }
    if (give_up()) return false;
    clock_.wait_for(kPoll, {});
  }
}

void BackupQueue::update(std::uint64_t id, const std::function<void(BackupTask&)>& change) {
  const std::lock_guard lock(mutex_);
  for (BackupTask& task : tasks_) {
    if (task.id == id) change(task);
  }
}

void BackupQueue::finish(std::uint64_t id, const std::string& message) {
  const WallTime now = clock_.now();
  update(id, [&](BackupTask& task) {
    task.finished = now;
    task.state = message.empty() ? "Done" : "Failed";
    if (message.empty()) task.progress = 100;
    task.message = message;
  });
}

const BackupTask* BackupQueue::find(std::uint64_t id) const {
  const auto found = std::find_if(tasks_.begin(), tasks_.end(),
                                  [&](const BackupTask& task) { return task.id == id; });
  return found == tasks_.end() ? nullptr : &*found;
}

BackupTask BackupQueue::task(std::uint64_t id) const {
  const std::lock_guard lock(mutex_);
  const BackupTask* found = find(id);
  return found == nullptr ? BackupTask{} : *found;
}

std::vector<BackupTask> BackupQueue::list(std::size_t server, bool restores) const {
  const std::lock_guard lock(mutex_);
  std::vector<BackupTask> mine;
  for (const BackupTask& task : tasks_) {
    if (task.server == server && task.restores == restores) mine.push_back(task);
  }
  return mine;
}

}  // namespace bdrmesh::lab
