#include "app/cli/support/masked_config.h"

#include <set>

#include "app/config/secrets.h"
#include "base/error.h"

namespace bdrmesh {
namespace {

std::string origin_of(const SecretSource& source) {
  for (const char* scheme : {"file:", "env:", "exec:"}) {
    if (source.text.starts_with(scheme)) return std::string(scheme) + "***";
  }
  return "***";
}

Json stripped(const std::vector<std::string>& urls) {
  Json list = Json::array();
  for (const std::string& url : urls) list.push_back(without_secrets(url));
  return list;
}

Json view_of(const ClusterSpec& cluster) {
  Json servers = Json::array();
  for (const ServerAddress& server : cluster.tidb) servers.push_back(server.value());
  Json params = Json::array();
  for (const auto& [name, value] : cluster.sink.params) params.push_back(name);
  return {{"name", cluster.name.value()},
          {"source_id", cluster.source_id},
          {"tidb", servers},
          {"pd", stripped(cluster.pd)},
          {"ticdc", stripped(cluster.ticdc)},
          {"user", cluster.user},
          {"password", origin_of(cluster.password)},
          {"tls", cluster.tls.wanted()},
          {"sink",
           {{"address", cluster.sink.address},
            {"user", cluster.sink.user},
            {"password", origin_of(cluster.sink.password)},
            {"params", params}}}};
}

Json view_of(const GroupSpec& group) {
  Json members = Json::array();
  for (const ClusterName& name : group.members) members.push_back(name.value());
  return {{"name", group.name.value()},
          {"kind", group.kind == GroupKind::multi_active ? "multi-active" : "primary-secondary"},
          {"members", members},
          {"tables", group.tables},
          {"ddl_primary", group.ddl_primary ? Json(group.ddl_primary->value()) : Json()},
          {"redo", group.redo ? Json(without_secrets(group.redo->storage)) : Json()},
          {"backup", without_secrets(group.backup_storage)}};
}

std::set<SecretSource> sources_of(const Desired& desired) {
  std::set<SecretSource> sources;
  for (const ClusterSpec& cluster : desired.clusters) {
    sources.insert(cluster.password);
    for (const ClusterSpec& origin : desired.clusters)
      sources.insert(cluster.sink.password_for(origin.name));
  }
  return sources;
}

}  // namespace

std::string without_secrets(const std::string& url) {
  std::string out = url.substr(0, url.find_first_of("?#"));
  const std::size_t scheme = out.find("://");
  if (scheme == std::string::npos) return out;
  const std::size_t begin = scheme + 3;
  const std::size_t end = std::min(out.find('/', begin), out.size());
  const std::size_t at = out.rfind('@', end);
  if (at != std::string::npos && at > begin && at < end) out.erase(begin, at + 1 - begin);
  return out;
}

Json masked_config(const Desired& desired) {
  Json clusters = Json::array();
  for (const ClusterSpec& cluster : desired.clusters) clusters.push_back(view_of(cluster));
  Json groups = Json::array();
  for (const GroupSpec& group : desired.groups) groups.push_back(view_of(group));
  return {{"manager", {{"state", desired.manager.state}, {"listen", desired.manager.listen}}},
          {"clusters", clusters},
          {"groups", groups}};
}

std::vector<Secret> readable_secrets(const Desired& desired) {
  std::vector<Secret> secrets;
  for (const SecretSource& source : sources_of(desired)) {
    if (source.text.starts_with("exec:")) continue;
    try {
      secrets.push_back(read_secret(source).secret);
    } catch (const Error&) {
      continue;  // whoever cannot read it cannot look for it either
    }
  }
  return secrets;
}

std::string scrubbed(std::string text, const std::vector<Secret>& secrets) {
  static constexpr std::size_t kShortest = 4;
  for (const Secret& secret : secrets) {
    const std::string& value = secret.reveal();
    if (value.size() < kShortest) continue;
    for (std::size_t at = text.find(value); at != std::string::npos; at = text.find(value, at + 3))
      text.replace(at, value.size(), "***");
  }
  return text;
}

}  // namespace bdrmesh
