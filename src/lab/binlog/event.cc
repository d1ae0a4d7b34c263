#include "lab/binlog/event.h"

#include "lab/binlog/bytes.h"

namespace bdrmesh::lab {

namespace {

constexpr std::uint8_t kStandalone = 1;

/// `log-bin.000007` is older than `log-bin.000010` and than `log-bin.1000000`.
bool older_file(const std::string& a, const std::string& b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

}  // namespace

bool reached(const BinlogPosition& a, const BinlogPosition& b) {
  if (a.file == b.file) return a.offset >= b.offset;
  return older_file(b.file, a.file);
}

RawEvent parse_event(std::string_view packet) {
  ByteReader in(packet);
  RawEvent event;
  event.header.timestamp = static_cast<std::uint32_t>(in.little(4));
  event.header.type = static_cast<EventType>(in.byte());
  event.header.server_id = static_cast<std::uint32_t>(in.little(4));
  in.little(4);  // its size, which the packet already told
  event.header.next_offset = static_cast<std::uint32_t>(in.little(4));
  event.header.flags = static_cast<std::uint16_t>(in.little(2));
  event.body.assign(in.rest());
  return event;
}

QueryEvent parse_query(std::string_view body) {
  ByteReader in(body);
  QueryEvent query;
  query.thread = static_cast<std::uint32_t>(in.little(4));
  in.little(4);  // seconds it ran
  const std::size_t database_size = in.byte();
  in.little(2);  // its error code
  in.bytes(static_cast<std::size_t>(in.little(2)));
  query.database = in.bytes(database_size);
  in.byte();
  query.text = in.rest();
  return query;
}

BinlogPosition parse_rotate(std::string_view body) {
  ByteReader in(body);
  BinlogPosition next;
  next.offset = in.little(8);
  next.file = in.rest();
  return next;
}

void require_no_checksums(std::string_view format_description_body) {
  constexpr std::size_t kTail =
      5;  // the algorithm, then four bytes of checksum that are always there
  if (format_description_body.size() < kTail) throw BadBinlog("format description is too short");
  const char algorithm = format_description_body[format_description_body.size() - kTail];
  if (algorithm != 0) throw BadBinlog("the server must run with binlog_checksum=NONE");
}

GtidEvent parse_gtid(std::string_view body) {
  ByteReader in(body);
  GtidEvent gtid;
  gtid.sequence = in.little(8);
  gtid.domain = static_cast<std::uint32_t>(in.little(4));
  gtid.standalone = (in.byte() & kStandalone) != 0;
  return gtid;
}

}  // namespace bdrmesh::lab
