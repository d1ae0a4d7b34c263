// The configuration as values: what is wanted. Passwords are only named here, never held.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "model/hook.h"
#include "model/link.h"
#include "model/names.h"
#include "model/secret_source.h"

namespace bdrmesh {

struct TlsFiles {
  std::string ca;
  std::string cert;
  std::string key;
  bool wanted() const { return !ca.empty(); }
};

/// How feeds of the other clusters write into this one; `{from}` stands for the origin's name.
struct SinkSpec {
  std::string address;  ///< host:port as their TiCDC sees it
  std::string user;
  SecretSource password;
  std::map<std::string, std::string> params;

  std::string user_for(const ClusterName& from) const;
  SecretSource password_for(const ClusterName& from) const;
};

struct ClusterSpec {
  ClusterName name;
  int source_id = 0;
  std::vector<ServerAddress> tidb;
  std::vector<std::string> pd;     ///< base URLs
  std::vector<std::string> ticdc;  ///< base URLs
  std::string user;
  SecretSource password;
  TlsFiles tls;
  SinkSpec sink;
};

enum class GroupKind { multi_active, primary_secondary };
enum class GateKind { read_only, privileges, webhook, manual };

struct RedoSpec {
  std::string storage;  ///< prefix; each incarnation gets a folder of its own below it
  int max_log_size = 64;
  Millis flush_interval{2000};
};

struct GroupSpec {
  GroupName name;
  GroupKind kind = GroupKind::multi_active;
  std::vector<ClusterName> members;  ///< for a pair: primary, then secondary
  std::vector<std::string> tables;   ///< TiCDC filter rules, without our marker schema
  std::optional<ClusterName> ddl_primary;
  /// Rules as in `tables`: DROP and TRUNCATE of these want the object's name typed. Empty: of none.
  std::vector<std::string> protected_tables{};
  GateKind gate = GateKind::read_only;
  std::optional<RedoSpec> redo;
  std::string backup_storage;
  std::string backup_rate_limit;
  std::optional<Millis> syncpoint_interval;
  std::optional<Millis> syncpoint_retention;
  std::vector<HookSpec> hooks;
  bool auto_resume = false;  ///< changefeeds that failed for a passing reason go on by themselves

  std::vector<Link> links() const;  ///< full mesh, or the one link of a pair
};

struct ManagerSpec {
  std::string state = "bdrmesh.db";
  std::string cdc;  ///< TiCDC's program, of the version that writes the redo logs; empty: none
  std::string listen = "127.0.0.1:8440";
  Millis heartbeat{
      15000};           ///< how often each member's marker is written to prove its links; 0: never
  Millis sweep{0};      ///< the rows of every table are compared again within this time; 0: never
  int sweep_load = 20;  ///< percent of the time in which a session of a sweep asks
};

struct Desired {
  ManagerSpec manager;
  std::vector<ClusterSpec> clusters;
  std::vector<GroupSpec> groups;

  /// @throws Error invalid `UNKNOWN_CLUSTER` / `UNKNOWN_GROUP`, listing the known ones.
  const ClusterSpec& cluster(const ClusterName& name) const;
  const GroupSpec& group(const GroupName& name) const;
};

/// Schema of marker rows, carried by every feed, and schema of the token row, carried by none.
inline constexpr const char* kMarkerSchema = "bdrmesh";
inline constexpr const char* kTokenSchema = "bdrmesh_local";

/// `tables` plus the marker schema: the filter rules of every feed of the group.
std::vector<std::string> feed_rules(const GroupSpec& group);

}  // namespace bdrmesh
