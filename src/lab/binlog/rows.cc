#include "lab/binlog/rows.h"

#include <algorithm>

#include "lab/binlog/bytes.h"

namespace bdrmesh::lab {

namespace {

bool is_version_2(EventType type) {
  return type == EventType::write_rows_v2 || type == EventType::update_rows_v2 ||
         type == EventType::delete_rows_v2;
}

RowKind kind_of(EventType type) {
  switch (type) {
    case EventType::write_rows_v1:
    case EventType::write_rows_v2:
      return RowKind::insert;
    case EventType::update_rows_v1:
    case EventType::update_rows_v2:
      return RowKind::update;
    case EventType::delete_rows_v1:
    case EventType::delete_rows_v2:
      return RowKind::remove;
    default:
      throw BadBinlog("no rows event: " + std::to_string(static_cast<int>(type)));
  }
}

bool bit_of(std::string_view bitmap, std::size_t index) {
  return (static_cast<std::uint8_t>(bitmap[index / 8]) >> (index % 8) & 1) != 0;
}

void require_all_columns(std::string_view bitmap, std::size_t columns) {
  for (std::size_t i = 0; i < columns; ++i) {
    if (!bit_of(bitmap, i)) throw BadBinlog("the server must run with binlog_row_image=FULL");
  }
}

Row parse_row(const TableMap& table, ByteReader& in) {
  const std::string_view nulls = in.bytes((table.columns.size() + 7) / 8);
  Row row(table.columns.size());
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (!bit_of(nulls, i)) row[i] = parse_value(table.columns[i], in);
  }
  return row;
}

}  // namespace

bool is_rows_event(EventType type) {
  const auto number = static_cast<std::uint8_t>(type);
  return (number >= 23 && number <= 25) || (number >= 30 && number <= 32);
}

std::uint64_t table_id_of(std::string_view body) { return ByteReader(body).little(6); }

RowsEvent parse_rows(EventType type, const TableMap& table, std::string_view body) {
  RowsEvent event;
  event.kind = kind_of(type);
  ByteReader in(body);
  in.little(6);  // table id
  in.little(2);  // flags
  if (is_version_2(type)) {
    const auto extra = static_cast<std::size_t>(in.little(2));
    if (extra < 2) throw BadBinlog("extra data of a rows event is shorter than its own length");
    in.bytes(extra - 2);
  }
  const std::uint64_t columns = in.length_encoded();
  if (columns != table.columns.size()) throw BadBinlog("rows and their table map do not match");
  const std::size_t bitmap = (table.columns.size() + 7) / 8;
  require_all_columns(in.bytes(bitmap), table.columns.size());
  if (event.kind == RowKind::update) require_all_columns(in.bytes(bitmap), table.columns.size());
  while (!in.empty()) {
    RowImage image;
    if (event.kind != RowKind::insert) image.before = parse_row(table, in);
    if (event.kind != RowKind::remove) image.after = parse_row(table, in);
    event.rows.push_back(std::move(image));
  }
  return event;
}

}  // namespace bdrmesh::lab
