#include "lab/server/dynamic_privileges.h"

#include <set>

namespace bdrmesh::lab {

namespace {
constexpr Millis kUsualDelay{3};  // as for system variables
}

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

DynamicPrivileges::DynamicPrivileges(const Clock& clock, std::size_t servers)
    : clock_(clock), views_(servers) {
  for (View& view : views_) view.delay = kUsualDelay;
}

DynamicPrivileges::View& DynamicPrivileges::settled(std::size_t server) const {
  View& view = views_.at(server);
  const MonoTime now = clock_.mono();
  while (!view.coming.empty() && view.coming.front().due <= now) {
    view.coming.front().change(view.accounts);
    view.coming.pop_front();
    ++view.arrived;
  }
  return view;
}

void DynamicPrivileges::change(std::size_t server, const Change& change) {
  const std::lock_guard lock(mutex_);
  change(stored_);
  for (std::size_t i = 0; i < views_.size(); ++i) {
    View& view = settled(i);
    if (i == server) {
      change(view.accounts);
      ++view.arrived;
    } else if (view.delay) {
      view.coming.push_back({clock_.mono() + *view.delay, change});
    }
  }
}

void DynamicPrivileges::change_everywhere(const Change& change) {
  const std::lock_guard lock(mutex_);
  change(stored_);
  for (View& view : views_) {
    change(view.accounts);
    ++view.arrived;
  }
}

void DynamicPrivileges::grant(const std::string& account, const std::string& privilege,
                              bool with_grant_option) {
  change_everywhere([&](Accounts& accounts) {
    bool& option = accounts[account].dynamic[privilege];
    option = option || with_grant_option;
  });
}

AccountFacts DynamicPrivileges::of(std::size_t server, const std::string& account) const {
  const std::lock_guard lock(mutex_);
  const Accounts& accounts = settled(server).accounts;
  const auto found = accounts.find(account);
  return found == accounts.end() ? AccountFacts{} : found->second;
}

DynamicPrivileges::Accounts DynamicPrivileges::all(std::size_t server) const {
  const std::lock_guard lock(mutex_);
  return settled(server).accounts;
}

bool DynamicPrivileges::holds(std::size_t server, const std::vector<std::string>& accounts,
                              const std::string& privilege) const {
  const std::lock_guard lock(mutex_);
  const Accounts& known = settled(server).accounts;
  for (const std::string& account : accounts) {
    const auto found = known.find(account);
    if (found != known.end() && found->second.dynamic.count(privilege) > 0) return true;
  }
  return false;
}

std::uint64_t DynamicPrivileges::arrived(std::size_t server) const {
  const std::lock_guard lock(mutex_);
  return settled(server).arrived;
}

void DynamicPrivileges::set_delay(std::size_t server, std::optional<Millis> delay) {
  const std::lock_guard lock(mutex_);
  View& view = settled(server);
  const bool deaf_before = !view.delay;
  view.delay = delay;
  if (deaf_before && delay) {
    view.coming.push_back(
        {clock_.mono() + *delay, [now = stored_](Accounts& accounts) { accounts = now; }});
  }
}

void DynamicPrivileges::reload(std::size_t server) {
  const std::lock_guard lock(mutex_);
  View& view = views_.at(server);
  view.coming.clear();
  view.accounts = stored_;
  ++view.arrived;
}

}  // namespace bdrmesh::lab
