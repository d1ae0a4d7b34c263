// WRITE, UPDATE and DELETE row events of both versions. Values; parsing is pure.
#pragma once

#include <string_view>
#include <vector>

#include "lab/binlog/event.h"
#include "lab/binlog/table_map.h"
#include "lab/binlog/value.h"

namespace bdrmesh::lab {

using Row = std::vector<Value>;

enum class RowKind { insert, update, remove };

/// One changed row: `before` is empty for an insert, `after` for a removal.
struct RowImage {
  Row before;
  Row after;
};

struct RowsEvent {
  RowKind kind{};
  std::vector<RowImage> rows;
};

bool is_rows_event(EventType type);

/// The table id that a rows event names, to find its TableMap with.
/// @throws BadBinlog
std::uint64_t table_id_of(std::string_view body);

/// Columns that the event leaves out (binlog_row_image other than FULL) are refused.
/// @throws BadBinlog
RowsEvent parse_rows(EventType type, const TableMap& table, std::string_view body);

}  // namespace bdrmesh::lab
