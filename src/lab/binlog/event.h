// Events of a MariaDB binlog, as far as replication of rows and DDL needs them. Values; parsing is
// pure.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace bdrmesh::lab {

enum class EventType : std::uint8_t {
  query = 2,
  rotate = 4,
  format_description = 15,
  xid = 16,
  table_map = 19,
  write_rows_v1 = 23,
  update_rows_v1 = 24,
  delete_rows_v1 = 25,
  heartbeat = 27,
  write_rows_v2 = 30,
  update_rows_v2 = 31,
  delete_rows_v2 = 32,
  annotate_rows = 160,
  gtid = 162,
};

/// A place in a server's binlog; files of one server compare by their number.
struct BinlogPosition {
  std::string file;
  std::uint64_t offset = 0;
  bool is_set() const { return !file.empty(); }
  bool operator==(const BinlogPosition&) const = default;
};

/// Whether `a` stands at or behind `b`. File names have a fixed prefix and a growing number.
bool reached(const BinlogPosition& a, const BinlogPosition& b);

struct EventHeader {
  std::uint32_t timestamp = 0;
  EventType type{};
  std::uint32_t server_id = 0;
  std::uint32_t next_offset = 0;  ///< 0 in events that stand in no file
  std::uint16_t flags = 0;
};

/// One event as the server sent it; `body` has no header and no checksum.
struct RawEvent {
  EventHeader header;
  std::string body;
};

/// Splits what follows the status byte of a dump packet.
/// @throws BadBinlog
RawEvent parse_event(std::string_view packet);

/// A statement, for us: DDL, BEGIN, COMMIT, ROLLBACK.
struct QueryEvent {
  std::uint32_t thread = 0;  ///< connection that ran it
  std::string database;      ///< the default one, may be empty
  std::string text;
};
/// @throws BadBinlog
QueryEvent parse_query(std::string_view body);

/// @throws BadBinlog
BinlogPosition parse_rotate(std::string_view body);

/// @throws BadBinlog when the server adds checksums: it must run with binlog_checksum=NONE.
void require_no_checksums(std::string_view format_description_body);

/// A group starts. A standalone one is a single statement without COMMIT: DDL.
struct GtidEvent {
  std::uint64_t sequence = 0;
  std::uint32_t domain = 0;
  bool standalone = false;
};
/// @throws BadBinlog
GtidEvent parse_gtid(std::string_view body);

}  // namespace bdrmesh::lab
