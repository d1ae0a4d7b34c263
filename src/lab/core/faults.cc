#include "lab/core/faults.h"

#include <algorithm>

namespace bdrmesh::lab {

namespace {

bool contains(const std::string& statement, const std::string& part) {
  return statement.find(part) != std::string::npos;
}

/// Uses up one of those that fit.
template <typename Pending>
Pending* take_one(std::vector<Pending>& list, const std::string& statement) {
  for (Pending& pending : list) {
    if (pending.left <= 0 || !contains(statement, pending.part)) continue;
    --pending.left;
    return &pending;
  }
  return nullptr;
}

}  // namespace

void Faults::lose_answer_of_next(const std::string& part) {
  const std::lock_guard lock(mutex_);
  state_.lost_answers.push_back(part);
}

bool Faults::takes_answer(const std::string& statement) {
  const std::lock_guard lock(mutex_);
  auto& lost = state_.lost_answers;
  const auto hit = std::find_if(lost.begin(), lost.end(),
                                [&](const std::string& part) { return contains(statement, part); });
  if (hit == lost.end()) return false;
  lost.erase(hit);
  return true;
}

void Faults::set_ddl_delay(Millis delay) {
  const std::lock_guard lock(mutex_);
  state_.ddl_delay = delay;
}

Millis Faults::ddl_delay() const {
  const std::lock_guard lock(mutex_);
  return state_.ddl_delay;
}

void Faults::set_ddl_step(Millis step) {
  const std::lock_guard lock(mutex_);
  state_.ddl_step = step;
}

Millis Faults::ddl_step() const {
  const std::lock_guard lock(mutex_);
  return state_.ddl_step;
}

void Faults::set_backfill_time(Millis time) {
  const std::lock_guard lock(mutex_);
  state_.backfill_time = time;
}

Millis Faults::backfill_time() const {
  const std::lock_guard lock(mutex_);
  return state_.backfill_time;
}

void Faults::set_late_submission(Millis delay) {
  const std::lock_guard lock(mutex_);
  state_.late_submission = delay;
}

Millis Faults::late_submission() const {
  const std::lock_guard lock(mutex_);
  return state_.late_submission;
}

void Faults::hold_ddl(const std::string& part) {
  const std::lock_guard lock(mutex_);
  state_.held_ddl.push_back(part);
}

void Faults::release_ddl() {
  const std::lock_guard lock(mutex_);
  state_.held_ddl.clear();
}

bool Faults::holds_ddl(const std::string& statement) const {
  const std::lock_guard lock(mutex_);
  return std::any_of(state_.held_ddl.begin(), state_.held_ddl.end(),
                     [&](const std::string& part) { return contains(statement, part); });
}

void Faults::fail_next_ddl(const std::string& part, int count, DdlFailure failure) {
  const std::lock_guard lock(mutex_);
  state_.ddl_failures.push_back({part, count, std::move(failure)});
}

std::optional<Faults::DdlFailure> Faults::takes_ddl_failure(const std::string& statement) {
  const std::lock_guard lock(mutex_);
  const PendingDdlFailure* taken = take_one(state_.ddl_failures, statement);
  if (taken == nullptr) return std::nullopt;
  return taken->failure;
}

void Faults::deny_innocent_ddl(const std::string& part, int count) {
  const std::lock_guard lock(mutex_);
  state_.denials.push_back({part, count});
}

bool Faults::takes_denial(const std::string& statement) {
  const std::lock_guard lock(mutex_);
  return take_one(state_.denials, statement) != nullptr;
}

void Faults::hold_commits(std::optional<CommitHold> hold) {
  const std::lock_guard lock(mutex_);
  state_.commit_hold = hold;
}

std::optional<Faults::CommitHold> Faults::commit_hold() const {
  const std::lock_guard lock(mutex_);
  return state_.commit_hold;
}

void Faults::lose_next_commits(int count, bool committed) {
  const std::lock_guard lock(mutex_);
  state_.lost_commits = count;
  state_.lost_commits_succeed = committed;
}

std::optional<bool> Faults::takes_lost_commit() {
  const std::lock_guard lock(mutex_);
  if (state_.lost_commits <= 0) return std::nullopt;
  --state_.lost_commits;
  return state_.lost_commits_succeed;
}

void Faults::set_killed_commits_succeed(bool succeed) {
  const std::lock_guard lock(mutex_);
  state_.killed_commits_succeed = succeed;
}

bool Faults::killed_commits_succeed() const {
  const std::lock_guard lock(mutex_);
  return state_.killed_commits_succeed;
}

void Faults::enable_table_locks(bool enable) {
  const std::lock_guard lock(mutex_);
  state_.table_locks = enable;
}

bool Faults::table_locks_enabled() const {
  const std::lock_guard lock(mutex_);
  return state_.table_locks;
}

void Faults::silence(std::size_t server, Silence how) {
  const std::lock_guard lock(mutex_);
  state_.silences[server] = how;
}

Faults::Silence Faults::silence_of(std::size_t server) const {
  const std::lock_guard lock(mutex_);
  const auto found = state_.silences.find(server);
  return found == state_.silences.end() ? Silence::none : found->second;
}

void Faults::fail_next_trx_queries(int count) {
  const std::lock_guard lock(mutex_);
  state_.trx_failures = count;
}

bool Faults::takes_trx_failure() {
  const std::lock_guard lock(mutex_);
  if (state_.trx_failures <= 0) return false;
  --state_.trx_failures;
  return true;
}

void Faults::set_backup_duration(Millis least) {
  const std::lock_guard lock(mutex_);
  state_.backup_duration = least;
}

Millis Faults::backup_duration() const {
  const std::lock_guard lock(mutex_);
  return state_.backup_duration;
}

void Faults::fail_next_backup(bool restore, double percent, const std::string& message) {
  const std::lock_guard lock(mutex_);
  state_.backup_failures.push_back({restore, percent, message});
}

std::optional<std::string> Faults::takes_backup_failure(bool restore, double percent) {
  const std::lock_guard lock(mutex_);
  auto& pending = state_.backup_failures;
  for (auto failure = pending.begin(); failure != pending.end(); ++failure) {
    if (failure->restore != restore || failure->percent > percent) continue;
    std::string message = std::move(failure->message);
    pending.erase(failure);
    return message;
  }
  return std::nullopt;
}

void Faults::set_topology_delay(Millis delay) {
  const std::lock_guard lock(mutex_);
  state_.topology_delay = delay;
}

Millis Faults::topology_delay() const {
  const std::lock_guard lock(mutex_);
  return state_.topology_delay;
}

void Faults::clear() {
  const std::lock_guard lock(mutex_);
  state_ = {};
}

}  // namespace bdrmesh::lab
