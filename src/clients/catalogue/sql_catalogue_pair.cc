#include "clients/catalogue/sql_catalogue_pair.h"

#include <cctype>

#include "base/error.h"
#include "clients/catalogue/sql_catalogue.h"

namespace bdrmesh::sql_text {
namespace {

std::string account(const std::string& user) { return quote(user) + "@'%'"; }

std::string switch_word(bool on) { return on ? "ON" : "OFF"; }

/// Letters, blanks and what separates privileges and names an object: nothing that could end a
/// statement.
void require_grant(const std::string& grant) {
  for (const char letter : grant) {
    const bool known = std::isalnum(static_cast<unsigned char>(letter)) != 0 ||
                       std::string_view("_, .*`").find(letter) != std::string_view::npos;
    if (!known) throw Error(ErrorKind::bug, "BAD_GRANT", "'" + grant + "' is no grant");
  }
  if (grant.find(" ON ") == std::string::npos)
    throw Error(ErrorKind::bug, "BAD_GRANT", "'" + grant + "' names no object");
}

}  // namespace

std::string account_locked(const std::string& user) {
  return "SELECT Host, account_locked FROM mysql.user WHERE User = " + quote(user);
}

std::string set_account_locked(const std::string& user, const std::string& host, bool locked) {
  return "ALTER USER " + quote(user) + "@" + quote(host) + " ACCOUNT " +
         (locked ? "LOCK" : "UNLOCK");
}

std::string sessions_of(const std::string& user) {
  return std::string(kSessions) + " WHERE USER = " + quote(user);
}

std::string create_user(const std::string& user, const Secret& password) {
  return "CREATE USER IF NOT EXISTS " + account(user) + " IDENTIFIED BY " +
         quote(password.reveal());
}

std::string set_password(const std::string& user, const Secret& password) {
  return "ALTER USER " + account(user) + " IDENTIFIED BY " + quote(password.reveal());
}

std::string grant_to(const std::string& grant, const std::string& user) {
  require_grant(grant);
  return "GRANT " + grant + " TO " + account(user);
}

std::string drop_user(const std::string& user) { return "DROP USER IF EXISTS " + account(user); }

std::string set_external_ts_read(bool on) {
  return "SET GLOBAL tidb_enable_external_ts_read = " + switch_word(on);
}

std::string set_ttl_jobs(bool on) { return "SET GLOBAL tidb_ttl_job_enable = " + switch_word(on); }

}  // namespace bdrmesh::sql_text
