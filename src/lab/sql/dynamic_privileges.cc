#include "lab/sql/dynamic_privileges.h"

#include <set>

namespace bdrmesh::lab {

bool is_dynamic_privilege(std::string_view name) {
  static const std::set<std::string, std::less<>> names = {"BACKUP_ADMIN",
                                                           "RESTORE_ADMIN",
                                                           "SYSTEM_USER",
                                                           "SYSTEM_VARIABLES_ADMIN",
                                                           "ROLE_ADMIN",
                                                           "CONNECTION_ADMIN",
                                                           "PLACEMENT_ADMIN",
                                                           "DASHBOARD_CLIENT",
                                                           "RESTRICTED_TABLES_ADMIN",
                                                           "RESTRICTED_STATUS_ADMIN",
                                                           "RESTRICTED_VARIABLES_ADMIN",
                                                           "RESTRICTED_USER_ADMIN",
                                                           "RESTRICTED_CONNECTION_ADMIN",
                                                           "RESTRICTED_REPLICA_WRITER_ADMIN",
                                                           "RESOURCE_GROUP_ADMIN",
                                                           "RESOURCE_GROUP_USER",
                                                           "TRAFFIC_CAPTURE_ADMIN",
                                                           "TRAFFIC_REPLAY_ADMIN",
                                                           "IMPORT_ADMIN",
                                                           "CONFIG"};
  return names.count(name) > 0;
}

void DynamicPrivileges::grant(const std::string& account, const std::string& privilege,
                              bool with_grant_option) {
  const std::lock_guard lock(mutex_);
  bool& option = grants_[account][privilege];
  option = option || with_grant_option;
}

void DynamicPrivileges::revoke(const std::string& account, const std::string& privilege) {
  const std::lock_guard lock(mutex_);
  const auto found = grants_.find(account);
  if (found != grants_.end()) found->second.erase(privilege);
}

void DynamicPrivileges::revoke_all(const std::string& account) {
  const std::lock_guard lock(mutex_);
  grants_.erase(account);
}

void DynamicPrivileges::rename(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  auto node = grants_.extract(from);
  if (node.empty()) return;
  node.key() = to;
  grants_.insert(std::move(node));
}

bool DynamicPrivileges::holds(const std::string& account, const std::string& privilege) const {
  const std::lock_guard lock(mutex_);
  const auto found = grants_.find(account);
  return found != grants_.end() && found->second.count(privilege) > 0;
}

std::map<std::string, std::map<std::string, bool>> DynamicPrivileges::all() const {
  const std::lock_guard lock(mutex_);
  return grants_;
}

std::map<std::string, bool> DynamicPrivileges::of(const std::string& account) const {
  const std::lock_guard lock(mutex_);
  const auto found = grants_.find(account);
  return found == grants_.end() ? std::map<std::string, bool>{} : found->second;
}

}  // namespace bdrmesh::lab
