// Reads one column definition, as it stands in CREATE TABLE and ALTER TABLE … ADD/MODIFY/CHANGE
// COLUMN. Pure.
#pragma once

#include <string>

#include "ddl/cursor.h"

namespace bdrmesh::ddl {

/// How often each option is written, since TiDB's rules count them (tidb-sql §1.4, measured A20).
struct ColumnDefinition {
  std::string name;
  std::string type;  ///< lower case, without the display width of integers
  std::string text;  ///< everything behind the name, rendered, `type` in front
  std::string text_without_comment;
  int null = 0;
  int not_null = 0;
  int defaults = 0;
  int comments = 0;
  int generated = 0;
  int keys = 0;            ///< PRIMARY KEY, KEY
  int uniques = 0;         ///< UNIQUE [KEY]
  int checks = 0;          ///< CHECK (…)
  int references = 0;      ///< REFERENCES …
  int others = 0;          ///< COLLATE, ON UPDATE, AUTO_INCREMENT, AUTO_RANDOM, COLUMN_FORMAT, …
  bool automatic = false;  ///< AUTO_INCREMENT or AUTO_RANDOM
  bool stored = false;     ///< generated and STORED
  bool constant_default =
      true;                  ///< the default is a literal: every server takes the same value for it
  bool understood = false;   ///< every word was known and the definition ends where it should
  bool conditional = false;  ///< parts of it run on some servers only

  bool is_virtual() const { return generated > 0 && !stored; }
  bool rejects_null() const { return not_null > 0 || keys > 0; }
};

/// Reads name, type, options and FIRST/AFTER up to a comma or the end. An unknown word ends reading
/// with `understood` false.
ColumnDefinition read_column(Cursor& cursor);

}  // namespace bdrmesh::ddl
