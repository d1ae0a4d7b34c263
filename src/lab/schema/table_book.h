// The features of all tables of one cluster, kept as DDL changes them. Thread-safe. Whether a DDL
// succeeded is the caller's business: it notes only what did.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "lab/schema/features.h"

namespace bdrmesh::lab {

class TableBook {
 public:
  /// @param default_schema  for names without one.
  void note(const Statement& statement, const DdlStatement& ddl, const std::string& default_schema,
            DefaultHandle by_default);
  /// Defaults for a table that nobody noted. @param table qualified.
  TableFeatures of(const ObjectName& table) const;
  void set(const ObjectName& table, TableFeatures features);
  /// std::nullopt for a table without such a column.
  std::optional<AutoRandom> auto_random_of(const ObjectName& table) const;
  /// Gives out `count` consecutive ids of one shard, as TiDB does to one statement.
  /// @param start_ts  of the transaction: decides on the shard.
  /// @return the first; 0 when the table has no AUTO_RANDOM column.
  std::uint64_t take_ids(const ObjectName& table, std::uint64_t start_ts, std::uint64_t count);
  /// `DEFAULT PLACEMENT POLICY` of a schema, or "".
  std::string placement_of_schema(const std::string& schema) const;

 private:
  using Key = std::pair<std::string, std::string>;
  static Key key_of(const ObjectName& table);
  void note_table(const Statement& statement, const DdlStatement& ddl, const ObjectName& table,
                  const std::string& default_schema, DefaultHandle by_default);
  void note_rename(const Statement& statement, const std::string& default_schema);
  void forget_schema(const std::string& schema);

  mutable std::mutex mutex_;  // guards tables_ and schema_placement_
  std::map<Key, TableFeatures> tables_;
  std::map<std::string, std::string> schema_placement_;
};

}  // namespace bdrmesh::lab
