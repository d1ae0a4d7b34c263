// Reading and writing the MySQL protocol's integers and strings, with every length checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace bdrmesh::lab {

/// A packet that ends too early or lies about a length.
class MalformedPacket : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class PacketReader {
 public:
  explicit PacketReader(std::string_view data) : data_(data) {}

  /// Little endian integer of `size` bytes, at most 8. @throws MalformedPacket
  std::uint64_t fixed(std::size_t size);
  std::uint64_t lenenc();
  std::string_view bytes(std::size_t size);
  std::string_view lenenc_string() { return bytes(lenenc()); }
  /// A cell of a text row; std::nullopt for NULL.
  std::optional<std::string_view> cell();
  std::string_view until_nul();
  std::string_view rest() { return bytes(data_.size()); }
  bool at_end() const { return data_.empty(); }

 private:
  std::string_view data_;
};

void put_fixed(std::string& out, std::uint64_t value, std::size_t size);
void put_lenenc(std::string& out, std::uint64_t value);
void put_lenenc_string(std::string& out, std::string_view text);

}  // namespace bdrmesh::lab
