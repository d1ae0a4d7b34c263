// TiDB's dynamic privileges (and CONFIG), which MariaDB does not know: kept beside its grants.
// Thread-safe. Accounts are written `user@host`.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace bdrmesh::lab {

/// True for a privilege that the lab keeps itself; `name` in upper case.
bool is_dynamic_privilege(std::string_view name);

class DynamicPrivileges {
 public:
  void grant(const std::string& account, const std::string& privilege, bool with_grant_option);
  void revoke(const std::string& account, const std::string& privilege);
  void revoke_all(const std::string& account);
  void rename(const std::string& from, const std::string& to);
  /// Granted by name; SUPER or ALL do not count.
  bool holds(const std::string& account, const std::string& privilege) const;
  /// Account -> privilege -> WITH GRANT OPTION.
  std::map<std::string, std::map<std::string, bool>> all() const;
  /// Privilege -> WITH GRANT OPTION.
  std::map<std::string, bool> of(const std::string& account) const;

 private:
  mutable std::mutex mutex_;  // guards grants_
  std::map<std::string, std::map<std::string, bool>> grants_;
};

}  // namespace bdrmesh::lab
