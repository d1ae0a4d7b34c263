#include "lab/load/load_target.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include <toml++/toml.h>

#include "base/error.h"

namespace bdrmesh::lab::load {
namespace {

[[noreturn]] void no_targets(const std::string& why) {
  throw Error(ErrorKind::invalid, "LOAD_TARGETS", why,
              "give --config with the product's configuration file, or --dir of a running lab");
}

std::string with_cluster(std::string text, const std::string& cluster) {
  static constexpr std::string_view kPlace = "{cluster}";
  for (std::size_t at = text.find(kPlace); at != std::string::npos;
       at = text.find(kPlace, at + cluster.size())) {
    text.replace(at, kPlace.size(), cluster);
  }
  return text;
}

/// The application's password file lies beside the manager's unless somebody says otherwise.
std::string password_source(const LoadUser& user, const LoadTarget& target,
                            const std::string& manager_source) {
  if (!user.password.empty()) return with_cluster(user.password, target.cluster);
  static constexpr std::string_view kFile = "file:";
  if (!manager_source.starts_with(kFile)) {
    no_targets("no password is known for user '" + user.name + "' on cluster '" + target.cluster +
               "': say --password file:/path/{cluster}.password");
  }
  const std::filesystem::path beside(manager_source.substr(kFile.size()));
  const std::string name = target.cluster + "-" + user.name + ".password";
  return "file:" + (beside.parent_path() / name).string();
}

LoadTarget target_from(const toml::table& cluster, const LoadUser& user) {
  LoadTarget target;
  target.cluster = cluster["name"].value_or(std::string());
  target.source_id = cluster["source_id"].value_or(0);
  target.user = user.name;
  if (const toml::array* servers = cluster["tidb"].as_array()) {
    for (const toml::node& server : *servers) target.servers.push_back(server.value_or(""));
  }
  if (target.cluster.empty() || target.servers.empty() || target.source_id <= 0) {
    no_targets("every [[cluster]] needs name, source_id and tidb");
  }
  const std::string manager_source = cluster["password"].value_or(std::string());
  target.password = read_secret(password_source(user, target, manager_source));
  return target;
}

}  // namespace

Secret read_secret(const std::string& source) {
  std::string text;
  if (source.starts_with("env:")) {
    const char* value = std::getenv(source.c_str() + 4);
    if (value == nullptr) {
      throw Error(ErrorKind::precondition, "NO_PASSWORD", source + " is not set");
    }
    text = value;
  } else if (source.starts_with("file:")) {
    std::ifstream in(source.substr(5));
    if (!in) throw Error(ErrorKind::precondition, "NO_PASSWORD", "cannot read " + source);
    std::ostringstream all;
    all << in.rdbuf();
    text = all.str();
  } else {
    throw Error(ErrorKind::precondition, "NO_PASSWORD",
                "a password is given as file:/path or env:NAME");
  }
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return Secret(text);
}

std::vector<LoadTarget> load_targets(const std::filesystem::path& config, const LoadUser& user) {
  std::ifstream in(config);
  if (!in) no_targets("cannot read " + config.string());
  std::vector<LoadTarget> targets;
  try {
    const toml::table root = toml::parse(in, config.string());
    if (const toml::array* clusters = root["cluster"].as_array()) {
      for (const toml::node& cluster : *clusters) {
        if (cluster.is_table()) targets.push_back(target_from(*cluster.as_table(), user));
      }
    }
  } catch (const toml::parse_error& e) {
    std::ostringstream where;
    where << config.string() << ":" << e.source().begin.line << ": " << e.description();
    no_targets(where.str());
  }
  if (targets.empty()) no_targets(config.string() + " names no cluster");
  return targets;
}

}  // namespace bdrmesh::lab::load
