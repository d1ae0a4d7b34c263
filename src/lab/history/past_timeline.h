// What DDL did to the tables of one cluster, and from it: which table bore a name at a TSO, and
// where its rows have gone since. Pure; not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lab/binlog/event.h"
#include "lab/parse/cursor.h"

namespace bdrmesh::lab {

/// Rows that were put aside before a DDL lost them.
struct KeptRows {
  std::string table;         ///< in kPastSchema; empty: there were none
  bool is_original = false;  ///< the table itself, renamed: complete up to that RENAME
  BinlogPosition copied_at;  ///< else: the copy holds what stands before, and perhaps a little more
  BinlogPosition end;        ///< when no DDL ended them: changes behind it are not theirs
};

struct PastDdl {
  enum class Kind {
    created,  ///< there was no such table before
    gone,     ///< dropped, truncated
    changed,  ///< another definition since; other rows too when some were kept
    renamed,
  };
  std::int64_t id = 0;   ///< given by the timeline
  std::int64_t job = 0;  ///< as announced in the binlog; 0 when there is no such event
  std::uint64_t ts = 0;  ///< of its end; 0 as long as it runs
  Kind kind = Kind::changed;
  ObjectName table;  ///< qualified
  ObjectName new_name;
  std::string definition;  ///< the engine's, before
  std::string shown;       ///< TiDB's SHOW CREATE TABLE, before
  std::optional<KeptRows> kept;
};

/// Where the rows of a table stand that bore a name at some TSO.
struct PastOrigin {
  /// From one TSO to now a table may have borne several names.
  struct Leg {
    ObjectName name;
    std::int64_t until_job = 0;  ///< the RENAME after which the next leg begins
  };
  bool existed = true;     ///< false: it was made later
  std::string definition;  ///< empty: as now
  std::string shown;
  std::vector<Leg> legs;           ///< at least one
  std::optional<KeptRows> kept;    ///< not set: the rows are in the present table of the last leg
  std::int64_t end_job = 0;        ///< with `kept`: the DDL that ended this table
  std::vector<std::int64_t> path;  ///< ids of the DDL in between
  const ObjectName& present() const { return legs.back().name; }
};

class PastTimeline {
 public:
  /// @return the id to finish() or withdraw() it by.
  std::int64_t add(PastDdl ddl);
  void finish(std::int64_t id, std::uint64_t ts);
  void withdraw(std::int64_t id);

  PastOrigin origin(const ObjectName& table, std::uint64_t ts) const;
  /// Tables of `schema` (of all when empty) that DDL after `ts` touched or made.
  std::vector<ObjectName> touched_since(std::uint64_t ts, const std::string& schema) const;
  /// Forgets what ended before `ts`. @return the names of rows kept for it.
  std::vector<std::string> forget_before(std::uint64_t ts);

 private:
  std::int64_t next_ = 1;
  std::vector<PastDdl> ddls_;  // in the order in which they began
};

/// As TiDB compares names: whatever the case.
bool same_table(const ObjectName& a, const ObjectName& b);

}  // namespace bdrmesh::lab
