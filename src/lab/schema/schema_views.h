// information_schema as TiDB shows it: the engine's own tables, seen with the session's rights, and
// what only TiDB has beside them (tidb-sql §4.3). Each table is a query text that the engine
// evaluates. Thread-safe as its sources are.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lab/schema/table_book.h"
#include "model/version.h"

namespace bdrmesh::lab {

class SchemaViews {
 public:
  using Cells = std::vector<std::optional<std::string>>;
  struct Sources {
    std::function<std::vector<Cells>(const std::string&)> as_admin;  ///< may throw
    std::function<std::int64_t(const ObjectName&)> id_of;
    bool role_is_set = false;  ///< a BDR role: TiFlash replicas stay unavailable (tidb-sql §1.4)
  };

  SchemaViews(Sources sources, TableBook& book, const Version& version)
      : sources_(std::move(sources)), book_(book), version_(version) {}

  /// @param table  lower case, of information_schema.
  /// @return a derived table; std::nullopt for one that the engine may answer as it is.
  std::optional<std::string> table(const std::string& table) const;
  /// DESC, SHOW COLUMNS: Field, Type, Null, Key, Default, Extra of one table, as a query.
  std::string describe(const ObjectName& table) const;

 private:
  using Key = std::pair<std::string, std::string>;
  struct PrimaryKey {
    int columns = 0;
    bool is_integer = false;
  };
  std::map<Key, PrimaryKey> primary_keys() const;
  std::vector<ObjectName> all_tables(const std::string& condition) const;
  std::string tables() const;
  std::string columns() const;
  std::string indexes() const;
  std::string partitions() const;
  std::string sequences() const;
  std::string tiflash_replicas() const;
  std::string attributes() const;
  std::string check_constraints(bool with_table) const;
  std::string memory_columns() const;

  Sources sources_;
  TableBook& book_;
  Version version_;
};

}  // namespace bdrmesh::lab
