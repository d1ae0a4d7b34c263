#include "lab/wire/bytes.h"

namespace bdrmesh::lab {

std::string_view PacketReader::bytes(std::size_t size) {
  if (size > data_.size()) throw MalformedPacket("packet ends too early");
  const std::string_view taken = data_.substr(0, size);
  data_.remove_prefix(size);
  return taken;
}

std::uint64_t PacketReader::fixed(std::size_t size) {
  const std::string_view raw = bytes(size);
  std::uint64_t value = 0;
  for (std::size_t i = size; i-- > 0;) {
    value = (value << 8U) | static_cast<std::uint8_t>(raw[i]);
  }
  return value;
}

std::uint64_t PacketReader::lenenc() {
  const auto first = fixed(1);
  switch (first) {
    case 0xfc:
      return fixed(2);
    case 0xfd:
      return fixed(3);
    case 0xfe:
      return fixed(8);
    case 0xfb:
    case 0xff:
      throw MalformedPacket("no length where one belongs");
    default:
      return first;
  }
}

std::optional<std::string_view> PacketReader::cell() {
  if (!data_.empty() && static_cast<std::uint8_t>(data_.front()) == 0xfb) {
    data_.remove_prefix(1);
    return std::nullopt;
  }
  return lenenc_string();
}

std::string_view PacketReader::until_nul() {
  const std::size_t end = data_.find('\0');
  if (end == std::string_view::npos) throw MalformedPacket("string without end");
  const std::string_view text = bytes(end);
  bytes(1);
  return text;
}

void put_fixed(std::string& out, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) out += static_cast<char>((value >> (8 * i)) & 0xffU);
}

void put_lenenc(std::string& out, std::uint64_t value) {
  if (value < 0xfb) {
    put_fixed(out, value, 1);
  } else if (value <= 0xffff) {
    out += '\xfc';
    put_fixed(out, value, 2);
  } else if (value <= 0xffffff) {
    out += '\xfd';
    put_fixed(out, value, 3);
  } else {
    out += '\xfe';
    put_fixed(out, value, 8);
  }
}

void put_lenenc_string(std::string& out, std::string_view text) {
  put_lenenc(out, text.size());
  out += text;
}

}  // namespace bdrmesh::lab
