#include "lab/app/status_view.h"

#include <iomanip>
#include <sstream>

namespace bdrmesh::lab::app {
namespace {

std::string text_of(const Json& object, const char* key) {
  return get_or<std::string>(object, key, "-");
}

void add_servers(std::ostringstream& out, const Json& cluster) {
  const Json servers = get_or<Json>(cluster, "tidb", Json::array());
  for (const Json& server : servers) {
    out << "  " << std::left << std::setw(14)
        << "tidb-server " + std::to_string(get_or<int>(server, "number", 0)) << std::setw(26)
        << text_of(server, "address") << std::setw(11) << text_of(server, "state") << "gate "
        << text_of(server, "gate") << "\n";
  }
}

void add_part(std::ostringstream& out, const Json& cluster, const char* key) {
  const Json part = get_or<Json>(cluster, key, Json::object());
  out << "  " << std::left << std::setw(14) << key << std::setw(26) << text_of(part, "address")
      << text_of(part, "state") << "\n";
}

void add_ticdc(std::ostringstream& out, const Json& cluster) {
  const Json nodes = get_or<Json>(cluster, "ticdc", Json::array());
  for (const Json& node : nodes) {
    out << "  " << std::left << std::setw(14)
        << "ticdc " + std::to_string(get_or<int>(node, "number", 0)) << std::setw(26)
        << text_of(node, "address") << text_of(node, "state")
        << (get_or<bool>(node, "owner", false) ? "  owner" : "") << "\n";
  }
}

void add_feeds(std::ostringstream& out, const Json& cluster) {
  const Json feeds = get_or<Json>(cluster, "feeds", Json::array());
  for (const Json& feed : feeds) {
    out << "  feed " << std::left << std::setw(34) << text_of(feed, "id") << std::setw(9)
        << text_of(feed, "state") << " lag " << get_or<std::int64_t>(feed, "lag_ms", 0) << " ms"
        << (get_or<bool>(feed, "frozen", false) ? "  FROZEN" : "") << "\n";
  }
}

}  // namespace

std::string status_table(const Json& status) {
  std::ostringstream out;
  const Json clusters = get_or<Json>(status, "clusters", Json::array());
  for (const Json& cluster : clusters) {
    const std::string role = text_of(cluster, "role");
    out << text_of(cluster, "name") << "  source id " << get_or<int>(cluster, "source_id", 0)
        << "  role " << (role.empty() ? "none" : role) << "  " << text_of(cluster, "profile")
        << "\n";
    add_servers(out, cluster);
    add_ticdc(out, cluster);
    for (const char* part : {"pd", "mariadb"}) add_part(out, cluster, part);
    add_feeds(out, cluster);
  }
  const Json faults = get_or<Json>(status, "faults", Json::array());
  for (const Json& fault : faults) {
    out << "FAULT  " << text_of(fault, "did") << "\n       undo: " << text_of(fault, "undo")
        << "\n";
  }
  return out.str();
}

}  // namespace bdrmesh::lab::app
