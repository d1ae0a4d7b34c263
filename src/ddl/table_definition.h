// Reads CREATE TABLE texts, a user's or those of SHOW CREATE TABLE, into columns, indexes,
// constraints and options. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ddl/column.h"
#include "ddl/cursor.h"

namespace bdrmesh::ddl {

enum class IndexKind { primary, unique, plain, special };

struct IndexPart {
  std::string column;  ///< empty for an expression
  bool prefix = false;
};

struct IndexDefinition {
  IndexKind kind = IndexKind::plain;
  std::string name;
  std::vector<IndexPart> parts;
  std::string text;  ///< rendered, without CLUSTERED or NONCLUSTERED
};

/// A foreign key or a CHECK.
struct ConstraintDefinition {
  std::string name;
  std::string text;
  bool is_foreign_key = false;
};

struct TableOption {
  std::string name;   ///< upper case, one spelling: CHARSET, COLLATE, AUTO_INCREMENT, PLACEMENT
                      ///< POLICY, TTL, …
  std::string value;  ///< rendered
};

struct TableDefinition {
  std::string name;
  std::vector<ColumnDefinition> columns;
  std::vector<IndexDefinition> indexes;
  std::vector<ConstraintDefinition> constraints;
  std::vector<TableOption> options;
  std::optional<bool> clustered;      ///< std::nullopt when the text does not say
  std::string partitioning;           ///< rendered, empty without
  std::vector<std::string> comments;  ///< plain comments, such as `CACHED ON`
  bool understood = false;            ///< all of it was known
  std::string not_understood;         ///< the text where reading stopped

  const ColumnDefinition* column(std::string_view wanted) const;
  const IndexDefinition* index(std::string_view wanted) const;
  /// Primary keys and unique ones over NOT NULL columns that are not virtual: what TiCDC can
  /// address rows by.
  std::vector<const IndexDefinition*> usable_keys() const;
  bool has_usable_key() const { return !usable_keys().empty(); }
};

/// Reads one table option, of CREATE TABLE or ALTER TABLE. @return std::nullopt and does not move
/// for anything else.
std::optional<TableOption> read_table_option(Cursor& cursor);

/// The columns of an index, from what stands between its parentheses.
std::vector<IndexPart> read_index_parts(std::span<const Token> tokens);

/// Reads an index or constraint element (`KEY k (a)`, `CONSTRAINT c FOREIGN KEY …`) into `table`.
/// @return false and does not move when none is here.
bool read_index_or_constraint(Cursor& cursor, TableDefinition& table);

/// Reads `( elements ) options [PARTITION BY …]`, what stands behind the name in CREATE TABLE.
void read_table_body(Cursor& cursor, TableDefinition& table);

/// Reads the answer of SHOW CREATE TABLE.
/// @throws Error invalid `DDL_SYNTAX` when it is no single CREATE TABLE statement.
TableDefinition parse_table(std::string_view create_table);

}  // namespace bdrmesh::ddl
