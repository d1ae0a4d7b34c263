// What a session knows of variables, rights and names.
#include "lab/parse/tokens.h"
#include "lab/server/variables.h"
#include "lab/sql/session.h"
#include "lab/wire/bytes.h"

namespace bdrmesh::lab {

std::string Session::setting(const std::string& name) const {
  if (const auto found = settings_.find(name); found != settings_.end()) return found->second;
  return global(name);
}

std::string Session::global(const std::string& name) const {
  if (const auto value = cluster_.variables.get(server_, name)) return *value;
  const VariableRule* rule = find_variable(name);
  return rule == nullptr ? "" : rule->initial;
}

std::uint64_t Session::write_source() const {
  const auto found = settings_.find("tidb_cdc_write_source");
  return found == settings_.end() ? 0 : std::stoull(found->second);
}

bool Session::is_exempt() const {
  return shared_.privileges.holds(server_, identities(), "RESTRICTED_REPLICA_WRITER_ADMIN");
}

std::vector<std::string> Session::identities() const {
  std::vector<std::string> all(active_roles_.begin(), active_roles_.end());
  all.push_back(account_);
  return all;
}

bool Session::accept_account() {
  const Reply me = backend_.query("SELECT CURRENT_USER()");
  if (const auto* rows = std::get_if<RowsReply>(&me); rows != nullptr && !rows->rows.empty()) {
    account_ = std::string(PacketReader(rows->rows.front()).lenenc_string());
  }
  const AccountFacts facts = shared_.privileges.of(server_, account_);
  active_roles_ = facts.default_roles;
  rights_seen_ = shared_.privileges.arrived(server_);
  if (!facts.locked) return true;
  const std::size_t at = account_.rfind('@');
  deliver_failure({3118, "HY000",
                   "Access denied for user '" + account_.substr(0, at) + "'@'" +
                       account_.substr(at + 1) + "'. Account is locked."});
  return false;
}

void Session::renew_rights() {
  const std::uint64_t arrived = shared_.privileges.arrived(server_);
  if (arrived == rights_seen_) return;
  rights_seen_ = arrived;
  // The engine looks at global rights when a role is set, at those on the schema when it is used.
  std::string role = "NONE";
  for (const std::string& active : active_roles_) {
    role = quote_name(active.substr(0, active.find('@')));
  }
  backend_.query("SET ROLE " + role);
  if (!schema_.empty()) backend_.query("USE " + quote_name(schema_));
}

bool Session::has_static_privilege(const std::string& column) {
  const std::size_t at = account_.find('@');
  const auto rows = shared_.as_admin(
      "SELECT " + column + " FROM mysql.user WHERE User=" + quote_text(account_.substr(0, at)) +
      " AND Host=" + quote_text(account_.substr(at + 1)));
  return !rows.empty() && rows.front().front() == "Y";
}

bool Session::may(const std::string& static_column, const std::string& dynamic) {
  return shared_.privileges.holds(server_, identities(), dynamic) ||
         has_static_privilege(static_column);
}

void Session::require_super() {
  if (!has_static_privilege("Super_priv"))
    throw Refused(8121, "HY000", "privilege check for 'Super' fail");
}

void Session::warn(std::string level, int code, std::string message) {
  if (!warnings_) warnings_.emplace();
  warnings_->push_back({std::move(level), code, std::move(message)});
}

ObjectName Session::qualified(ObjectName name) const {
  if (name.schema.empty()) name.schema = schema_;
  return name;
}

}  // namespace bdrmesh::lab
