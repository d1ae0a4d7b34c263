#include "app/config/config_sections.h"

#include <algorithm>

#include "app/config/config_address.h"
#include "app/config/config_hooks.h"
#include "app/config/config_rules.h"

namespace bdrmesh {
namespace {

constexpr const char* kNameHint = "letters and digits only, such as east2";
constexpr const char* kAddressHint = "write host:port, such as 10.0.1.4:4000";
constexpr const char* kUrlHint = "write http://host:port or https://host:port and nothing more";
constexpr const char* kStorageHint = "name a folder: s3://bucket/prefix or file:///path";
constexpr const char* kSecretHint =
    "write file:/path, env:NAME or exec:COMMAND; a password never stands in this file";

std::string read_name(ConfigFields& fields) {
  const std::string name =
      fields.text("name", std::string("give it a name: ") + kNameHint).value_or("");
  if (!name.empty() && !is_legal_name(name)) {
    fields.problem(fields.line_of("name"), fields.where() + ": illegal name '" + name + "'",
                   kNameHint);
  }
  return name;
}

std::string where_of(const ConfigNode& table, const std::string& kind) {
  const ConfigNode* name = table.find("name");
  const bool named = name != nullptr && name->type == ConfigNode::Type::text && !name->text.empty();
  return named ? kind + " " + name->text : kind;
}

SecretSource read_secret(ConfigFields& fields, const std::string& key) {
  const std::string source = fields.text(key, kSecretHint).value_or("");
  if (source.empty()) return {};
  for (const std::string_view prefix : {"file:", "env:", "exec:"}) {
    if (source.starts_with(prefix) && source.size() > prefix.size()) return {source};
  }
  fields.problem(
      fields.line_of(key),
      fields.where() + ": '" + key + "' holds a password in plain text, or no source of one",
      kSecretHint);
  return {};
}

/// An address as messages show it: what stands before an @ may be a password.
std::string shown(const std::string& text) {
  return text.find('@') == std::string::npos ? "'" + text + "'" : "(not shown here: it holds an @)";
}

bool is_address(const std::string& text) {
  const std::optional<HostPort> parsed = parse_host_port(text);
  return parsed && parsed->port != 0;
}

std::vector<ServerAddress> read_servers(ConfigFields& fields) {
  std::vector<ServerAddress> servers;
  for (const ConfigNode* item : fields.texts(
           "tidb", "name every tidb-server of the cluster: each one is asked about its gate")) {
    const ServerAddress address(item->text);
    if (!is_address(item->text)) {
      fields.problem(item->line,
                     fields.where() + ": malformed address " + shown(item->text) + " in 'tidb'",
                     kAddressHint);
    } else if (std::ranges::find(servers, address) != servers.end()) {
      fields.problem(item->line, fields.where() + ": '" + item->text + "' stands twice in 'tidb'",
                     "take one out");
    } else {
      servers.push_back(address);
    }
  }
  return servers;
}

std::vector<std::string> read_urls(ConfigFields& fields, const std::string& key) {
  std::vector<std::string> urls;
  for (const ConfigNode* item : fields.texts(key, kUrlHint)) {
    const std::string fault = fault_of_base_url(item->text);
    if (!fault.empty()) {
      fields.problem(item->line, fields.where() + ": a URL in '" + key + "' " + fault, kUrlHint);
      continue;
    }
    std::string url = item->text;
    if (url.ends_with('/')) url.pop_back();
    urls.push_back(std::move(url));
  }
  return urls;
}

TlsFiles read_tls(const ConfigNode& table, const std::string& where, ConfigResult& result) {
  ConfigFields fields(table, where + ": tls", result);
  TlsFiles tls;
  tls.ca = fields.text("ca", "name the file of the authority that signed the servers' certificates")
               .value_or("");
  tls.cert = fields.text("cert").value_or("");
  tls.key = fields.text("key").value_or("");
  if (fields.has("cert") != fields.has("key")) {
    fields.problem(fields.line(), fields.where() + ": 'cert' and 'key' go together",
                   "give both or none");
  }
  fields.finish();
  return tls;
}

std::map<std::string, std::string> read_params(const ConfigNode& table, ConfigFields& sink) {
  std::map<std::string, std::string> params;
  for (const ConfigNode& item : table.children) {
    if (item.type == ConfigNode::Type::text) {
      params[item.key] = item.text;
    } else if (item.type == ConfigNode::Type::integer) {
      params[item.key] = std::to_string(item.integer);
    } else if (item.type == ConfigNode::Type::boolean) {
      params[item.key] = item.boolean ? "true" : "false";
    } else {
      sink.problem(item.line, sink.where() + ": parameter '" + item.key + "' must be a text",
                   "put it in \"quotes\"");
    }
  }
  return params;
}

SinkSpec read_sink(const ConfigNode& table, const std::string& where, ConfigResult& result) {
  ConfigFields fields(table, where + ": sink", result);
  SinkSpec sink;
  sink.address = fields.text("address").value_or("");
  if (!sink.address.empty() && !is_address(sink.address)) {
    fields.problem(fields.line_of("address"),
                   fields.where() + ": malformed address " + shown(sink.address), kAddressHint);
  }
  sink.user = fields.text("user", "one user per origin and target: \"cdc_{from}\"").value_or("");
  if (!sink.user.empty() && sink.user.find("{from}") == std::string::npos) {
    fields.problem(fields.line_of("user"),
                   fields.where() + ": user '" + sink.user + "' is the same for every origin",
                   "one sink user per origin and target, so that a dead origin can be locked out: "
                   "\"cdc_{from}\"");
  }
  sink.password = read_secret(fields, "password");
  if (const ConfigNode* params = fields.table("params")) sink.params = read_params(*params, fields);
  fields.finish();
  return sink;
}

void read_source_id(ConfigFields& fields, ClusterSpec& cluster) {
  const std::optional<std::int64_t> id =
      fields.integer("source_id", "give each cluster of a group another number from 1 to 8");
  if (!id) return;
  if (*id >= 1 && *id <= 8) {
    cluster.source_id = static_cast<int>(*id);
    return;
  }
  const bool tidb_knows_it = *id >= 9 && *id <= 15;
  fields.problem(fields.line_of("source_id"),
                 fields.where() + ": source_id " + std::to_string(*id) +
                     (tidb_knows_it ? " cannot be used: TiDB v7.1 and later refuse the commits of "
                                      "classic TiCDC with 9 to 15"
                                    : " is out of range"),
                 "choose a number from 1 to 8");
}

GateKind read_gate(ConfigFields& fields) {
  const std::optional<std::string> gate = fields.text("gate");
  if (!gate || *gate == "read-only") return GateKind::read_only;
  static const std::vector<std::string> kLater{"privileges", "webhook", "manual"};
  if (std::ranges::find(kLater, *gate) != kLater.end()) {
    fields.problem(fields.line_of("gate"),
                   fields.where() + ": gate '" + *gate + "' is not built yet", "use \"read-only\"");
  } else {
    fields.problem(fields.line_of("gate"), fields.where() + ": unknown gate '" + *gate + "'",
                   "use \"read-only\"");
  }
  return GateKind::read_only;
}

/// `true`, or rules of what is protected.
std::vector<std::string> read_protected(const ConfigNode& table, ConfigFields& fields) {
  const ConfigNode* node = table.find("protected");
  if (node != nullptr && node->type == ConfigNode::Type::boolean) {
    fields.leave("protected");
    return node->boolean ? std::vector<std::string>{"*.*"} : std::vector<std::string>{};
  }
  std::vector<std::string> rules;
  for (const ConfigNode* rule : fields.texts("protected")) {
    const std::string fault = fault_of_rule(rule->text);
    if (!fault.empty()) {
      fields.problem(rule->line, fields.where() + ": 'protected': " + fault,
                     "write schema.table, such as app.*, or protected = true");
    }
    rules.push_back(rule->text);
  }
  return rules;
}

/// Storage URLs are shown and stored, so they must not carry keys.
void check_storage(ConfigFields& fields, const std::string& url) {
  if (url.empty()) return;
  if (url.find("://") == std::string::npos) {
    fields.problem(fields.line_of("storage"), fields.where() + ": 'storage' is no URL",
                   kStorageHint);
  } else if (url.find('@') != std::string::npos || url.find("access-key") != std::string::npos) {
    fields.problem(fields.line_of("storage"), fields.where() + ": 'storage' holds credentials",
                   "give them to TiCDC and TiKV through their environment or role");
  }
}

RedoSpec read_redo(const ConfigNode& table, const std::string& where, ConfigResult& result) {
  ConfigFields fields(table, where + ": redo", result);
  RedoSpec redo;
  redo.storage = fields.text("storage", kStorageHint).value_or("");
  check_storage(fields, redo.storage);
  if (const auto size = fields.integer("max_log_size")) {
    if (*size < 1 || *size > 4096) {
      fields.problem(fields.line_of("max_log_size"),
                     fields.where() + ": 'max_log_size' is out of range",
                     "MiB, from 1 to 4096; TiCDC's own is 64");
    } else {
      redo.max_log_size = static_cast<int>(*size);
    }
  }
  if (const auto interval = fields.duration("flush_interval")) {
    redo.flush_interval = *interval;
    if (*interval < Millis{50}) {
      fields.problem(fields.line_of("flush_interval"),
                     fields.where() + ": 'flush_interval' is too short",
                     "TiCDC takes 50ms and more");
    }
  }
  fields.finish();
  return redo;
}

void read_backup(const ConfigNode& table, ConfigResult& result, GroupSpec& group) {
  ConfigFields fields(table, "group " + group.name.value() + ": backup", result);
  group.backup_storage = fields.text("storage", kStorageHint).value_or("");
  check_storage(fields, group.backup_storage);
  group.backup_rate_limit = fields.text("rate_limit").value_or("");
  fields.finish();
}

void read_syncpoint(const ConfigNode& table, ConfigResult& result, GroupSpec& group) {
  ConfigFields fields(table, "group " + group.name.value() + ": syncpoint", result);
  group.syncpoint_interval = fields.duration("interval").value_or(Millis{600'000});
  group.syncpoint_retention = fields.duration("retention").value_or(Millis{86'400'000});
  if (*group.syncpoint_interval < Millis{30'000}) {
    fields.problem(fields.line_of("interval"), fields.where() + ": 'interval' is too short",
                   "TiCDC takes 30s and more");
  }
  if (*group.syncpoint_retention < Millis{3'600'000}) {
    fields.problem(fields.line_of("retention"), fields.where() + ": 'retention' is too short",
                   "TiCDC takes 1h and more");
  }
  fields.finish();
}

void read_mesh_members(ConfigFields& fields, ReadGroup& group) {
  for (const ConfigNode* item : fields.texts("members", "name two to eight clusters")) {
    group.spec.members.emplace_back(item->text);
  }
  group.members_line = fields.line_of("members");
  if (const auto primary = fields.text("ddl_primary"))
    group.spec.ddl_primary = ClusterName(*primary);
  group.ddl_primary_line = fields.line_of("ddl_primary");
  for (const char* key : {"primary", "secondary"}) {
    if (!fields.has(key)) continue;
    fields.leave(key);
    fields.problem(fields.line_of(key),
                   fields.where() + ": '" + key + "' has no meaning in a multi-active group",
                   "name the clusters in 'members', or set kind = \"primary-secondary\"");
  }
}

void read_pair_members(ConfigFields& fields, ReadGroup& group) {
  for (const char* key : {"primary", "secondary"}) {
    if (const auto name = fields.text(key, "a primary-secondary group has one of each"))
      group.spec.members.emplace_back(*name);
  }
  group.members_line = fields.line_of("secondary");
  for (const char* key : {"members", "ddl_primary"}) {
    if (!fields.has(key)) continue;
    fields.leave(key);
    fields.problem(fields.line_of(key),
                   fields.where() + ": '" + key + "' has no meaning in a primary-secondary group",
                   "name 'primary' and 'secondary', or set kind = \"multi-active\"");
  }
}

void read_auto_repair(ConfigFields& fields, GroupSpec& group) {
  for (const ConfigNode* word : fields.texts("auto_repair")) {
    if (word->text == "resume") {
      group.auto_resume = true;
      continue;
    }
    fields.problem(word->line, fields.where() + ": auto_repair cannot '" + word->text + "'",
                   "the only repair that is ever automatic: [\"resume\"]");
  }
}

GroupKind read_kind(ConfigFields& fields) {
  const auto kind = fields.text("kind", "\"multi-active\" or \"primary-secondary\"");
  if (kind == "primary-secondary") return GroupKind::primary_secondary;
  if (kind && *kind != "multi-active") {
    fields.problem(fields.line_of("kind"), fields.where() + ": unknown kind '" + *kind + "'",
                   "\"multi-active\" or \"primary-secondary\"");
  }
  return GroupKind::multi_active;
}

}  // namespace

bool is_legal_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  });
}

ManagerSpec read_manager(const ConfigNode& table, ConfigResult& result) {
  ConfigFields fields(table, "manager", result);
  ManagerSpec manager;
  manager.state = fields.text("state").value_or(manager.state);
  manager.cdc = fields.text("cdc").value_or("");
  manager.listen = fields.text("listen").value_or(manager.listen);
  manager.heartbeat = fields.duration("heartbeat").value_or(manager.heartbeat);
  manager.sweep = fields.duration("sweep").value_or(manager.sweep);
  const std::int64_t load = fields.integer("sweep_load").value_or(manager.sweep_load);
  if (load < 1 || load > 100) {
    fields.problem(fields.line_of("sweep_load"),
                   "manager: sweep_load is " + std::to_string(load) + ", a percentage",
                   "write 1 to 100");
  } else {
    manager.sweep_load = static_cast<int>(load);
  }
  const std::optional<HostPort> listen = parse_host_port(manager.listen);
  if (!listen) {
    fields.problem(fields.line_of("listen"),
                   "manager: malformed listen address '" + manager.listen + "'",
                   "write host:port, such as 127.0.0.1:8440");
  } else if (!is_loopback(listen->host)) {
    fields.warn(fields.line_of("listen"),
                "manager: '" + manager.listen + "' can be reached from other machines",
                "serve refuses it (LISTEN_BEYOND_LOOPBACK): the API cannot tell people apart yet; "
                "write 127.0.0.1 and reach it from elsewhere with ssh -L");
  }
  fields.finish();
  return manager;
}

ReadCluster read_cluster(const ConfigNode& table, ConfigResult& result) {
  ConfigFields fields(table, where_of(table, "cluster"), result);
  ReadCluster cluster;
  cluster.line = table.line;
  cluster.spec.name = ClusterName(read_name(fields));
  read_source_id(fields, cluster.spec);
  cluster.source_id_line = fields.line_of("source_id");
  cluster.spec.tidb = read_servers(fields);
  cluster.spec.pd = read_urls(fields, "pd");
  cluster.spec.ticdc = read_urls(fields, "ticdc");
  cluster.spec.user = fields.text("user", "name the user that bdrmesh connects as").value_or("");
  cluster.spec.password = read_secret(fields, "password");
  if (const ConfigNode* tls = fields.table("tls"))
    cluster.spec.tls = read_tls(*tls, fields.where(), result);
  if (const ConfigNode* sink = fields.table("sink")) {
    cluster.spec.sink = read_sink(*sink, fields.where(), result);
    cluster.has_sink = true;
    cluster.sink_line = sink->line;
  }
  if (cluster.spec.sink.address.empty() && !cluster.spec.tidb.empty()) {
    cluster.spec.sink.address = cluster.spec.tidb.front().value();
  }
  fields.finish();
  return cluster;
}

ReadGroup read_group(const ConfigNode& table, ConfigResult& result) {
  ConfigFields fields(table, where_of(table, "group"), result);
  ReadGroup group;
  group.line = table.line;
  group.spec.name = GroupName(read_name(fields));
  group.spec.kind = read_kind(fields);
  const bool mesh = group.spec.kind == GroupKind::multi_active;
  mesh ? read_mesh_members(fields, group) : read_pair_members(fields, group);
  for (const ConfigNode* rule :
       fields.texts("tables", "name what is replicated, such as [\"app.*\"]")) {
    group.spec.tables.push_back(rule->text);
  }
  group.tables_line = fields.line_of("tables");
  if (mesh) group.spec.protected_tables = read_protected(table, fields);
  group.spec.gate = read_gate(fields);
  if (const ConfigNode* redo = fields.table("redo"))
    group.spec.redo = read_redo(*redo, fields.where(), result);
  if (const ConfigNode* backup = fields.table("backup")) read_backup(*backup, result, group.spec);
  if (const ConfigNode* point = fields.table("syncpoint"))
    read_syncpoint(*point, result, group.spec);
  if (fields.has("auto_repair")) read_auto_repair(fields, group.spec);
  for (const ConfigNode* hook : fields.tables("hook"))
    group.spec.hooks.push_back(read_hook(*hook, fields.where(), result));
  fields.finish();
  return group;
}

}  // namespace bdrmesh
