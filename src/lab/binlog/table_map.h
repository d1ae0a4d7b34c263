// TABLE_MAP events with full metadata (binlog_row_metadata=FULL): what the columns of a table are
// called and how they are stored. Values; parsing is pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bdrmesh::lab {

/// How a column stands in a row event; numbers are those of the protocol.
enum class ColumnType : std::uint8_t {
  tiny = 1,
  small = 2,
  integer = 3,
  float4 = 4,
  float8 = 5,
  big = 8,
  medium = 9,
  date = 10,
  year = 13,
  varchar = 15,
  bit = 16,
  timestamp = 17,
  datetime = 18,
  time = 19,
  json = 245,
  decimal = 246,
  enumeration = 247,
  set = 248,
  tiny_blob = 249,
  medium_blob = 250,
  long_blob = 251,
  blob = 252,
  var_string = 253,
  string = 254,
  geometry = 255,
};

struct Column {
  ColumnType type{};
  std::uint16_t meta = 0;  ///< length, precision or fraction digits, by type
  bool is_unsigned = false;
  std::string name;
};

struct TableMap {
  std::uint64_t id = 0;
  std::string schema;
  std::string name;
  std::vector<Column> columns;
  std::vector<std::size_t> primary_key;  ///< indexes into columns; empty when there is none
};

/// @throws BadBinlog when it is malformed, lacks column names, or uses a column type that TiDB does
/// not have.
TableMap parse_table_map(std::string_view body);

}  // namespace bdrmesh::lab
