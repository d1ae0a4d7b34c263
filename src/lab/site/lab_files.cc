#include "lab/site/lab_files.h"

#include <algorithm>
#include <fcntl.h>
#include <fstream>
#include <iomanip>
#include <sstream>
#include <unistd.h>

#include "base/json.h"
#include "lab/core/profile.h"

namespace bdrmesh::lab::site {

namespace fs = std::filesystem;

namespace {

/// 0600 from its first moment: a file that is narrowed afterwards was open for a while.
void write_file(const fs::path& path, const std::string& text) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const bool written =
      fd >= 0 && ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (fd >= 0) ::close(fd);
  if (!written) {
    throw Error(ErrorKind::precondition, "LAB_CANNOT_START", "cannot write " + path.string());
  }
}

std::string read_file(const fs::path& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string toml_string(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

template <class Items>
std::string toml_list(const Items& items) {
  std::string out = "[";
  for (const std::string& item : items) out += (out.size() > 1 ? ", " : "") + toml_string(item);
  return out + "]";
}

Json to_json(const Account& account) {
  return Json{{"user", account.name}, {"password_file", account.password_file.string()}};
}

Json to_json(const ClusterView& cluster) {
  Json sinks = Json::object();
  for (const auto& [from, account] : cluster.sinks) sinks[from] = to_json(account);
  return Json{{"name", cluster.name},
              {"profile", cluster.profile},
              {"source_id", cluster.source_id},
              {"tidb", cluster.tidb},
              {"tidb_status", cluster.tidb_status},
              {"pd", cluster.pd},
              {"ticdc", cluster.ticdc},
              {"manager", to_json(cluster.manager)},
              {"application", to_json(cluster.application)},
              {"administrator", to_json(cluster.administrator)},
              {"sinks", std::move(sinks)}};
}

Account account_from(const Json& body) {
  Account account;
  account.name = get_required<std::string>(body, "user");
  account.password_file = get_required<std::string>(body, "password_file");
  account.password = Secret(read_file(account.password_file));
  return account;
}

ClusterView cluster_from(const Json& body) {
  ClusterView cluster;
  cluster.name = get_required<std::string>(body, "name");
  cluster.profile = get_or<std::string>(body, "profile", "");
  cluster.source_id = get_required<int>(body, "source_id");
  cluster.tidb = get_required<std::vector<std::string>>(body, "tidb");
  cluster.tidb_status = get_required<std::vector<std::string>>(body, "tidb_status");
  cluster.pd = get_required<std::string>(body, "pd");
  cluster.ticdc = get_required<std::vector<std::string>>(body, "ticdc");
  cluster.manager = account_from(get_required<Json>(body, "manager"));
  cluster.application = account_from(get_required<Json>(body, "application"));
  cluster.administrator = account_from(get_required<Json>(body, "administrator"));
  const Json sinks = get_required<Json>(body, "sinks");
  for (const auto& [from, account] : sinks.items()) cluster.sinks[from] = account_from(account);
  return cluster;
}

void write_passwords(const ClusterView& cluster) {
  for (const Account* account : {&cluster.manager, &cluster.application, &cluster.administrator}) {
    write_file(account->password_file, account->password.reveal());
  }
  for (const auto& [from, account] : cluster.sinks) {
    write_file(account.password_file, account.password.reveal());
  }
}

std::string cluster_toml(const ClusterView& cluster, const fs::path& secrets) {
  std::ostringstream out;
  const std::string sink_file = (secrets / (cluster.name + "-cdc-{from}.password")).string();
  out << "[[cluster]]\n"
      << "name      = " << toml_string(cluster.name) << "\n"
      << "source_id = " << cluster.source_id << "\n"
      << "tidb      = " << toml_list(cluster.tidb) << "\n"
      << "pd        = " << toml_list(std::vector{cluster.pd}) << "\n"
      << "ticdc     = " << toml_list(cluster.ticdc) << "\n"
      << "user      = " << toml_string(cluster.manager.name) << "\n"
      << "password  = " << toml_string("file:" + cluster.manager.password_file.string()) << "\n"
      << "[cluster.sink]\n"
      << "user      = \"cdc_{from}\"\n"
      << "password  = " << toml_string("file:" + sink_file) << "\n\n";
  return out.str();
}

/// The product refuses a primary where a cluster knows no roles.
bool all_have_roles(const LabView& lab) {
  return std::ranges::all_of(lab.clusters, [](const ClusterView& cluster) {
    return find_profile(cluster.profile).has_bdr_role();
  });
}

}  // namespace

std::string to_toml(const LabView& lab) {
  std::vector<std::string> members;
  std::ostringstream out;
  out << "# Made by bdrmesh-lab for the lab in this directory.\n"
      << "[manager]\n"
      << "state  = " << toml_string((lab.directory / "bdrmesh.db").string()) << "\n"
      << "listen = \"127.0.0.1:0\"\n\n";
  for (const ClusterView& cluster : lab.clusters) {
    members.push_back(cluster.name);
    out << cluster_toml(cluster, lab.directory / "secrets");
  }
  out << "[[group]]\n"
      << "name        = \"orders\"\n"
      << "kind        = \"multi-active\"\n"
      << "members     = " << toml_list(members) << "\n"
      << "tables      = [\"app.*\"]\n";
  if (all_have_roles(lab)) out << "ddl_primary = " << toml_string(members.front()) << "\n";
  out << "gate        = \"read-only\"\n";
  return out.str();
}

void write_lab_files(const LabView& lab, const fs::path& config_out) {
  fs::create_directories(lab.directory / "secrets");
  fs::permissions(lab.directory / "secrets", fs::perms::owner_all);
  Json clusters = Json::array();
  for (const ClusterView& cluster : lab.clusters) {
    write_passwords(cluster);
    clusters.push_back(to_json(cluster));
  }
  const fs::path config = lab.directory / "bdrmesh.toml";
  write_file(config, to_toml(lab));
  if (!config_out.empty()) write_file(config_out, to_toml(lab));
  // Last, and moved into place whole: who sees lab.json sees a lab that is complete.
  const Json body{{"id", lab.id},
                  {"pid", lab.pid},
                  {"directory", lab.directory.string()},
                  {"config", config.string()},
                  {"control", lab.control},
                  {"clusters", std::move(clusters)}};
  write_file(lab.directory / "lab.json.new", body.dump(2) + "\n");
  fs::rename(lab.directory / "lab.json.new", lab.directory / "lab.json");
}

LabView read_lab_file(const fs::path& directory) {
  const fs::path file = directory / "lab.json";
  if (!fs::exists(file)) {
    throw Error(ErrorKind::precondition, "NO_LAB", "there is no " + file.string() + " (yet)");
  }
  const Json body = parse_json(read_file(file), file.string());
  LabView lab;
  lab.id = get_required<std::string>(body, "id");
  lab.pid = get_required<long>(body, "pid");
  lab.directory = get_required<std::string>(body, "directory");
  lab.control = get_or<std::string>(body, "control", "");
  const Json clusters = get_required<Json>(body, "clusters");
  for (const Json& cluster : clusters) lab.clusters.push_back(cluster_from(cluster));
  return lab;
}

std::string to_table(const LabView& lab) {
  std::ostringstream out;
  out << std::left << std::setw(13) << "CLUSTER" << std::setw(4) << "ID" << std::setw(40)
      << "TIDB-SERVERS" << std::setw(28) << "TICDC"
      << "PD\n";
  for (const ClusterView& cluster : lab.clusters) {
    std::string servers;
    for (const std::string& server : cluster.tidb) servers += (servers.empty() ? "" : " ") + server;
    out << std::setw(13) << cluster.name << std::setw(4) << cluster.source_id << std::setw(40)
        << servers << std::setw(28) << (cluster.ticdc.empty() ? "-" : cluster.ticdc.front())
        << cluster.pd << "\n";
  }
  return out.str();
}

}  // namespace bdrmesh::lab::site
