#include "lab/core/ddl_jobs.h"

namespace bdrmesh::lab {

std::string_view to_string(JobState state) {
  switch (state) {
    case JobState::queueing:
      return "queueing";
    case JobState::running:
      return "running";
    case JobState::cancelling:
      return "cancelling";
    case JobState::done:
      return "done";
    case JobState::synced:
      return "synced";
    case JobState::cancelled:
      return "cancelled";
    case JobState::rollback_done:
      return "rollback done";
  }
  return "none";
}

bool is_final(JobState state) {
  return state == JobState::synced || state == JobState::cancelled ||
         state == JobState::rollback_done;
}

std::int64_t DdlJobs::add(DdlJob job) {
  const std::lock_guard lock(mutex_);
  job.id = ++next_;
  const std::int64_t id = job.id;
  jobs_.emplace(id, std::move(job));
  changed_.notify_all();
  return id;
}

std::int64_t DdlJobs::next_id() {
  const std::lock_guard lock(mutex_);
  return ++next_;
}

void DdlJobs::update(std::int64_t id, const std::function<void(DdlJob&)>& change) {
  const std::lock_guard lock(mutex_);
  const auto found = jobs_.find(id);
  if (found == jobs_.end()) return;
  change(found->second);
  changed_.notify_all();
}

std::optional<DdlJob> DdlJobs::find(std::int64_t id) const {
  const std::lock_guard lock(mutex_);
  const auto found = jobs_.find(id);
  if (found == jobs_.end()) return std::nullopt;
  return found->second;
}

void DdlJobs::forget(std::int64_t id) {
  const std::lock_guard lock(mutex_);
  jobs_.erase(id);
  changed_.notify_all();
}

std::vector<DdlJob> DdlJobs::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<DdlJob> all;
  all.reserve(jobs_.size());
  for (auto it = jobs_.rbegin(); it != jobs_.rend(); ++it) all.push_back(it->second);
  return all;
}

std::optional<DdlJob> DdlJobs::wait_final(std::int64_t id, MonoTime deadline,
                                          const std::stop_token& stop) const {
  std::unique_lock lock(mutex_);
  const auto final_now = [&] {
    const auto job = jobs_.find(id);
    return job == jobs_.end() || is_final(job->second.state);
  };
  // MonoTime::max() overflows in the library's wait; a day is as good as for ever.
  const MonoTime limit = std::min(deadline, MonoTime::clock::now() + std::chrono::hours(24));
  if (!changed_.wait_until(lock, stop, limit, final_now)) return std::nullopt;
  const auto found = jobs_.find(id);
  if (found == jobs_.end()) return std::nullopt;
  return found->second;
}

}  // namespace bdrmesh::lab
