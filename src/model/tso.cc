#include "model/tso.h"

#include <charconv>

#include "base/error.h"

namespace bdrmesh {

std::string to_string(Tso tso) { return std::to_string(tso.value()); }

std::ostream& operator<<(std::ostream& out, Tso tso) { return out << tso.value(); }

Tso parse_tso(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || end != text.data() + text.size()) {
    throw Error(ErrorKind::invalid, "BAD_TSO", "'" + std::string(text) + "' is no TSO",
                "a TSO is an unsigned integer such as 458712039481344001");
  }
  return Tso(value);
}

Millis lag_between(Tso behind, Tso ahead) {
  if (ahead <= behind) return Millis{0};
  return ahead.time() - behind.time();
}

}  // namespace bdrmesh
