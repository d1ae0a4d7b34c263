// The past of one cluster's tables: any of them at any TSO that garbage collection has not passed,
// as a table in the hidden schema, made when somebody asks and dropped when nobody does for a
// while. The front ends tell it of every DDL. Thread-safe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "lab/changes/position_sampler.h"
#include "lab/core/cluster_state.h"
#include "lab/history/past_builder.h"
#include "lab/history/past_table.h"
#include "lab/history/past_timeline.h"
#include "lab/history/table_keeper.h"
#include "lab/parse/ddl.h"

namespace bdrmesh::lab {

/// What a front end knows of a DDL that it is about to give to the engine.
struct ComingDdl {
  std::int64_t job = 0;
  std::string default_schema;
  Millis lock_wait{0};  ///< for those who use its tables
  /// SHOW CREATE TABLE as TiDB shows it; may throw, or be empty: then there is no text.
  std::function<std::string(const ObjectName&)> shown;
  /// Whether the engine will surely let the user drop that table.
  std::function<bool(const ObjectName&)> may_drop;
  /// Told which connection of the engine works on it meanwhile.
  std::function<void(std::uint32_t)> works_on;
};

class History {
 public:
  explicit History(ClusterState& cluster);
  ~History() { stop(); }

  /// Makes the hidden schema; the engine must run. @throws Error
  void start();
  void stop();
  /// Nothing is known of what was before.
  std::uint64_t begins_at() const { return begins_at_; }

  /// A table at `ts`. Blocks while it is made; several askers share one.
  /// @throws SqlError of the engine; Error transient, cancelled.
  std::shared_ptr<const PastTable> table_at(const ObjectName& table, std::uint64_t ts,
                                            const std::stop_token& stop);
  /// TiDB's SHOW CREATE TABLE of that time; empty when it is as it is now.
  std::string shown_at(const ObjectName& table, std::uint64_t ts) const;
  /// Tables of a schema that looked different at `ts`, or did not exist, or exist no more.
  std::vector<ObjectName> touched_since(std::uint64_t ts, const std::string& schema) const;

  /// What becomes known of a DDL; undone when it is destroyed without done().
  class Keeping {
   public:
    ~Keeping();
    Keeping(const Keeping&) = delete;
    Keeping& operator=(const Keeping&) = delete;
    /// The engine has done it. Call while the commit timestamp `ts` still holds the ledger back.
    void done(std::uint64_t ts);

   private:
    friend class History;
    explicit Keeping(History& history) : history_(&history) {}
    struct Swapped {
      ObjectName table;
      std::string aside;
    };
    History* history_;
    std::vector<std::int64_t> ids_;
    std::vector<PastDdl> created_;
    std::vector<Swapped> swapped_;
    std::vector<std::string> copies_;
    bool done_ = false;
  };
  /// Keeps what the DDL will lose. Blocks as the DDL would.
  /// @throws SqlError of the engine: 1205 when somebody uses a table for too long, 1317 when its
  /// connection was killed; Error transient.
  std::unique_ptr<Keeping> before_ddl(const DdlStatement& ddl, const ComingDdl& coming);

  /// A table that was empty got rows past the binlog.
  struct Filling {
    ObjectName table;
    std::string definition;
    std::string shown;
    BinlogPosition began;
    BinlogPosition ended;
    std::uint64_t ts = 0;  ///< from here on the rows are there
  };
  void note_filled(const Filling& filling);

 private:
  struct Slot {
    ObjectName table;
    std::uint64_t ts = 0;
    std::shared_ptr<const PastTable> made;  // null while it is being made
    MonoTime used;
  };
  using Slots = std::list<Slot>;

  PastTable make(const ObjectName& table, std::uint64_t ts, const std::stop_token& stop);
  bool try_make(PastTable& made, std::string& last_failure, const std::stop_token& stop);
  bool still_holds(const PastOrigin& origin, const PastTable& made, SqlSession& session);
  void wait_until_complete(std::uint64_t ts, const std::stop_token& stop);
  void keep_table(Keeping& keeping, SqlSession& session, PastDdl ddl, bool loses_rows,
                  const ComingDdl& coming);
  void swap(Keeping& keeping, SqlSession& session, PastDdl ddl);
  void sweep();
  void drop(const std::vector<std::string>& hidden);

  ClusterState& cluster_;
  PositionSampler sampler_;
  TableKeeper keeper_;
  PastBuilder builder_;
  std::atomic<std::uint64_t> begins_at_{0};
  mutable std::mutex mutex_;  // guards all below
  std::condition_variable_any changed_;
  PastTimeline timeline_;
  std::vector<Keeping::Swapped> swapping_;  // their RENAME is on its way
  Slots slots_;
  std::vector<std::string> garbage_;  // to be dropped when nobody reads them any more
};

}  // namespace bdrmesh::lab
