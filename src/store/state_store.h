// The one seam to the manager's state: a SQLite file (WAL, synchronous=FULL). Every public method
// is one transaction. Writes are checked against the epoch this process took at opening: a process
// that lost it cannot write. Thread-safe; one connection per thread inside.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "store/records.h"

namespace bdrmesh {

/// What a test's write hook throws to play the death of the process. No std::exception, so that
/// nothing but the runner and the test catches it.
struct SimulatedCrash {};

/// Everything that one tick of a stage changes; written as one transaction.
struct TickWrite {
  std::string operation;
  std::vector<StepRecord> steps;
  std::vector<FactRecord> facts;
  std::vector<EventRecord> events;
  std::vector<CallRecord> calls;
  std::vector<std::string> forget_facts_of;  ///< step ids whose facts are dropped first
  std::optional<OperationRecord>
      header;  ///< the operation's new state; its locks follow from it (final states release, and
               ///< whoever waited longest gets them)
};

/// What compacting dropped.
struct DroppedDetails {
  std::int64_t operations = 0;  ///< whose details were dropped; they themselves stay
  std::int64_t events = 0;
  std::int64_t calls = 0;
};

/// What an operation does whose locks are taken.
enum class WhenLocked { refuse, wait };

class StateStore {
 public:
  struct Options {
    std::string path;            ///< file; its folder must exist
    std::string migrations_dir;  ///< empty: the migrations built into the binary
    std::string holder;          ///< who we are, for the message to a second daemon: host, pid
  };

  /// Opens or creates the file, migrates it, takes the next epoch and the file's exclusive hold.
  /// @throws Error precondition `STATE_HELD` naming the holder; `STATE_NEWER` for a file of a newer
  /// version;
  ///         `STATE_CORRUPT`, `STATE_UNUSABLE` naming the file and what to do.
  static std::unique_ptr<StateStore> open(const Options& options);
  static std::unique_ptr<StateStore> in_memory();
  ~StateStore();

  std::uint64_t epoch() const;
  /// Whether nobody has taken the file over since it was opened; reads only.
  bool epoch_is_ours() const;

  /// Called before and after each write transaction; tests die here. Ordinals count from 1 since
  /// the hook was set.
  using WriteHook = std::function<void(bool before, std::int64_t ordinal)>;
  void set_write_hook(WriteHook hook);

  /// Called with each event once it is stored, in the order of storing, by the thread that wrote
  /// it; must be quick, must not throw and must not write to the store.
  using EventListener = std::function<void(const EventRecord&)>;
  /// Before the first write.
  void set_event_listener(EventListener listener);

  /// Stores an operation with its locks, or with its place in the queue for them. Whoever stands in
  /// the queue comes first. @throws Error conflict `LOCKED` naming the holder and how to end it.
  /// @return the id of an earlier operation when its idempotency key is the same, else
  /// `operation.id`.
  std::string add_operation(const OperationRecord& operation, const std::vector<std::string>& locks,
                            const std::vector<StepRecord>& steps,
                            WhenLocked when_locked = WhenLocked::refuse);
  void write_tick(const TickWrite& tick);
  /// @throws Error invalid `UNKNOWN_OPERATION`.
  OperationRecord operation(const std::string& id) const;
  std::optional<OperationRecord> find_operation(const std::string& id) const;
  /// The id of the operation that was stored with this idempotency key.
  std::optional<std::string> operation_of_key(const std::string& idempotency_key) const;
  std::vector<OperationRecord> operations(int newest) const;
  /// The same without their plans, which are most of what there is to read.
  std::vector<OperationRecord> operation_headers(int newest) const;
  /// All of one moment. @throws Error invalid `UNKNOWN_OPERATION`.
  WholeOperation whole_operation(const std::string& id) const;
  std::vector<OperationRecord> unfinished_operations() const;
  std::vector<StepRecord> steps(const std::string& operation) const;
  std::vector<FactRecord> facts(const std::string& operation) const;
  std::vector<LockRecord> locks() const;
  /// What `operation` waits for in the queue; empty: it has its locks.
  std::vector<LockWait> lock_waits(const std::string& operation) const;
  /// Operations that stand in the queue, first come first.
  std::vector<std::string> waiting_operations() const;
  /// Outward calls in the order of their beginning.
  std::vector<CallRecord> calls(const std::string& operation) const;
  void request_cancel(const std::string& operation);

  void add_event(const EventRecord& event);
  std::vector<EventRecord> events(std::int64_t after_number, int limit) const;
  std::vector<EventRecord> newest_events(int limit) const;
  std::vector<EventRecord> operation_events(const std::string& operation) const;

  void put_incarnation(const IncarnationRecord& incarnation);
  std::vector<IncarnationRecord> incarnations(const std::string& group) const;

  /// Adds minutes of lag, rolls them up and drops what is too old for its resolution: minutes after
  /// a week, quarters of an hour after 90 days, hours after 400.
  void add_lags(const std::vector<LagRecord>& minutes);
  /// One link's spans of that length (a minute, a quarter, an hour) from `since` on, oldest first.
  std::vector<LagRecord> lags(const std::string& group, const std::string& from,
                              const std::string& to, Millis span, WallTime since) const;

  void put_document(const DocumentRecord& document);
  std::optional<DocumentRecord> document(const std::string& kind, const std::string& key) const;
  std::vector<DocumentRecord> documents(const std::string& kind) const;
  /// Drops steps, facts, calls and events of operations that ended before `before`, and events of
  /// no operation that are older, then gives the space back to the disk. Operations, documents
  /// (certificates are among them) and incarnations stay. Blocks for as long as rewriting the file
  /// takes and needs as much room as the file is big.
  DroppedDetails compact(WallTime before, WallTime now);

  /// Drops documents of `kind` that are older than `before`, and all but the `newest` ones.
  void forget_documents(const std::string& kind, WallTime before, int newest);

 private:
  class Impl;
  explicit StateStore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace bdrmesh
