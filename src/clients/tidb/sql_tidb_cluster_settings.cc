// Servers, users, settings and roles of a cluster over SQL.
#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "clients/catalogue/sql_catalogue.h"
#include "clients/sql/sql_errors.h"
#include "clients/tidb/answers.h"
#include "clients/tidb/sql_tidb_cluster.h"

namespace bdrmesh {
namespace {

constexpr int kNoSuchFunction = 1305;
constexpr int kSyntax = 1064;
constexpr int kNoSuchGrant = 1141;

bool may_not_look(const SqlError& e) {
  return e.number() == kNoSuchGrant || e.code() == "TIDB_PRIVILEGE";
}

std::vector<std::string> first_column(const SqlRows& rows) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < rows.size(); ++i) out.push_back(rows.text(i, std::size_t{0}));
  return out;
}

/// The status address of the server that a session of ours talks to: it finds itself in the list of
/// all sessions.
std::string status_address_behind(SqlSession& session) {
  const SqlRows rows =
      session.query(sql_text::session_on(session.connection_id()), "find its own session");
  return rows.size() == 1 ? rows.text(0, "INSTANCE") : std::string();
}

}  // namespace

SqlRows SqlTidbCluster::ask(std::string_view sql, std::string_view doing, const Call& call) const {
  return connector_.ask_any(
      call, [&](SqlSession& session) { return session.query(std::string(sql), doing); });
}

std::vector<TidbServerInfo> SqlTidbCluster::servers(const Call& call) {
  const SqlRows rows = ask(sql_text::kTidbServers, "read the cluster's servers", call);
  std::vector<TidbServerInfo> known;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    known.push_back({ServerAddress(rows.text(i, "INSTANCE")), rows.text(i, "STATUS_ADDRESS"),
                     rows.text(i, "VERSION")});
  }
  std::vector<TidbServerInfo> out;
  std::vector<ServerAddress> unmatched;
  for (const ServerAddress& configured : connector_.servers()) {
    const auto found = std::ranges::find(known, configured, &TidbServerInfo::address);
    if (found == known.end()) {
      unmatched.push_back(configured);
      continue;
    }
    out.push_back(*found);
    known.erase(found);
  }
  for (const ServerAddress& configured : unmatched) {
    TidbServerInfo info{configured, {}, {}};
    if (!known.empty()) {
      try {
        SqlSession session = connector_.open(configured, call);
        info.status_address = status_address_behind(session);
      } catch (const Error& e) {
        // It stays in the list without a status address: the caller sees that nobody knows it.
        if (e.kind() != ErrorKind::transient) throw;
      }
    }
    const auto found =
        std::ranges::find(known, info.status_address, &TidbServerInfo::status_address);
    if (found != known.end()) {
      info.version = found->version;
      known.erase(found);
    }
    out.push_back(std::move(info));
  }
  out.insert(out.end(), known.begin(), known.end());
  return out;
}

std::string SqlTidbCluster::release_version(const ServerAddress& server, const Call& call) {
  const auto not_tidb = [&] {
    return Error(ErrorKind::precondition, "NOT_TIDB",
                 "the server at " + server.value() + " is no tidb-server");
  };
  SqlSession session = connector_.open(server, call);
  try {
    const SqlRows rows = session.query(std::string(sql_text::kTidbVersion), "read the version");
    const auto version = release_version_in(rows.text(0, std::size_t{0}));
    if (version) return *version;
  } catch (const SqlError& e) {
    if (e.number() != kNoSuchFunction) throw;
  }
  throw not_tidb();
}

std::vector<std::string> SqlTidbCluster::own_grants(const Call& call) {
  return first_column(ask(sql_text::kOwnGrants, "read its own grants", call));
}

std::optional<std::vector<std::string>> SqlTidbCluster::grants_of(const std::string& user,
                                                                  const Call& call) {
  SqlSession session = connector_.open_any(call);
  try {
    return first_column(
        session.query(sql_text::grants_of(user), "read the grants of '" + user + "'"));
  } catch (const SqlError& e) {
    if (may_not_look(e)) return std::nullopt;
    throw;
  }
}

std::vector<std::string> SqlTidbCluster::read_only_exempt_users(const Call& call) {
  return first_column(ask(sql_text::kReadOnlyExempt, "read who may write in read-only mode", call));
}

std::optional<std::uint64_t> SqlTidbCluster::cluster_id(const Call& call) {
  const SqlRows rows = ask(sql_text::kClusterId, "read the cluster id", call);
  if (rows.empty()) return std::nullopt;
  return rows.number(0, "VARIABLE_VALUE");
}

int SqlTidbCluster::source_id(const Call& call) {
  const std::string text = global_variable("tidb_source_id", call);
  int id = 0;
  const auto [stopped, problem] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (problem == std::errc() && stopped == text.data() + text.size()) return id;
  throw Error(ErrorKind::invalid, "TIDB_BAD_ANSWER", "tidb_source_id is '" + text + "'");
}

void SqlTidbCluster::set_source_id(int id, const Call& call) {
  connector_.open_any(call).change(sql_text::set_source_id(id), "set tidb_source_id");
}

std::string SqlTidbCluster::global_variable(const std::string& name, const Call& call) {
  const SqlRows rows = ask(sql_text::global_variable(name), "read " + name, call);
  return rows.text(0, std::size_t{0});
}

void SqlTidbCluster::set_gc_life_time(const std::string& duration, const Call& call) {
  connector_.open_any(call).change(sql_text::set_gc_life_time(duration), "set tidb_gc_life_time");
}

std::optional<BdrRole> SqlTidbCluster::bdr_role(const Call& call) {
  return connector_.ask_any(call, [](SqlSession& session) -> std::optional<BdrRole> {
    try {
      return read_bdr_role(session.query(std::string(sql_text::kShowBdrRole), "read the BDR role"));
    } catch (const SqlError& e) {
      // Before v7.6 the statement is no syntax, and no DDL leaves a cluster in bdr mode: as with
      // none.
      if (e.number() == kSyntax) return BdrRole::none;
      throw;
    }
  });
}

void SqlTidbCluster::set_bdr_role(BdrRole role, const Call& call) {
  // A fresh session is in autocommit and in no transaction; in one the role would be lost at
  // ROLLBACK (measured §1 A2).
  SqlSession session = connector_.open_any(call);
  try {
    session.change(std::string(sql_text::set_bdr_role(role)), "set the BDR role");
  } catch (const SqlError& e) {
    if (e.number() != kSyntax) throw;
    if (role == BdrRole::none) return;
    throw Error(
        ErrorKind::precondition, "TIDB_NO_BDR_ROLES",
        "tidb-server " + session.server().value() + " knows no BDR roles (they came with v7.6)",
        "leave ddl_primary out of the group");
  }
}

}  // namespace bdrmesh
