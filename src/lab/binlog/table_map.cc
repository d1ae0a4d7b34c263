#include "lab/binlog/table_map.h"

#include "lab/binlog/bytes.h"

namespace bdrmesh::lab {

namespace {

constexpr std::size_t kMostColumns = 4096;

enum class Metadata : std::uint8_t {
  signedness = 1,
  column_name = 4,
  simple_primary_key = 8,
  primary_key_with_prefix = 9,
};

bool is_numeric(ColumnType type) {
  switch (type) {
    case ColumnType::tiny:
    case ColumnType::small:
    case ColumnType::integer:
    case ColumnType::big:
    case ColumnType::medium:
    case ColumnType::float4:
    case ColumnType::float8:
    case ColumnType::decimal:
    case ColumnType::year:
      return true;
    default:
      return false;
  }
}

/// CHAR, ENUM and SET share a type; two bytes tell them apart and hold a length that may need ten
/// bits.
void read_string_meta(Column& column, ByteReader& meta) {
  const std::uint8_t first = meta.byte();
  const std::uint8_t second = meta.byte();
  if (first == static_cast<std::uint8_t>(ColumnType::enumeration) ||
      first == static_cast<std::uint8_t>(ColumnType::set)) {
    column.type = static_cast<ColumnType>(first);
    column.meta = second;
  } else {
    const unsigned high = (first & 0x30U) ^ 0x30U;
    column.meta = static_cast<std::uint16_t>(second | high << 4);
  }
}

void read_meta(Column& column, ByteReader& meta) {
  switch (column.type) {
    case ColumnType::float4:
    case ColumnType::float8:
    case ColumnType::blob:
    case ColumnType::json:
    case ColumnType::geometry:
    case ColumnType::timestamp:
    case ColumnType::datetime:
    case ColumnType::time:
      column.meta = meta.byte();
      return;
    case ColumnType::varchar:
    case ColumnType::var_string:
    case ColumnType::bit:
      column.meta = static_cast<std::uint16_t>(meta.little(2));
      return;
    case ColumnType::decimal:
      column.meta = static_cast<std::uint16_t>(meta.big(2));
      return;
    case ColumnType::string:
      read_string_meta(column, meta);
      return;
    case ColumnType::tiny:
    case ColumnType::small:
    case ColumnType::integer:
    case ColumnType::big:
    case ColumnType::medium:
    case ColumnType::date:
    case ColumnType::year:
      return;
    default:
      throw BadBinlog("unknown column type " + std::to_string(static_cast<int>(column.type)));
  }
}

void read_signedness(TableMap& table, ByteReader bits) {
  std::size_t n = 0;
  std::uint8_t octet = 0;
  for (Column& column : table.columns) {
    if (!is_numeric(column.type)) continue;
    if (n % 8 == 0) octet = bits.byte();
    column.is_unsigned = (octet >> (7 - n % 8) & 1) != 0;
    ++n;
  }
}

void read_primary_key(TableMap& table, ByteReader in, bool with_prefix) {
  while (!in.empty()) {
    const std::uint64_t index = in.length_encoded();
    if (index >= table.columns.size()) throw BadBinlog("primary key names a column that is none");
    table.primary_key.push_back(static_cast<std::size_t>(index));
    if (with_prefix) in.length_encoded();
  }
}

void read_optional_metadata(TableMap& table, ByteReader& in) {
  while (!in.empty()) {
    const auto kind = static_cast<Metadata>(in.byte());
    ByteReader field(in.counted());
    switch (kind) {
      case Metadata::signedness:
        read_signedness(table, field);
        break;
      case Metadata::column_name:
        for (Column& column : table.columns) column.name = field.counted();
        break;
      case Metadata::simple_primary_key:
        read_primary_key(table, field, false);
        break;
      case Metadata::primary_key_with_prefix:
        read_primary_key(table, field, true);
        break;
      default:
        break;  // character sets and the like: bytes travel as bytes
    }
  }
}

}  // namespace

TableMap parse_table_map(std::string_view body) {
  ByteReader in(body);
  TableMap table;
  table.id = in.little(6);
  in.little(2);
  table.schema = in.bytes(in.byte());
  in.byte();
  table.name = in.bytes(in.byte());
  in.byte();
  const std::uint64_t count = in.length_encoded();
  if (count == 0 || count > kMostColumns) throw BadBinlog("a table cannot have that many columns");
  table.columns.resize(static_cast<std::size_t>(count));
  for (Column& column : table.columns) column.type = static_cast<ColumnType>(in.byte());
  ByteReader meta(in.counted());
  for (Column& column : table.columns) read_meta(column, meta);
  in.bytes((table.columns.size() + 7) / 8);  // which ones may be null
  read_optional_metadata(table, in);
  if (table.columns.front().name.empty()) {
    throw BadBinlog("no column names: the server must run with binlog_row_metadata=FULL");
  }
  return table;
}

}  // namespace bdrmesh::lab
