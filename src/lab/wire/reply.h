// A server's answer: OK, error or rows, and their packets.
// Pure values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bdrmesh::lab {

inline constexpr std::uint16_t kStatusInTransaction = 0x0001;
inline constexpr std::uint16_t kStatusAutocommit = 0x0002;
inline constexpr std::uint16_t kStatusMoreResults = 0x0008;
inline constexpr std::uint16_t kStatusCursorExists = 0x0040;

/// What a client sees when a statement is refused.
struct SqlFailure {
  int code = 0;
  std::string state = "HY000";
  std::string message;
};

struct OkReply {
  std::uint64_t affected = 0;
  std::uint64_t insert_id = 0;
  std::uint16_t status = 0;
  std::uint16_t warnings = 0;
  std::string info;
};

enum class CellType : std::uint8_t { text = 0xfd, integer = 0x08, decimal = 0xf6, datetime = 0x0c };

struct ResultColumn {
  std::string name;
  CellType type = CellType::text;
  bool is_unsigned = false;
};

using Cell = std::optional<std::string>;

/// Rows made by the lab itself.
struct TextResult {
  std::vector<ResultColumn> columns;
  std::vector<std::vector<Cell>> rows;
};

bool is_ok_packet(std::string_view payload);
bool is_error_packet(std::string_view payload);
/// The 5 byte packet that ends columns or rows.
bool is_eof_packet(std::string_view payload);

/// @throws MalformedPacket
OkReply parse_ok(std::string_view payload);
SqlFailure parse_error(std::string_view payload);
std::uint16_t eof_status(std::string_view payload);

std::string ok_packet(const OkReply& ok);
std::string error_packet(const SqlFailure& failure);
std::string eof_packet(std::uint16_t status, std::uint16_t warnings = 0);
std::string column_packet(const ResultColumn& column);
std::string row_packet(const std::vector<Cell>& row);

}  // namespace bdrmesh::lab
