#include "clients/sink_uri.h"

namespace bdrmesh {

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (kPlain.find(c) != std::string_view::npos) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kHex[byte >> 4U];
    out += kHex[byte & 0xFU];
  }
  return out;
}

Secret make_sink_uri(const std::string& address, const std::string& user, const Secret& password,
                     const std::map<std::string, std::string>& params) {
  std::string uri = "mysql://" + percent_encoded(user) + ":" + percent_encoded(password.reveal()) +
                    "@" + address + "/";
  char separator = '?';
  for (const auto& [name, value] : params) {
    uri += separator + percent_encoded(name) + "=" + percent_encoded(value);
    separator = '&';
  }
  return Secret(std::move(uri));
}

}  // namespace bdrmesh
