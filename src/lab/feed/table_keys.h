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
class TableKeys {
 public:
  explicit TableKeys(SqlLogin login) : login_(std::move(login)) {}

  /// The key of the table that `map` describes; empty when it has none.
  /// Asks the server only for tables without primary key. @throws Error transient, SqlError.
  const RowKey& key_of(const TableMap& map);
  /// Whether a table of that name has a usable key now; std::nullopt when there is no such table.
  std::optional<bool> has_key(const std::string& schema, const std::string& table);
  void forget() { known_.clear(); }

 private:
  std::vector<std::string> columns_of_unique_key(const std::string& schema,
                                                 const std::string& table);
  SqlSession& session();

  SqlLogin login_;
  std::optional<SqlSession> session_;
  std::map<std::pair<std::string, std::string>, std::pair<std::size_t, RowKey>> known_;
};

}  // namespace bdrmesh::lab
