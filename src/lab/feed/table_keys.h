// Which tables of a cluster TiCDC can replicate, and by which key: the primary key, else a unique
// key over NOT NULL columns (ticdc-api §3.1). Asks the cluster's MariaDB.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lab/binlog/sql_session.h"
#include "lab/feed/row_sql.h"
#include "lab/feed/table_filter.h"

namespace bdrmesh::lab {

struct TableFacts {
  std::string schema;
  std::string name;
  bool is_view = false;
  bool has_key = false;
};

/// All tables and views of user schemas that `filter` lets through, sorted by name; sequences are
/// left out.
/// @throws Error transient, SqlError.
std::vector<TableFacts> tables_of(SqlSession& session, const TableFilter& filter);

/// Keys of tables, remembered until the next DDL. One thread at a time.
/// What tells the rows of a table apart.
struct TableKeySet {
  RowKey handle;  ///< primary key, else a unique key over NOT NULL columns; may be empty
  std::vector<RowKey> uniques;  ///< all unique keys, the handle among them
};

/// Looks keys up once per table. One thread at a time.
class TableKeys {
 public:
  explicit TableKeys(SqlLogin login) : login_(std::move(login)) {}

  /// @throws Error transient when the cluster's MariaDB does not answer.
  const TableKeySet& keys_of(const TableMap& map);
  /// Whether the table can be replicated as it is now; std::nullopt when it does not exist.
  std::optional<bool> has_key(const std::string& schema, const std::string& table);
  /// Forgets what it knows, after a DDL.
  void forget() { known_.clear(); }

 private:
  struct Index {
    bool nullable = false;
    std::vector<std::string> columns;
  };
  SqlSession& session();
  std::vector<Index> unique_indexes(const std::string& schema, const std::string& table);

  SqlLogin login_;
  std::optional<SqlSession> session_;
  std::map<std::pair<std::string, std::string>, std::pair<std::size_t, TableKeySet>> known_;
};

}  // namespace bdrmesh::lab
