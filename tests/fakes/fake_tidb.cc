#include "fakes/fake_tidb.h"

#include <algorithm>

#include "base/error.h"
#include "fakes/fake_ddl.h"

namespace bdrmesh::fakes {
namespace {

[[noreturn]] void unreachable(const std::string& whom) {
  throw Error(ErrorKind::transient, "TIDB_UNREACHABLE", whom + " does not answer");
}

bool is_ours(const std::string& schema) { return schema.rfind("bdrmesh", 0) == 0; }

}  // namespace

ServerState& FakeTidb::server_at(const ServerAddress& address) {
  for (ServerState& server : here().servers) {
    if (server.info.address != address) continue;
    if (!server.up) unreachable(address.value());
    return server;
  }
  unreachable(address.value());
}

void FakeTidb::require_writable() {
  const auto up = std::find_if(here().servers.begin(), here().servers.end(),
                               [](const ServerState& s) { return s.up; });
  if (up == here().servers.end()) unreachable("every tidb-server of " + name_);
  if (up->read_only && !here().we_are_exempt) {
    throw Error(ErrorKind::precondition, "TIDB_READ_ONLY", name_ + " is read-only for our user");
  }
}

// --- servers and settings

std::vector<TidbServerInfo> FakeTidb::servers(const Call&) {
  const std::lock_guard lock(world_.mutex_);
  std::vector<TidbServerInfo> found;
  bool any_up = false;
  for (const ServerState& server : here().servers) {
    found.push_back(server.info);
    any_up = any_up || server.up;
  }
  if (!any_up) unreachable("every tidb-server of " + name_);
  return found;
}

std::string FakeTidb::release_version(const ServerAddress& server, const Call&) {
  const std::lock_guard lock(world_.mutex_);
  const std::string version = server_at(server).info.version;
  if (version.find("TiDB") == std::string::npos)
    throw Error(ErrorKind::precondition, "NOT_TIDB", server.value() + " is " + version);
  return version.substr(version.find("TiDB-") + 5);
}

std::vector<std::string> FakeTidb::own_grants(const Call&) {
  const std::lock_guard lock(world_.mutex_);
  return here().own_grants;
}

std::optional<std::vector<std::string>> FakeTidb::grants_of(const std::string& user, const Call&) {
  const std::lock_guard lock(world_.mutex_);
  const auto found = here().grants.find(user);
  if (found == here().grants.end()) return std::nullopt;
  return found->second;
}

std::vector<std::string> FakeTidb::read_only_exempt_users(const Call&) {
  const std::lock_guard lock(world_.mutex_);
  return {here().exempt_users.begin(), here().exempt_users.end()};
}

std::optional<std::uint64_t> FakeTidb::cluster_id(const Call&) {
  const std::lock_guard lock(world_.mutex_);
  if (here().cluster_id == 0) return std::nullopt;
  return here().cluster_id;
}

int FakeTidb::source_id(const Call&) {
  const std::lock_guard lock(world_.mutex_);
  return here().source_id;
}

void FakeTidb::set_source_id(int id, const Call&) {
  const std::lock_guard lock(world_.mutex_);
  here().source_id = std::clamp(id, 1, 15);  // silently, measured §2 A18
  world_.note(name_, "set_source_id", std::to_string(id));
}

std::string FakeTidb::global_variable(const std::string& name, const Call&) {
  const std::lock_guard lock(world_.mutex_);
  const auto found = here().variables.find(name);
  if (found == here().variables.end())
    throw Error(ErrorKind::invalid, "TIDB_SQL", "1193: Unknown system variable '" + name + "'");
  return found->second;
}

void FakeTidb::set_gc_life_time(const std::string& duration, const Call&) {
  const std::lock_guard lock(world_.mutex_);
  here().variables["tidb_gc_life_time"] = duration;
  world_.note(name_, "set_gc_life_time", duration);
}

// --- roles

std::optional<BdrRole> FakeTidb::bdr_role(const Call&) {
  const std::lock_guard lock(world_.mutex_);
  return bdr_role_from(here().role);
}

void FakeTidb::set_bdr_role(BdrRole role, const Call&) {
  const std::lock_guard lock(world_.mutex_);
  require_writable();
  here().role = std::string(to_string(role));
  world_.note(name_, "set_bdr_role", here().role.empty() ? "none" : here().role);
}

// --- gate

bool FakeTidb::super_read_only(const ServerAddress& server, const Call&) {
  const std::lock_guard lock(world_.mutex_);
  ServerState& asked = server_at(server);
  if (asked.coming && asked.looks_left-- <= 0) {
    asked.read_only = *asked.coming;
    asked.coming.reset();
  }
  return asked.read_only;
}

void FakeTidb::set_super_read_only(bool on, const Call&) {
  const std::lock_guard lock(world_.mutex_);
  ClusterState& cluster = here();
  if (on && (!cluster.token || cluster.token->gates.empty())) {
    world_.hazard(name_ + ": gate closed without a note on the token row");
  }
  cluster.read_only = on;
  for (ServerState& server : cluster.servers) {
    server.coming = on;
    server.looks_left = server.late_looks;
    if (server.late_looks == 0) {
      server.read_only = on;
      server.coming.reset();
    }
  }
  world_.note(name_, "set_super_read_only", on ? "on" : "off");
}

TransactionLook FakeTidb::look_at_transactions(const std::vector<TidbServerInfo>& servers,
                                               const Call&) {
  const std::lock_guard lock(world_.mutex_);
  ClusterState& cluster = here();
  std::erase_if(cluster.transactions, [](ScriptedTransaction& open) {
    return open.looks_left >= 0 && open.looks_left-- == 0;
  });
  TransactionLook look;
  look.warnings = cluster.transaction_warnings;
  for (const TidbServerInfo& asked : servers) {
    const ServerState& server = server_at(asked.address);
    if (server.trx_blind) continue;
    look.instances_seen.insert(server.info.status_address);
    for (const ScriptedTransaction& open : cluster.transactions) {
      if (open.row.instance == server.info.status_address) look.rows.push_back(open.row);
    }
  }
  return look;
}

void FakeTidb::kill_session(const ServerAddress& server, std::uint64_t session_id, const Call&) {
  const std::lock_guard lock(world_.mutex_);
  server_at(server);
  std::erase_if(here().transactions,
                [&](const ScriptedTransaction& open) { return open.row.session_id == session_id; });
  for (BackupState& state : here().backups) {
    if (state.task.ended || state.sent.connection_id != session_id) continue;
    state.task.ended = true;
    state.task.failure = "context canceled";
  }
  world_.note(name_, "kill_session", std::to_string(session_id));
}

Tso FakeTidb::current_tso(const Call&) {
  const std::lock_guard lock(world_.mutex_);
  return world_.next_tso(here());
}

// --- schema

std::vector<TableName> FakeTidb::tables(const Call&) {
  const std::lock_guard lock(world_.mutex_);
  std::vector<TableName> names;
  for (const auto& [name, table] : here().tables) names.push_back(name);
  return names;
}

std::optional<std::int64_t> FakeTidb::table_id(const TableName& table, const Call&) {
  const std::lock_guard lock(world_.mutex_);
  const auto found = here().tables.find(table);
  if (found == here().tables.end()) return std::nullopt;
  return found->second.id;
}

std::optional<std::string> FakeTidb::create_statement(const TableName& table, const Call&) {
  const std::lock_guard lock(world_.mutex_);
  if (const auto object = here().objects.find(table); object != here().objects.end())
    return object->second;
  const auto found = here().tables.find(table);
  if (found == here().tables.end()) return std::nullopt;
  return render_create(table, found->second);
}

std::vector<TableName> FakeTidb::views_and_sequences(const Call&) {
  const std::lock_guard lock(world_.mutex_);
  std::vector<TableName> names;
  for (const auto& [name, text] : here().objects) names.push_back(name);
  return names;
}

// --- our own rows

void FakeTidb::make_token_schema(const Call&) {
  const std::lock_guard lock(world_.mutex_);
  require_writable();
  if (here().token_schema) return;
  refuse_under_role("CREATE DATABASE bdrmesh_local", {});
  here().token_schema = true;
  here().schemas.insert("bdrmesh_local");
  world_.note(name_, "make_token_schema", "");
}

std::optional<TokenRow> FakeTidb::token(const Call&) {
  const std::lock_guard lock(world_.mutex_);
  return here().token;
}

bool FakeTidb::replace_token(const std::optional<TokenRow>& expected, const TokenRow& row,
                             const Call&) {
  const std::lock_guard lock(world_.mutex_);
  require_writable();
  ClusterState& cluster = here();
  if (!cluster.token_schema)
    throw Error(ErrorKind::invalid, "TIDB_SQL", "1146: Table 'bdrmesh_local.owner' doesn't exist");
  if (expected.has_value() != cluster.token.has_value()) return false;
  if (expected &&
      (expected->manager != cluster.token->manager || expected->epoch != cluster.token->epoch))
    return false;
  cluster.token = row;
  world_.note(name_, "replace_token",
              row.manager + " " + std::to_string(row.epoch) + " gates " + row.gates.dump());
  return true;
}

void FakeTidb::make_marker_schema(const Call&) {
  const std::lock_guard lock(world_.mutex_);
  require_writable();
  if (here().marker_schema) return;
  refuse_under_role("CREATE DATABASE bdrmesh", {});
  here().marker_schema = true;
  here().schemas.insert("bdrmesh");
  TableState& table = here().tables[{"bdrmesh", "marker"}];
  table.id = here().next_table_id++;
  table.columns = {{"run", "varchar(64) NOT NULL"},
                   {"origin", "varchar(64) NOT NULL"},
                   {"nonce", "varchar(64) NOT NULL"}};
  table.keys = {"PRIMARY KEY (`run`,`origin`)"};
  world_.note(name_, "make_marker_schema", "");
}

WrittenMarker FakeTidb::write_marker(const std::string& run, const ClusterName& origin,
                                     const std::string& nonce, const Call&) {
  const std::lock_guard lock(world_.mutex_);
  require_writable();
  if (!here().marker_schema)
    throw Error(ErrorKind::invalid, "TIDB_SQL", "1146: Table 'bdrmesh.marker' doesn't exist");
  MarkerState& marker = here().markers[{run, origin.value()}];
  WrittenMarker written{nonce, world_.next_tso(here()), Tso{}};
  if (marker.nonce == nonce) {  // an upsert of an identical row commits nothing, measured §1 A16
    throw Error(ErrorKind::transient, "MARKER_UNPROVEN", "the marker's commit-ts is not known");
  }
  written.commit_ts = world_.next_tso(here());
  marker = {nonce, written.commit_ts, true};
  world_.note(name_, "write_marker", run + " " + origin.value());
  return written;
}

std::optional<std::string> FakeTidb::marker_nonce(const std::string& run, const ClusterName& origin,
                                                  const Call&) {
  const std::lock_guard lock(world_.mutex_);
  const auto found = here().markers.find({run, origin.value()});
  if (found == here().markers.end()) return std::nullopt;
  return found->second.nonce;
}

void FakeTidb::copy_empty_table(const TableName& table, const TableName& copy, const Call&) {
  const std::lock_guard lock(world_.mutex_);
  require_writable();
  refuse_under_role("CREATE TABLE " + to_string(copy), {});
  const auto found = here().tables.find(table);
  if (found == here().tables.end())
    throw Error(ErrorKind::invalid, "TIDB_SQL",
                "1146: Table '" + to_string(table) + "' doesn't exist");
  here().schemas.insert(copy.schema);
  TableState made = found->second;
  made.id = here().next_table_id++;
  here().tables[copy] = made;
  world_.note(name_, "copy_empty_table", to_string(copy));
}

void FakeTidb::drop_schema(const std::string& schema, const Call&) {
  const std::lock_guard lock(world_.mutex_);
  require_writable();
  if (!here().schemas.contains(schema)) return;  // passes under every role, measured §1 B
  refuse_under_role("DROP DATABASE " + schema, {});
  const bool empty = std::ranges::none_of(
      here().tables, [&](const auto& each) { return each.first.schema == schema; });
  if (!is_ours(schema) && !empty)
    world_.hazard(name_ + ": schema dropped that is not ours: " + schema);
  apply_ddl(here(), "DROP DATABASE IF EXISTS " + schema, {});
  world_.note(name_, "drop_schema", schema);
}

}  // namespace bdrmesh::fakes
