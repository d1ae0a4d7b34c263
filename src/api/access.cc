#include "api/access.h"

#include <algorithm>
#include <charconv>

namespace bdrmesh {
namespace {

bool is_port(std::string_view text) {
  return text.empty() ||
         (text.size() <= 6 && text.front() == ':' &&
          std::ranges::all_of(text.substr(1), [](char c) { return c >= '0' && c <= '9'; }));
}

/// All four numbers: "127.evil.example" begins like an address and is none.
bool is_loopback_v4(std::string_view text) {
  int parts = 0;
  for (; parts < 4 && !text.empty(); ++parts) {
    int value = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const auto length = static_cast<std::size_t>(end - text.data());
    if (error != std::errc{} || length > 3 || value < 0 || value > 255) return false;
    if (parts == 0 && value != 127) return false;
    text.remove_prefix(length);
    if (parts < 3) {
      if (!text.starts_with('.')) return false;
      text.remove_prefix(1);
    }
  }
  return parts == 4 && text.empty();
}

}  // namespace

bool is_local_host(std::string_view host) {
  static constexpr std::string_view kV6 = "[::1]";
  if (host.starts_with(kV6)) return is_port(host.substr(kV6.size()));
  const std::size_t colon = host.find(':');
  const std::string_view name = host.substr(0, colon);
  if (colon != std::string_view::npos && !is_port(host.substr(colon))) return false;
  return name == "localhost" || is_loopback_v4(name);
}

bool comes_from_a_page(const RequestOrigin& from, bool loopback) {
  if (from.sec_fetch_site == "cross-site" || from.sec_fetch_site == "same-site") return true;
  const bool own = from.origin.empty() || from.origin == "http://" + from.host ||
                   from.origin == "https://" + from.host;
  return !own || (loopback && !is_local_host(from.host));
}

}  // namespace bdrmesh
