// What a session knows of variables, rights and names.
#include "lab/parse/tokens.h"
#include "lab/sql/session.h"
#include "lab/sql/variables.h"

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
  return shared_.privileges.holds(account_, "RESTRICTED_REPLICA_WRITER_ADMIN");
}

bool Session::has_static_privilege(const std::string& column) {
  const std::size_t at = account_.find('@');
  const auto rows = shared_.as_admin(
      "SELECT " + column + " FROM mysql.user WHERE User=" + quote_text(account_.substr(0, at)) +
      " AND Host=" + quote_text(account_.substr(at + 1)));
  return !rows.empty() && rows.front().front() == "Y";
}

bool Session::may(const std::string& static_column, const std::string& dynamic) {
  return shared_.privileges.holds(account_, dynamic) || has_static_privilege(static_column);
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
