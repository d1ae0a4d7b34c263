#include "lab/backup/backup_queue.h"

#include <algorithm>

namespace bdrmesh::lab {

namespace {
constexpr Millis kPoll{5};
constexpr Millis kShown{30 * 60'000};
constexpr Millis kBetweenClearings{10 * 60'000};
}  // namespace

std::uint64_t BackupQueue::enter(BackupTask task) {
  const std::lock_guard lock(mutex_);
  clear(task.server);
  task.id = next_++;
  task.queued = clock_.now();
  tasks_.push_back(std::move(task));
  return tasks_.back().id;
}

void BackupQueue::clear(std::size_t server) {
  const WallTime now = clock_.now();
  const auto last = cleared_.find(server);
  if (last != cleared_.end() && now - last->second < kBetweenClearings) return;
  cleared_[server] = now;
  std::erase_if(tasks_, [&](const BackupTask& old) {
    return old.server == server && old.finished && now - *old.finished > kShown;
  });
  for (BackupTask& task : tasks_) {
    if (task.server == server && !task.finished) task.forgotten = true;
  }
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
    task.state = message.empty() ? "Done" : task.started ? "Failed" : "Wait Canceled";
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

std::vector<BackupTask> BackupQueue::list(std::size_t server, bool restores) {
  const std::lock_guard lock(mutex_);
  std::vector<BackupTask> mine;
  for (const BackupTask& task : tasks_) {
    if (task.server != server || task.restores != restores || task.forgotten) continue;
    mine.push_back(task);
    if (task.started) continue;
    mine.back().finished.reset();
    mine.back().message.clear();
  }
  clear(server);
  return mine;
}

}  // namespace bdrmesh::lab
