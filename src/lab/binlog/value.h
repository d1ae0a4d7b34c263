// One column's value as it left the binlog, in a form that a SQL statement can carry without loss.
#pragma once

#include <string>

#include "lab/binlog/bytes.h"
#include "lab/binlog/table_map.h"

namespace bdrmesh::lab {

struct Value {
  enum class Kind {
    null,
    number,  ///< `text` is a numeric literal; ENUM and SET travel by number
    time,    ///< `text` is a date or time, in UTC for TIMESTAMP
    bytes,   ///< `text` is what is stored, in the column's own character set
  };
  Kind kind = Kind::null;
  std::string text;
  bool operator==(const Value&) const = default;
};

/// Reads the next value of `column`.
/// @throws BadBinlog
Value parse_value(const Column& column, ByteReader& in);

/// The literal that writes this value: `NULL`, `-1.50`, `'2026-11-21 10:00:00'`, `'ab'`, `x'00ff'`.
/// TIMESTAMP values are right only in a session whose time_zone is `+00:00`.
std::string sql_literal(const Value& value);

}  // namespace bdrmesh::lab
