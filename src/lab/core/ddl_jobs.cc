#include "lab/core/ddl_jobs.h"

#include <algorithm>
#include <ranges>

namespace bdrmesh::lab {

std::string_view to_string(JobState state) {
  switch (state) {
    case JobState::queueing:
      return "queueing";
    case JobState::running:
      return "running";
    case JobState::rollingback:
      return "rollingback";
    case JobState::cancelling:
      return "cancelling";
    case JobState::pausing:
      return "pausing";
    case JobState::paused:
      return "paused";
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

int number_of(JobState state) {
  switch (state) {
    case JobState::running:
      return 1;
    case JobState::rollingback:
      return 2;
    case JobState::rollback_done:
      return 3;
    case JobState::done:
      return 4;
    case JobState::cancelled:
      return 5;
    case JobState::synced:
      return 6;
    case JobState::cancelling:
      return 7;
    case JobState::queueing:
      return 8;
    case JobState::paused:
      return 9;
    case JobState::pausing:
      return 10;
  }
  return 0;
}

bool is_final(JobState state) {
  return state == JobState::synced || state == JobState::cancelled ||
         state == JobState::rollback_done;
}

std::int64_t DdlJobs::add(DdlJob job) {
  const std::lock_guard lock(mutex_);
  job.id = ++next_;
  const std::int64_t id = job.id;
  if (!is_final(job.state)) open_.insert(id);
  jobs_.emplace(id, std::move(job));
  changed_.notify_all();
  return id;
}

std::int64_t DdlJobs::next_id() {
  const std::lock_guard lock(mutex_);
  return ++next_;
}

std::uint64_t DdlJobs::next_schema_version() {
  const std::lock_guard lock(mutex_);
  return ++schema_version_;
}

std::uint64_t DdlJobs::schema_version() const {
  const std::lock_guard lock(mutex_);
  return schema_version_;
}

std::uint64_t DdlJobs::next_seq_num() {
  const std::lock_guard lock(mutex_);
  return ++seq_num_;
}

void DdlJobs::update(std::int64_t id, const std::function<void(DdlJob&)>& change) {
  const std::lock_guard lock(mutex_);
  const auto found = jobs_.find(id);
  if (found == jobs_.end()) return;
  change(found->second);
  if (is_final(found->second.state)) open_.erase(id);
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
  open_.erase(id);
  changed_.notify_all();
}

std::vector<DdlJob> DdlJobs::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<DdlJob> all;
  all.reserve(jobs_.size());
  for (const auto& [id, job] : std::ranges::reverse_view(jobs_)) all.push_back(job);
  return all;
}

std::vector<DdlJob> DdlJobs::open() const {
  const std::lock_guard lock(mutex_);
  std::vector<DdlJob> some;
  some.reserve(open_.size());
  for (const std::int64_t id : open_) some.push_back(jobs_.at(id));
  return some;
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
