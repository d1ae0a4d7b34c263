#include "lab/changes/position_sampler.h"

#include <algorithm>

namespace bdrmesh::lab {

namespace {

constexpr Millis kPatience{2000};
constexpr std::size_t kDense = 3000;  // samples kept one by one; of older ones every tenth

}  // namespace

SqlLogin engine_login(const ClusterState& cluster) {
  const EngineEndpoint engine = cluster.engine();
  return {engine.socket_path, "127.0.0.1", engine.port, engine.admin_user, engine.admin_password};
}

void PositionSampler::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void PositionSampler::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void PositionSampler::run(const std::stop_token& stop) {
  std::optional<SqlSession> session;
  while (cluster_.clock.wait_for(interval_, stop)) {
    try {
      if (!session) session.emplace(engine_login(cluster_), kPatience);
      take(*session);
    } catch (const Error&) {
      session.reset();  // the engine is away; positions stand still until it is back
    }
  }
}

void PositionSampler::take(SqlSession& session) {
  Sample sample;
  sample.resolved = cluster_.ledger.resolved();
  sample.end = binlog_end(session, kPatience);
  sample.after = cluster_.oracle.next();
  const std::lock_guard lock(mutex_);
  samples_.push_back(std::move(sample));
  thin_out();
}

void PositionSampler::thin_out() {
  constexpr std::size_t kKeepEvery = 10;
  if (samples_.size() < 2 * kDense) return;
  std::deque<Sample> kept;
  for (std::size_t i = 0; i < samples_.size(); ++i) {
    if (i % kKeepEvery == 0 || i + kDense >= samples_.size()) kept.push_back(samples_[i]);
  }
  samples_ = std::move(kept);
}

std::uint64_t PositionSampler::resolved_at(const BinlogPosition& applied) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(samples_.rbegin(), samples_.rend(), [&](const Sample& sample) {
    return reached(applied, sample.end);
  });
  return found == samples_.rend() ? 0 : found->resolved;
}

std::uint64_t PositionSampler::newest() const {
  const std::lock_guard lock(mutex_);
  return samples_.empty() ? 0 : samples_.back().resolved;
}

BinlogPosition PositionSampler::start_for(std::uint64_t ts) const {
  const std::vector<DdlJob> jobs = cluster_.jobs.list();
  const auto announced_but_not_done = [&](const Sample& sample) {
    return std::any_of(jobs.begin(), jobs.end(), [&](const DdlJob& job) {
      const bool done_before = job.finished_ts != 0 && job.finished_ts <= sample.resolved;
      const bool failed = is_final(job.state) && job.state != JobState::synced;
      return job.start_ts < sample.after && !done_before && !failed;
    });
  };
  const std::lock_guard lock(mutex_);
  for (auto sample = samples_.rbegin(); sample != samples_.rend(); ++sample) {
    if (sample->after <= ts && !announced_but_not_done(*sample)) return sample->end;
  }
  return {};
}

}  // namespace bdrmesh::lab
