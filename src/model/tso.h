// TiDB's timestamps: 46 bits of physical milliseconds, 18 bits of a counter (tidb-sql §3).
#pragma once

#include <compare>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace bdrmesh {

/// A position in the history of *one* cluster. Values of different clusters are not comparable.
class Tso {
 public:
  constexpr Tso() = default;
  constexpr explicit Tso(std::uint64_t value) : value_(value) {}

  /// @return the first TSO of that millisecond.
  static Tso at(WallTime time) { return Tso(static_cast<std::uint64_t>(to_millis(time)) << 18); }

  constexpr std::uint64_t value() const { return value_; }
  constexpr bool is_set() const { return value_ != 0; }
  WallTime time() const { return from_millis(static_cast<std::int64_t>(value_ >> 18)); }
  constexpr std::uint32_t logical() const { return static_cast<std::uint32_t>(value_ & 0x3ffff); }
  auto operator<=>(const Tso&) const = default;

 private:
  std::uint64_t value_ = 0;
};

std::string to_string(Tso tso);
std::ostream& operator<<(std::ostream& out, Tso tso);
/// @throws Error invalid `BAD_TSO` when `text` is no unsigned 64-bit integer.
Tso parse_tso(std::string_view text);

/// How far `behind` is behind `ahead`, from their physical halves; never negative.
Millis lag_between(Tso behind, Tso ahead);

}  // namespace bdrmesh
