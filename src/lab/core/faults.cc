#include "lab/core/faults.h"

#include <algorithm>

namespace bdrmesh::lab {

void Faults::lose_answer_of_next(const std::string& part) {
  const std::lock_guard lock(mutex_);
  lost_answers_.push_back(part);
}

bool Faults::takes_answer(const std::string& statement) {
  const std::lock_guard lock(mutex_);
  const auto hit = std::find_if(
      lost_answers_.begin(), lost_answers_.end(),
      [&](const std::string& part) { return statement.find(part) != std::string::npos; });
  if (hit == lost_answers_.end()) return false;
  lost_answers_.erase(hit);
  return true;
}

void Faults::set_ddl_delay(Millis delay) {
  const std::lock_guard lock(mutex_);
  ddl_delay_ = delay;
}

Millis Faults::ddl_delay() const {
  const std::lock_guard lock(mutex_);
  return ddl_delay_;
}

void Faults::fail_next_ddl(const std::string& part, int count, DdlFailure failure) {
  const std::lock_guard lock(mutex_);
  ddl_failures_.push_back({part, count, std::move(failure)});
}

std::optional<Faults::DdlFailure> Faults::takes_ddl_failure(const std::string& statement) {
  const std::lock_guard lock(mutex_);
  for (PendingDdlFailure& pending : ddl_failures_) {
    if (pending.left <= 0 || statement.find(pending.part) == std::string::npos) continue;
    --pending.left;
    return pending.failure;
  }
  return std::nullopt;
}

void Faults::set_topology_delay(Millis delay) {
  const std::lock_guard lock(mutex_);
  topology_delay_ = delay;
}

Millis Faults::topology_delay() const {
  const std::lock_guard lock(mutex_);
  return topology_delay_;
}

void Faults::clear() {
  const std::lock_guard lock(mutex_);
  lost_answers_.clear();
  ddl_failures_.clear();
  ddl_delay_ = Millis{0};
  topology_delay_ = Millis{0};
}

}  // namespace bdrmesh::lab
