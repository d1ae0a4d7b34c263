#include "lab/wire/backend.h"

#include "lab/wire/bytes.h"

namespace bdrmesh::lab {

Backend::Backend(const EngineEndpoint& endpoint)
    : socket_(Socket::connect_unix(endpoint.socket_path)), packets_(socket_) {}

Reply Backend::query(std::string_view sql, const RowSink& sink) {
  std::string payload(1, '\x03');
  payload += sql;
  return command(payload, sink);
}

Reply Backend::command(std::string_view payload, const RowSink& sink) {
  send_only(payload);
  return read_reply(sink);
}

void Backend::send_only(std::string_view payload) {
  packets_.start_command();
  packets_.write(payload);
  packets_.flush();
}

Reply Backend::read_reply(const RowSink& sink) {
  std::string first = packets_.read();
  if (is_ok_packet(first)) return parse_ok(first);
  if (is_error_packet(first)) return parse_error(first);
  RowsReply reply;
  if (sink) sink(first, false);
  for (int part = 0; part < 2;) {  // columns, then rows, each ended by an EOF packet
    std::string packet = packets_.read();
    const bool eof = is_eof_packet(packet);
    if (is_error_packet(packet) && part == 1) {
      reply.failure = parse_error(packet);
      return reply;
    }
    if (eof) {
      ++part;
      reply.status = eof_status(packet);
      reply.warnings = static_cast<std::uint16_t>(PacketReader(packet.substr(1, 2)).fixed(2));
      // With an open cursor the rows are fetched later.
      if ((reply.status & kStatusCursorExists) != 0) part = 2;
    }
    if (sink) {
      sink(packet, eof);
    } else if (!eof) {
      (part == 0 ? reply.columns : reply.rows).push_back(std::move(packet));
    }
  }
  return reply;
}

std::vector<std::string> Backend::prepare(std::string_view sql) {
  std::string payload(1, '\x16');
  payload += sql;
  send_only(payload);
  std::vector<std::string> packets;
  packets.push_back(packets_.read());
  if (is_error_packet(packets.front())) return packets;
  PacketReader head(packets.front());
  head.bytes(5);
  const auto columns = head.fixed(2);
  const auto parameters = head.fixed(2);
  const std::size_t parts = (columns > 0 ? 1U : 0U) + (parameters > 0 ? 1U : 0U);
  for (std::size_t part = 0; part < parts;) {
    packets.push_back(packets_.read());
    if (is_eof_packet(packets.back())) ++part;
  }
  return packets;
}

}  // namespace bdrmesh::lab
