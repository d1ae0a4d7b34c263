#include "lab/binlog/bytes.h"

namespace bdrmesh::lab {

std::string_view ByteReader::bytes(std::size_t count) {
  if (count > rest_.size()) {
    throw BadBinlog("event ends " + std::to_string(count - rest_.size()) + " bytes too early");
  }
  const std::string_view taken = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return taken;
}

std::uint64_t ByteReader::little(std::size_t width) {
  const std::string_view raw = bytes(width);
  std::uint64_t value = 0;
  for (std::size_t i = raw.size(); i > 0; --i) {
    value = value << 8 | static_cast<std::uint8_t>(raw[i - 1]);
  }
  return value;
}

std::uint64_t ByteReader::big(std::size_t width) {
  std::uint64_t value = 0;
  for (const char c : bytes(width)) value = value << 8 | static_cast<std::uint8_t>(c);
  return value;
}

std::string_view ByteReader::zero_ended() {
  const std::size_t length = rest_.find('\0');
  if (length == std::string_view::npos) throw BadBinlog("text without its closing zero byte");
  const std::string_view taken = rest_.substr(0, length);
  rest_.remove_prefix(length + 1);
  return taken;
}

std::uint64_t ByteReader::length_encoded() {
  const std::uint8_t first = byte();
  switch (first) {
    case 252:
      return little(2);
    case 253:
      return little(3);
    case 254:
      return little(8);
    case 251:
    case 255:
      throw BadBinlog("a length cannot begin with " + std::to_string(first));
    default:
      return first;
  }
}

std::string_view ByteReader::counted() {
  const std::uint64_t count = length_encoded();
  if (count > rest_.size()) throw BadBinlog("counted text is longer than its event");
  return bytes(static_cast<std::size_t>(count));
}

}  // namespace bdrmesh::lab
