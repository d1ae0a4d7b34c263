// The inside of StateStore: the pool, the hold, the epoch and the way every write goes. Internal to
// store/.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "store/connection_pool.h"
#include "store/file_hold.h"
#include "store/state_store.h"

namespace bdrmesh {

class StateStore::Impl {
 public:
  Impl(const std::string& path, const std::string& holder, const std::string& migrations_dir);

  using Body = std::function<void(sqlite::Connection&)>;
  /// One write transaction, if the epoch is still ours. @throws Error conflict `EPOCH_LOST`; what
  /// `body` throws.
  void write(const Body& body) { write(body, {}); }
  /// As above; tells the listener of `events` when they are stored.
  void write(const Body& body, const std::vector<EventRecord>& events);
  /// Rewrites the file without its holes, when nobody else writes.
  void give_space_back();
  ConnectionPool::Lease reader() { return pool_.lend(); }

  std::uint64_t epoch() const { return epoch_; }
  void set_write_hook(WriteHook hook);
  void set_event_listener(EventListener listener);

 private:
  void take_epoch(const std::string& holder);

  std::unique_ptr<FileHold> hold_;
  ConnectionPool pool_;
  std::uint64_t epoch_ = 0;
  std::mutex write_mutex_;  ///< one writer at a time; guards what follows
  WriteHook hook_ = [](bool, std::int64_t) {};
  std::int64_t ordinal_ = 0;
  EventListener listener_ = [](const EventRecord&) {};
};

namespace rows {

void insert_event(sqlite::Connection& connection, const EventRecord& event);
std::vector<EventRecord> events_of(sqlite::Connection& connection, const std::string& operation);
/// JSON as stored; bytes that are no UTF-8 are replaced rather than refused.
std::string json_text(const Json& json);
std::int64_t bool_number(bool value);
std::optional<std::int64_t> millis_or_null(const std::optional<WallTime>& time);
std::optional<WallTime> time_or_null(const std::optional<std::int64_t>& millis);

}  // namespace rows
}  // namespace bdrmesh
