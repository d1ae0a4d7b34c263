#include "lab/binlog/value.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <chrono>
#include <cstdio>

namespace bdrmesh::lab {

namespace {

constexpr unsigned kMostFraction = 6;
constexpr unsigned kMostDecimals = 65;

Value number(std::string text) { return {Value::Kind::number, std::move(text)}; }
Value time_text(std::string text) { return {Value::Kind::time, std::move(text)}; }

template <class... Args>
std::string format(const char* pattern, Args... args) {
  std::array<char, 64> out{};
  const int length = std::snprintf(out.data(), out.size(), pattern, args...);
  if (length < 0 || static_cast<std::size_t>(length) >= out.size()) {
    throw BadBinlog("a value does not fit its text");
  }
  return {out.data(), static_cast<std::size_t>(length)};
}

Value integer(const Column& column, ByteReader& in, unsigned width) {
  const std::uint64_t raw = in.little(width);
  if (column.is_unsigned) return number(std::to_string(raw));
  const unsigned shift = 64 - 8 * width;
  return number(std::to_string(static_cast<std::int64_t>(raw << shift) >> shift));
}

/// The shortest text that reads back as the same number.
template <class Float>
Value floating(Float value) {
  std::array<char, 64> out{};
  const auto end = std::to_chars(out.data(), out.data() + out.size(), value);
  return number(std::string(out.data(), end.ptr));
}

unsigned fraction_digits(const Column& column) {
  if (column.meta > kMostFraction) throw BadBinlog("a time has at most six fraction digits");
  return column.meta;
}

/// `.250000`, or nothing for a column without fraction; `raw` counts in the stored unit of two
/// digits per byte.
std::string fraction_text(std::uint64_t raw, unsigned digits) {
  if (digits == 0) return "";
  constexpr std::array<unsigned, 4> kToMicro = {1, 10000, 100, 1};
  return format(".%06llu", static_cast<unsigned long long>(raw * kToMicro[(digits + 1) / 2]));
}

Value date(ByteReader& in) {
  const auto raw = static_cast<unsigned>(in.little(3));
  return time_text(format("%04u-%02u-%02u", raw >> 9, raw >> 5 & 15, raw & 31));
}

Value timestamp(const Column& column, ByteReader& in) {
  const unsigned digits = fraction_digits(column);
  const auto seconds = static_cast<std::int64_t>(in.big(4));
  const std::string fraction = fraction_text(in.big((digits + 1) / 2), digits);
  if (seconds == 0) return time_text("0000-00-00 00:00:00" + fraction);
  const std::chrono::sys_seconds at{std::chrono::seconds{seconds}};
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day ymd{day};
  const std::chrono::hh_mm_ss clock{at - day};
  return time_text(format("%04d-%02u-%02u %02d:%02d:%02d", static_cast<int>(ymd.year()),
                          static_cast<unsigned>(ymd.month()), static_cast<unsigned>(ymd.day()),
                          static_cast<int>(clock.hours().count()),
                          static_cast<int>(clock.minutes().count()),
                          static_cast<int>(clock.seconds().count())) +
                   fraction);
}

Value datetime(const Column& column, ByteReader& in) {
  const unsigned digits = fraction_digits(column);
  const std::uint64_t raw = in.big(5) & 0x7fffffffffU;  // the top bit is a sign that is always set
  const std::string fraction = fraction_text(in.big((digits + 1) / 2), digits);
  const auto months = static_cast<unsigned>(raw >> 22);
  const auto low = static_cast<unsigned>(raw & 0x3fffff);
  return time_text(format("%04u-%02u-%02u %02u:%02u:%02u", months / 13, months % 13, low >> 17,
                          low >> 12 & 31, low >> 6 & 63, low & 63) +
                   fraction);
}

/// Hours and fraction are one number with an offset, so that a negative time borrows from the
/// seconds.
Value time_of_day(const Column& column, ByteReader& in) {
  const unsigned digits = fraction_digits(column);
  const unsigned width = (digits + 1) / 2;
  const auto zero = static_cast<std::int64_t>(0x800000ULL << (8 * width));
  std::int64_t raw = static_cast<std::int64_t>(in.big(3 + width)) - zero;
  const bool negative = raw < 0;
  if (negative) raw = -raw;
  const auto clock = static_cast<unsigned>(raw >> (8 * width));
  const auto fraction = static_cast<std::uint64_t>(raw) & ((1ULL << (8 * width)) - 1);
  return time_text(format("%s%02u:%02u:%02u", negative ? "-" : "", clock >> 12 & 1023,
                          clock >> 6 & 63, clock & 63) +
                   fraction_text(fraction, digits));
}

/// Groups of nine digits in four bytes; what is left over takes fewer.
std::string decimal_digits(ByteReader& in, unsigned count, bool leftover_first) {
  constexpr std::array<unsigned, 10> kBytes = {0, 1, 1, 2, 2, 3, 3, 4, 4, 4};
  const unsigned groups = count / 9;
  const unsigned leftover = count % 9;
  std::string digits;
  const auto take = [&](unsigned width) {
    digits += format("%0*llu", static_cast<int>(width),
                     static_cast<unsigned long long>(in.big(kBytes[width])));
  };
  if (leftover_first && leftover > 0) take(leftover);
  for (unsigned i = 0; i < groups; ++i) take(9);
  if (!leftover_first && leftover > 0) take(leftover);
  return digits;
}

Value decimal(const Column& column, ByteReader& in) {
  constexpr std::array<unsigned, 10> kBytes = {0, 1, 1, 2, 2, 3, 3, 4, 4, 4};
  const unsigned precision = column.meta >> 8;
  const unsigned scale = column.meta & 255;
  if (precision == 0 || precision > kMostDecimals || scale > precision) {
    throw BadBinlog("a decimal cannot have that precision");
  }
  const unsigned whole = precision - scale;
  std::string raw(in.bytes(whole / 9 * 4 + kBytes[whole % 9] + scale / 9 * 4 + kBytes[scale % 9]));
  const bool negative = (static_cast<std::uint8_t>(raw[0]) & 0x80) == 0;
  raw[0] = static_cast<char>(raw[0] ^ 0x80);
  if (negative) {
    for (char& c : raw) c = static_cast<char>(~c);
  }
  ByteReader digits(raw);
  std::string text = decimal_digits(digits, whole, true);
  text.erase(0, text.find_first_not_of('0'));
  if (text.empty()) text = "0";
  if (scale > 0) text += "." + decimal_digits(digits, scale, false);
  return number((negative ? "-" : "") + text);
}

Value bytes_of(std::string_view raw) { return {Value::Kind::bytes, std::string(raw)}; }

/// Text whose length stands before it in `width` bytes.
Value counted_bytes(ByteReader& in, unsigned width) {
  if (width == 0 || width > 4) throw BadBinlog("a length takes one to four bytes");
  return bytes_of(in.bytes(static_cast<std::size_t>(in.little(width))));
}

Value bits(const Column& column, ByteReader& in) {
  const unsigned width = (column.meta >> 8) + ((column.meta & 255) != 0 ? 1U : 0U);
  if (width == 0 || width > 8) throw BadBinlog("a BIT column has 1 to 64 bits");
  return bytes_of(in.bytes(width));
}

Value by_number(const Column& column, ByteReader& in) {
  if (column.meta == 0 || column.meta > 8) throw BadBinlog("ENUM and SET take one to eight bytes");
  return number(std::to_string(in.little(column.meta)));
}

Value year(ByteReader& in) {
  const unsigned raw = in.byte();
  return number(std::to_string(raw == 0 ? 0 : raw + 1900));
}

}  // namespace

Value parse_value(const Column& column, ByteReader& in) {
  switch (column.type) {
    case ColumnType::tiny:
      return integer(column, in, 1);
    case ColumnType::small:
      return integer(column, in, 2);
    case ColumnType::medium:
      return integer(column, in, 3);
    case ColumnType::integer:
      return integer(column, in, 4);
    case ColumnType::big:
      return integer(column, in, 8);
    case ColumnType::float4:
      return floating(std::bit_cast<float>(static_cast<std::uint32_t>(in.little(4))));
    case ColumnType::float8:
      return floating(std::bit_cast<double>(in.little(8)));
    case ColumnType::decimal:
      return decimal(column, in);
    case ColumnType::year:
      return year(in);
    case ColumnType::date:
      return date(in);
    case ColumnType::timestamp:
      return timestamp(column, in);
    case ColumnType::datetime:
      return datetime(column, in);
    case ColumnType::time:
      return time_of_day(column, in);
    case ColumnType::enumeration:
    case ColumnType::set:
      return by_number(column, in);
    case ColumnType::bit:
      return bits(column, in);
    case ColumnType::varchar:
    case ColumnType::var_string:
    case ColumnType::string:
      return counted_bytes(in, column.meta > 255 ? 2 : 1);
    case ColumnType::blob:
    case ColumnType::json:
    case ColumnType::geometry:
      return counted_bytes(in, column.meta);
    default:
      throw BadBinlog("unknown column type " + std::to_string(static_cast<int>(column.type)));
  }
}

namespace {

/// Printable ASCII means the same in every character set that TiDB has, quoted or in hex.
bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= ' ' && c <= '~' && c != '\'' && c != '\\'; });
}

}  // namespace

std::string sql_literal(const Value& value) {
  switch (value.kind) {
    case Value::Kind::null:
      return "NULL";
    case Value::Kind::number:
      return value.text;
    case Value::Kind::time:
      return "'" + value.text + "'";
    case Value::Kind::bytes:
      break;
  }
  if (is_plain(value.text)) return "'" + value.text + "'";
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = "x'";
  out.reserve(value.text.size() * 2 + 3);
  for (const char c : value.text) {
    out += kHex[static_cast<std::uint8_t>(c) >> 4];
    out += kHex[static_cast<std::uint8_t>(c) & 15];
  }
  return out + "'";
}

}  // namespace bdrmesh::lab
