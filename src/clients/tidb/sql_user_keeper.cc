#include "clients/tidb/sql_user_keeper.h"

#include "clients/catalogue/sql_catalogue.h"
#include "clients/catalogue/sql_catalogue_pair.h"
#include "clients/sql/sql_errors.h"

namespace bdrmesh {
namespace {

constexpr int kAccountLocked = 3118;
constexpr int kNoSuchSession = 1094;

}  // namespace

std::optional<bool> SqlUserKeeper::is_locked(const std::string& user, const Call& call) {
  return connector_.ask_any(call, [&](SqlSession& session) -> std::optional<bool> {
    const SqlRows rows =
        session.query(sql_text::account_locked(user), "read whether '" + user + "' is locked");
    if (rows.empty()) return std::nullopt;
    const std::string flag = rows.text(0, std::size_t{0});
    return flag == "Y" || flag == "y";
  });
}

void SqlUserKeeper::set_locked(const std::string& user, bool locked, const Call& call) {
  connector_.open_any(call).change(sql_text::set_account_locked(user, locked),
                                   (locked ? "lock '" : "unlock '") + user + "'");
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

SessionLook SqlUserKeeper::sessions_of(const std::string& user, const Call& call) {
  SqlSession session = connector_.open_any(call);
  SessionLook look;
  const SqlRows rows =
      session.query(sql_text::sessions_of(user), "list the sessions of '" + user + "'");
  look.warnings = session.warnings();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    look.sessions.push_back({rows.text(i, "INSTANCE"), rows.number(i, "ID"), rows.text(i, "HOST"),
                             rows.text(i, "COMMAND")});
  }
  return look;
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
