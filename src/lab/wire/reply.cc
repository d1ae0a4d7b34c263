#include "lab/wire/reply.h"

#include "lab/wire/bytes.h"

namespace bdrmesh::lab {

namespace {

std::uint8_t first_byte(std::string_view payload) {
  return payload.empty() ? 0 : static_cast<std::uint8_t>(payload.front());
}

constexpr std::uint16_t kUtf8mb4Bin = 46;
constexpr std::uint16_t kBinary = 63;
constexpr std::uint16_t kUnsignedFlag = 0x20;

}  // namespace

bool is_ok_packet(std::string_view payload) {
  return payload.size() >= 7 && first_byte(payload) == 0x00;
}
bool is_error_packet(std::string_view payload) {
  return payload.size() >= 3 && first_byte(payload) == 0xff;
}
bool is_eof_packet(std::string_view payload) {
  return payload.size() == 5 && first_byte(payload) == 0xfe;
}

OkReply parse_ok(std::string_view payload) {
  PacketReader reader(payload);
  reader.fixed(1);
  OkReply ok;
  ok.affected = reader.lenenc();
  ok.insert_id = reader.lenenc();
  ok.status = static_cast<std::uint16_t>(reader.fixed(2));
  ok.warnings = static_cast<std::uint16_t>(reader.fixed(2));
  ok.info = std::string(reader.rest());
  return ok;
}

SqlFailure parse_error(std::string_view payload) {
  PacketReader reader(payload);
  reader.fixed(1);
  SqlFailure failure;
  failure.code = static_cast<int>(reader.fixed(2));
  std::string_view text = reader.rest();
  if (text.size() >= 6 && text.front() == '#') {
    failure.state = std::string(text.substr(1, 5));
    text.remove_prefix(6);
  }
  failure.message = std::string(text);
  return failure;
}

std::uint16_t eof_status(std::string_view payload) {
  PacketReader reader(payload);
  reader.fixed(3);
  return static_cast<std::uint16_t>(reader.fixed(2));
}

std::string ok_packet(const OkReply& ok) {
  std::string out(1, '\0');
  put_lenenc(out, ok.affected);
  put_lenenc(out, ok.insert_id);
  put_fixed(out, ok.status, 2);
  put_fixed(out, ok.warnings, 2);
  return out + ok.info;
}

std::string error_packet(const SqlFailure& failure) {
  std::string out(1, '\xff');
  put_fixed(out, static_cast<std::uint64_t>(failure.code), 2);
  return out + "#" + failure.state + failure.message;
}

std::string eof_packet(std::uint16_t status, std::uint16_t warnings) {
  std::string out(1, '\xfe');
  put_fixed(out, warnings, 2);
  put_fixed(out, status, 2);
  return out;
}

std::string column_packet(const ResultColumn& column) {
  const bool text = column.type == CellType::text;
  std::string out;
  put_lenenc_string(out, "def");
  for (int i = 0; i < 3; ++i) put_lenenc_string(out, "");  // schema, table, original table
  put_lenenc_string(out, column.name);
  put_lenenc_string(out, column.name);
  put_lenenc(out, 0x0c);
  put_fixed(out, text ? kUtf8mb4Bin : kBinary, 2);
  put_fixed(out, text ? 4096 : 21, 4);
  put_fixed(out, static_cast<std::uint8_t>(column.type), 1);
  put_fixed(out, column.is_unsigned ? kUnsignedFlag : 0, 2);
  put_fixed(out, text ? 31 : 0, 1);
  put_fixed(out, 0, 2);
  return out;
}

std::string row_packet(const std::vector<Cell>& row) {
  std::string out;
  for (const Cell& cell : row) {
    if (cell) {
      put_lenenc_string(out, *cell);
    } else {
      out += '\xfb';
    }
  }
  return out;
}

}  // namespace bdrmesh::lab
