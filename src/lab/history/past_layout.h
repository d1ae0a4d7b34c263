// How a hidden table is laid out: its columns, what tells its rows apart, and how values travel as
// SQL text. Pure apart from describe().
#pragma once

#include <string>
#include <vector>

#include "lab/binlog/sql_session.h"

namespace bdrmesh::lab {

struct PastColumn {
  std::string name;
  std::string type;  ///< `int`, `varchar`, as information_schema.columns.data_type
};

struct PastLayout {
  std::vector<PastColumn> columns;  ///< generated ones left out
  std::vector<std::size_t> key;     ///< indexes into columns; empty: rows are only a multiset

  /// `` `a`,`b` ``
  std::string column_list() const;
  /// An expression whose value is the row as a list of literals: `(1,x'61',NULL)`.
  std::string tuple_expression() const;
};

/// Reads the layout of a table of the engine.
/// @throws SqlError, Error transient
PastLayout describe_table(SqlSession& session, const std::string& schema, const std::string& table);

/// The engine's definition of a table, for another one named `name`, without foreign keys.
/// @param definition  as SHOW CREATE TABLE gives it.
std::string hidden_definition(const std::string& definition, const std::string& name);

}  // namespace bdrmesh::lab
