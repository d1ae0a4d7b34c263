// What TiDB knows of accounts and MariaDB does not: dynamic privileges (and CONFIG), roles, account
// locks. Each tidb-server has its own view: the one that executes a change sees it at once, the
// others a moment later (tidb-sql §2.3). Thread-safe. Accounts are written `user@host`.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace bdrmesh::lab {

/// True for a privilege that the lab keeps itself; `name` in upper case.
bool is_dynamic_privilege(std::string_view name);

struct AccountFacts {
  std::map<std::string, bool> dynamic;  ///< privilege -> WITH GRANT OPTION
  std::set<std::string> roles;          ///< granted; `role@%`
  std::set<std::string> default_roles;  ///< active from login on
  bool locked = false;
};

class DynamicPrivileges {
 public:
  using Accounts = std::map<std::string, AccountFacts>;
  using Change = std::function<void(Accounts&)>;

  DynamicPrivileges(const Clock& clock, std::size_t servers);

  /// A change made on `server`. Also to be called, with a change that does nothing, when the engine
  /// keeps what has changed: its sessions learn of it by `arrived`.
  void change(std::size_t server, const Change& change);
  void change_everywhere(const Change& change);
  /// Privilege with or without grant option, on every server at once.
  void grant(const std::string& account, const std::string& privilege, bool with_grant_option);

  /// What `server` believes now.
  AccountFacts of(std::size_t server, const std::string& account) const;
  Accounts all(std::size_t server) const;
  /// Granted by name to one of the accounts; SUPER or ALL do not count.
  bool holds(std::size_t server, const std::vector<std::string>& accounts,
             const std::string& privilege) const;
  /// How many changes have reached `server` so far.
  std::uint64_t arrived(std::size_t server) const;

  /// How late `server` hears of changes made elsewhere from now on; std::nullopt: never.
  void set_delay(std::size_t server, std::optional<Millis> delay);
  /// A server that starts reads everything that is stored.
  void reload(std::size_t server);

 private:
  struct Coming {
    MonoTime due;
    Change change;
  };
  struct View {
    Accounts accounts;
    std::deque<Coming> coming;
    std::optional<Millis> delay;
    std::uint64_t arrived = 0;
  };
  View& settled(std::size_t server) const;

  const Clock& clock_;
  mutable std::mutex mutex_;  // guards stored_ and views_
  Accounts stored_;
  mutable std::vector<View> views_;
};

}  // namespace bdrmesh::lab
