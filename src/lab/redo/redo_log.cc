#include "lab/redo/redo_log.h"

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "lab/feed/feed_error.h"

namespace bdrmesh::lab {

namespace {

constexpr Millis kCollectEvery{5000};

FeedFailure failure_of(const RedoStorageError& error) {
  return {FeedFailure::Kind::retryable, error.code, error.message()};
}

}  // namespace

RedoLog::RedoLog(const Clock& clock, RedoOptions options, RedoOwner owner, std::uint64_t from_ts)
    : clock_(clock),
      options_(std::move(options)),
      owner_(std::move(owner)),
      directory_(redo_directory(options_.storage)),
      flushed_(clock.mono()) {
  meta_.checkpoint = from_ts;
  meta_.resolved = from_ts;
  meta_.version = owner_.version;
  meta_.feed = owner_.space + "/" + owner_.feed;
  durable_ = from_ts;
  if (directory_) take_over(from_ts);
}

void RedoLog::take_over(std::uint64_t from_ts) {
  std::error_code error;
  std::filesystem::create_directories(*directory_, error);
  const std::filesystem::path marker = *directory_ / redo_marker_name(owner_);
  if (std::filesystem::exists(marker, error)) {
    remove_redo_files(*directory_, owner_);
    std::filesystem::remove(marker, error);
  }
  const RedoMetas old = read_metas(*directory_);
  meta_.checkpoint = std::max(from_ts, old.sum.checkpoint);
  meta_.resolved = std::max(from_ts, old.sum.resolved);
  write_meta();
  for (const auto& file : old.files) std::filesystem::remove(file, error);
}

void RedoLog::add_row(const KeyedChange& row) {
  const std::lock_guard lock(mutex_);
  if (directory_) rows_.lines += encode_row(row);
  rows_.max_ts = std::max(rows_.max_ts, row.change.commit_ts);
}

void RedoLog::add_ddl(const DdlJob& job, std::uint64_t commit_ts) {
  const std::lock_guard lock(mutex_);
  if (directory_) ddl_.lines += encode_ddl(job, commit_ts);
  ddl_.max_ts = std::max(ddl_.max_ts, commit_ts);
}

bool RedoLog::flush_is_due() const {
  const std::lock_guard lock(mutex_);
  return clock_.mono() - flushed_ >= options_.flush_interval ||
         rows_.lines.size() >= options_.max_log_size;
}

void RedoLog::flush(std::uint64_t resolved) {
  const std::lock_guard lock(mutex_);
  flushed_ = clock_.mono();
  try {
    write(rows_);
    write(ddl_);
  } catch (const RedoStorageError& e) {
    throw failure_of(e);
  }
  durable_ = std::max(durable_, resolved);
  meta_.resolved = std::max(meta_.resolved, resolved);
}

void RedoLog::write(Buffer& buffer) {
  if (!buffer.lines.empty() && directory_ && !forgotten_) {
    write_redo_file(*directory_ / redo_log_name(owner_, buffer.kind, buffer.max_ts),
                    redo_header(buffer.kind) + buffer.lines);
  }
  buffer.lines.clear();
  buffer.max_ts = 0;
}

std::uint64_t RedoLog::durable_to() const {
  const std::lock_guard lock(mutex_);
  return durable_;
}

void RedoLog::note_checkpoint(std::uint64_t checkpoint) {
  const std::lock_guard lock(mutex_);
  meta_.checkpoint = std::max(meta_.checkpoint, checkpoint);
  const MonoTime now = clock_.mono();
  if (!directory_ || forgotten_ || now - meta_flushed_ < options_.meta_flush_interval) return;
  meta_flushed_ = now;
  try {
    write_meta();
  } catch (const RedoStorageError& e) {
    throw failure_of(e);
  }
  if (now - collected_ < kCollectEvery) return;
  collected_ = now;
  collect();
}

void RedoLog::write_meta() {
  const bool same = meta_.checkpoint == written_.checkpoint && meta_.resolved == written_.resolved;
  if (same && !meta_file_.empty()) return;
  const std::filesystem::path next = *directory_ / redo_meta_name(owner_);
  write_redo_file(next, encode_meta(meta_));
  std::error_code error;
  if (!meta_file_.empty()) std::filesystem::remove(meta_file_, error);
  meta_file_ = next;
  written_ = meta_;
}

/// Logs that end below the checkpoint are no longer needed.
void RedoLog::collect() {
  std::error_code error;
  for (const char* kind : {"row", "ddl"}) {
    for (const auto& file : redo_logs(*directory_, kind)) {
      const auto max_ts = max_commit_ts_of(file.filename().string());
      if (max_ts && *max_ts < meta_.checkpoint) std::filesystem::remove(file, error);
    }
  }
}

void RedoLog::forget() {
  const std::lock_guard lock(mutex_);
  forgotten_ = true;
  if (directory_) remove_redo_files(*directory_, owner_);
}

std::shared_ptr<ChangeLog> open_redo_log(const Clock& clock, const std::string& replica_config_json,
                                         RedoOwner owner, std::uint64_t from_ts) {
  const Json config = parse_json(replica_config_json, "replica_config");
  const auto found = config.find("consistent");
  if (found == config.end() || !found->is_object()) return nullptr;
  const Json& consistent = *found;
  if (get_or<std::string>(consistent, "level", "") != "eventual") return nullptr;
  RedoOptions options;
  options.storage = get_or<std::string>(consistent, "storage", "");
  options.flush_interval = Millis{get_or<std::int64_t>(consistent, "flush_interval", 2000)};
  options.meta_flush_interval =
      Millis{get_or<std::int64_t>(consistent, "meta_flush_interval", 200)};
  constexpr std::int64_t kMebibyte = 1 << 20;
  options.max_log_size =
      static_cast<std::size_t>(get_or<std::int64_t>(consistent, "max_log_size", 64) * kMebibyte);
  return std::make_shared<RedoLog>(clock, std::move(options), std::move(owner), from_ts);
}

}  // namespace bdrmesh::lab
