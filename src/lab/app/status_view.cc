#include "lab/app/status_view.h"

#include <iomanip>
#include <sstream>
#include <vector>

namespace bdrmesh::lab::app {
namespace {

std::string text_of(const Json& object, const char* key) {
  return get_or<std::string>(object, key, "-");
}

/// Without `http://`: people copy it, and a line has 80 columns.
std::string address_of(const Json& part) {
  const std::string address = text_of(part, "address");
  const std::size_t scheme = address.find("://");
  return scheme == std::string::npos ? address : address.substr(scheme + 3);
}

/// Address and state of each part in a row.
void add_row(std::ostringstream& out, const char* name, const std::vector<std::string>& cells) {
  out << "  " << std::left << std::setw(13) << name;
  for (const std::string& cell : cells) out << std::setw(33) << cell;
  out << "\n";
}

void add_parts(std::ostringstream& out, const Json& cluster) {
  std::vector<std::string> cells;
  const Json servers = get_or<Json>(cluster, "tidb", Json::array());
  for (const Json& server : servers) {
    cells.push_back(address_of(server) + " " + text_of(server, "state") + ", gate " +
                    text_of(server, "gate"));
  }
  add_row(out, "tidb-servers", cells);
  cells.clear();
  const Json nodes = get_or<Json>(cluster, "ticdc", Json::array());
  for (const Json& node : nodes) {
    cells.push_back(address_of(node) + " " + text_of(node, "state") +
                    (get_or<bool>(node, "owner", false) ? ", owner" : ""));
  }
  add_row(out, "ticdc", cells);
  cells.clear();
  for (const char* name : {"pd", "mariadb"}) {
    const Json part = get_or<Json>(cluster, name, Json::object());
    cells.push_back(address_of(part) + " " + text_of(part, "state"));
  }
  add_row(out, "pd, mariadb", cells);
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
    add_parts(out, cluster);
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
