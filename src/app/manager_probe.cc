#include "app/manager_probe.h"

#include <array>
#include <optional>
#include <unistd.h>

#include "app/cli/client/api_client.h"
#include "app/config/config_address.h"
#include "base/error.h"

namespace bdrmesh {
namespace {

std::string host_name() {
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  return host.data();
}

int loudness(ManagerLife life) {
  switch (life) {
    case ManagerLife::answers:
      return 3;
    case ManagerLife::perhaps:
      return 2;
    case ManagerLife::cannot_be_asked:
      return 1;
    case ManagerLife::absent:
      break;
  }
  return 0;
}

}  // namespace

ManagerLife probe_manager(const std::string& url, Millis patience) {
  try {
    ApiClient(url, patience).get("/gates");
    return ManagerLife::answers;
  } catch (const Error& e) {
    if (e.code() == "NO_DAEMON") return ManagerLife::absent;
    if (e.code() == "NO_ANSWER") return ManagerLife::perhaps;
    return ManagerLife::answers;  // it refuses: it is there
  }
}

ManagerLife probe_holder(const std::string& holder, Millis patience) {
  const std::size_t blank = holder.find(' ');
  const std::string host = holder.substr(0, blank);
  const std::string listen = blank == std::string::npos ? "" : holder.substr(blank + 1);
  const std::optional<HostPort> address = parse_host_port(listen);
  if (!address || address->port == 0) return ManagerLife::cannot_be_asked;
  const bool here = host == host_name();
  const bool any = address->host == "0.0.0.0" || address->host == "::";
  if (!here && (is_loopback(address->host) || any)) return ManagerLife::cannot_be_asked;
  const std::string port = std::to_string(address->port);
  return probe_manager("http://" + (any ? "127.0.0.1:" + port : listen), patience);
}

std::string own_address(const std::string& listen) { return host_name() + " " + listen; }

LifeSigns signs_of_life(const std::string& url, const std::vector<std::string>& holders,
                        Millis patience) {
  LifeSigns loudest;
  const auto hear = [&](ManagerLife life, const std::string& where) {
    if (loudness(life) > loudness(loudest.life)) loudest = {life, where};
  };
  if (!url.empty()) hear(probe_manager(url, patience), url);
  for (const std::string& holder : holders) hear(probe_holder(holder, patience), holder);
  return loudest;
}

}  // namespace bdrmesh
