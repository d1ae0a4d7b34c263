#include "app/cli/completion/known_names.h"

#include "app/cli/client/api_client.h"
#include "app/cli/render/render_text.h"
#include "app/config/config.h"

namespace bdrmesh {
namespace {

constexpr Millis kPatience{500};

void add_members(const Json& list, const char* member, std::vector<std::string>& names) {
  for (const Json& one : list) {
    if (const std::string name = text_of(one, member); name != "-") names.push_back(name);
  }
}

}  // namespace

KnownNames::KnownNames(std::string config, std::string server)
    : config_(std::move(config)), server_(std::move(server)) {}

std::vector<std::string> KnownNames::names(Names kind) {
  try {
    std::vector<std::string> found = of_config(kind);
    return found.empty() ? of_daemon(kind) : found;
  } catch (const std::exception&) {
    return {};  // silence is the answer: a completion has nobody to tell
  }
}

std::vector<std::string> KnownNames::of_config(Names kind) const {
  std::vector<std::string> found;
  if (config_.empty() || (kind != Names::cluster && kind != Names::group)) return found;
  const Desired desired = read_config_file(config_).desired;
  if (kind == Names::cluster) {
    for (const ClusterSpec& cluster : desired.clusters) found.push_back(cluster.name.value());
  } else {
    for (const GroupSpec& group : desired.groups) found.push_back(group.name.value());
  }
  return found;
}

std::vector<std::string> KnownNames::of_daemon(Names kind) const {
  std::vector<std::string> found;
  if (server_.empty()) return found;
  ApiClient api(server_, kPatience);
  if (kind == Names::cluster) add_members(list_of(api.get("/clusters"), "clusters"), "name", found);
  if (kind == Names::group) add_members(list_of(api.get("/groups"), "groups"), "name", found);
  if (kind == Names::operation)
    add_members(list_of(api.get("/operations?limit=50"), "operations"), "id", found);
  return found;
}

}  // namespace bdrmesh
