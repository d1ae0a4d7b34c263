// A reader over bytes that never reads past their end: every event of the binlog and every packet
// goes through it. Views only: the text must outlive the reader. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace bdrmesh::lab {

/// What a server sent is not what the format allows, or is a part of it that we do not read.
class BadBinlog : public Error {
 public:
  explicit BadBinlog(const std::string& message)
      : Error(ErrorKind::bug, "LAB_BAD_BINLOG", message) {}
};

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  std::size_t left() const { return rest_.size(); }
  bool empty() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }

  /// An unsigned integer of `width` bytes (at most 8), least significant first.
  /// @throws BadBinlog when fewer bytes are left; the same for every function below.
  std::uint64_t little(std::size_t width);
  /// The same, most significant byte first.
  std::uint64_t big(std::size_t width);
  std::uint8_t byte() { return static_cast<std::uint8_t>(little(1)); }
  std::string_view bytes(std::size_t count);
  /// Bytes up to a zero byte, which is skipped.
  std::string_view zero_ended();
  /// A length-encoded integer of the client protocol.
  std::uint64_t length_encoded();
  /// A length-encoded count of bytes, then those bytes.
  std::string_view counted();

 private:
  std::string_view rest_;
};

}  // namespace bdrmesh::lab
