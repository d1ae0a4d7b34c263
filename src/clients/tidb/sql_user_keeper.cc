#include "clients/tidb/sql_user_keeper.h"

#include "clients/catalogue/sql_catalogue.h"
#include "clients/catalogue/sql_catalogue_pair.h"
#include "clients/sql/sql_errors.h"

namespace bdrmesh {
namespace {

constexpr int kAccountLocked = 3118;
constexpr int kNoSuchSession = 1094;

bool is_locked_row(const SqlRows& rows, std::size_t row) {
  const std::string flag = rows.text(row, std::size_t{1});
  return flag == "Y" || flag == "y";
}

}  // namespace

std::optional<bool> SqlUserKeeper::is_locked(const std::string& user, const Call& call) {
  return connector_.ask_any(call, [&](SqlSession& session) -> std::optional<bool> {
    const SqlRows rows =
        session.query(sql_text::account_locked(user), "read whether '" + user + "' is locked");
    if (rows.empty()) return std::nullopt;
    // One row for each host part; one that is open lets the writer in from there.
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (!is_locked_row(rows, i)) return false;
    }
    return true;
  });
}

void SqlUserKeeper::set_locked(const std::string& user, bool locked, const Call& call) {
  SqlSession session = connector_.open_any(call);
  const std::string doing = (locked ? "lock '" : "unlock '") + user + "'";
  const SqlRows rows = session.query(sql_text::account_locked(user), "look before: " + doing);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (is_locked_row(rows, i) == locked) continue;
    session.change(sql_text::set_account_locked(user, rows.text(i, std::size_t{0}), locked), doing);
  }
}

LoginAnswer SqlUserKeeper::try_login(const ServerAddress& server, const std::string& user,
                                     const Secret& password, const Call& call) {
  try {
    const SqlSession session({server, user, password, tls_, label_}, call, connector_.clock());
    return LoginAnswer::accepted;
  } catch (const SqlError& e) {
    if (e.number() == kAccountLocked) return LoginAnswer::locked;
    if (e.code() == "TIDB_LOGIN") return LoginAnswer::refused;
    throw;
  }
}

SessionLook SqlUserKeeper::look(const std::string& sql, const std::string& doing,
                                const Call& call) {
  SqlSession session = connector_.open_any(call);
  SessionLook look;
  const SqlRows rows = session.query(sql, doing);
  look.warnings = session.warnings();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    look.sessions.push_back({rows.text(i, "INSTANCE"), rows.number(i, "ID"), rows.text(i, "HOST"),
                             rows.text(i, "COMMAND"), rows.text(i, "USER")});
  }
  return look;
}

SessionLook SqlUserKeeper::sessions_of(const std::string& user, const Call& call) {
  return look(sql_text::sessions_of(user), "list the sessions of '" + user + "'", call);
}

SessionLook SqlUserKeeper::sessions(const Call& call) {
  return look(std::string(sql_text::kSessions), "list the sessions", call);
}

void SqlUserKeeper::end_session(const ServerAddress& server, std::uint64_t id, const Call& call) {
  try {
    connector_.open(server, call)
        .change(sql_text::kill_session(id), "end session " + std::to_string(id));
  } catch (const SqlError& e) {
    if (e.number() != kNoSuchSession) throw;
  }
}

void SqlUserKeeper::make_user(const std::string& user, const Secret& password,
                              const std::vector<std::string>& grants, const Call& call) {
  SqlSession session = connector_.open_any(call);
  session.change(sql_text::create_user(user, password), "make user '" + user + "'");
  session.change(sql_text::set_password(user, password), "give '" + user + "' a password");
  for (const std::string& grant : grants)
    session.change(sql_text::grant_to(grant, user), "grant " + grant + " to '" + user + "'");
}

void SqlUserKeeper::drop_user(const std::string& user, const Call& call) {
  connector_.open_any(call).change(sql_text::drop_user(user), "drop user '" + user + "'");
}

}  // namespace bdrmesh
