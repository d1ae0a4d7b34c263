// TiDB's ids of schemas and tables: TIDB_TABLE_ID, RELATED_TABLE_IDS, DDL jobs.
// Thread-safe. An id is given when a table is first met; a table made anew under an old name gets a
// new one.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "lab/core/ddl_jobs.h"
#include "lab/parse/cursor.h"

namespace bdrmesh::lab {

class TableIds {
 public:
  explicit TableIds(DdlJobs& jobs) : jobs_(jobs) {}

  /// @param table qualified; with an empty name the id of the schema.
  std::int64_t id_of(const ObjectName& table);
  /// Dropped, truncated.
  void forget(const ObjectName& table);
  void forget_schema(const std::string& schema);
  /// Of the tables that were met in a schema.
  std::set<std::int64_t> ids_in(const std::string& schema) const;
  void rename(const ObjectName& from, const ObjectName& to);

  void set_nonclustered(const ObjectName& table);
  bool is_nonclustered(const ObjectName& table) const;

 private:
  using Key = std::pair<std::string, std::string>;
  static Key key_of(const ObjectName& table);

  DdlJobs& jobs_;
  mutable std::mutex mutex_;  // guards ids_ and nonclustered_
  std::map<Key, std::int64_t> ids_;
  std::set<Key> nonclustered_;
};

}  // namespace bdrmesh::lab
