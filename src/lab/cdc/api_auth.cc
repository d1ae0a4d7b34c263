#include "lab/cdc/api_auth.h"

#include <algorithm>
#include <optional>

#include "lab/binlog/sql_session.h"
#include "lab/feed/api_error.h"
#include "lab/feed/sink_session.h"

namespace bdrmesh::lab {

namespace {

constexpr Millis kPatience{5000};

struct Credentials {
  std::string user;
  Secret password;
};

int base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

std::optional<std::string> base64_decoded(std::string text) {
  while (!text.empty() && text.back() == '=') text.pop_back();
  std::string out;
  unsigned bits = 0;
  int held = 0;
  for (const char c : text) {
    const int digit = base64_digit(c);
    if (digit < 0) return std::nullopt;
    bits = (bits << 6U) | static_cast<unsigned>(digit);
    held += 6;
    if (held >= 8) {
      held -= 8;
      out += static_cast<char>((bits >> static_cast<unsigned>(held)) & 0xffU);
    }
  }
  return out;
}

std::optional<Credentials> credentials_of(const HttpRequest& request) {
  const auto header = request.headers.find("authorization");
  const std::string scheme = "Basic ";
  if (header == request.headers.end() || header->second.rfind(scheme, 0) != 0) return std::nullopt;
  const auto plain = base64_decoded(header->second.substr(scheme.size()));
  if (!plain || plain->find(':') == std::string::npos) return std::nullopt;
  const std::size_t colon = plain->find(':');
  return Credentials{plain->substr(0, colon), Secret(plain->substr(colon + 1))};
}

ApiError unauthorized(const std::string& user, const std::string& why) {
  return {401, "CDC:ErrUnauthorized", "user " + user + " unauthorized, error: " + why};
}

/// Port of a tidb-server that lives; 0 when there is none.
std::uint16_t living_tidb(const ClusterState& cluster) {
  for (std::size_t i = 0; i < ClusterState::kServers; ++i) {
    const FrontEndView view = cluster.front_end(i);
    if (!view.alive || view.address.empty()) continue;
    return static_cast<std::uint16_t>(std::stoi(view.address.substr(view.address.find(':') + 1)));
  }
  return 0;
}

}  // namespace

void require_user(const ApiContext& context, const HttpRequest& request) {
  const std::vector<std::string>& allowed = context.node.client_users;
  if (allowed.empty() || !context.rules().has_authentication) return;
  const auto credentials = credentials_of(request);
  if (!credentials) {
    throw ApiError(401, "CDC:ErrCredentialNotFound",
                   "credential not found: please specify the user and password via authorization "
                   "header");
  }
  const std::string& user = credentials->user;
  if (std::find(allowed.begin(), allowed.end(), user) == allowed.end()) {
    throw unauthorized(
        user, user.empty() ? "Empty username is not allowed." : "The user is not allowed.");
  }
  const std::uint16_t port = living_tidb(context.cluster);
  if (port == 0) {
    if (context.rules().new_arch) throw ApiError(401, "", "tidb instance not found in topology");
    throw unauthorized(user, "tidb instance not found in topology");
  }
  try {
    SqlSession session({"", "127.0.0.1", port, user, credentials->password}, kPatience);
    session.query("SHOW STATUS LIKE '%Ssl_cipher'", kPatience);
  } catch (const Error& e) {
    throw unauthorized(user, go_text_of(e));
  }
}

}  // namespace bdrmesh::lab
