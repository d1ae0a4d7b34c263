// One cluster of the lab: SQL engine, two tidb-servers, PD. (TiCDC is put beside it by whoever
// wires the lab.) Methods belong to one thread; the parts serve in parallel.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"
#include "lab/core/cluster_state.h"
#include "lab/engine/mariadb.h"
#include "lab/pd/pd_api.h"
#include "lab/sql/front_end.h"

namespace bdrmesh::lab {

/// A database user to be made when the cluster starts.
struct LabUser {
  std::string name;
  Secret password;
  std::vector<std::string>
      grants;  ///< `SELECT, SUPER, BACKUP_ADMIN ON *.*`; TiDB's dynamic privileges too
};

class LabCluster {
 public:
  /// @param directory  of this cluster; @param index 1, 2, ...: unique in the lab.
  LabCluster(const Clock& clock, const std::string& name, std::filesystem::path directory,
             unsigned index, const Profile& profile = find_profile(kDefaultProfile));
  ~LabCluster();
  LabCluster(const LabCluster&) = delete;
  LabCluster& operator=(const LabCluster&) = delete;

  /// Starts everything. Blocks until clients can connect. Several clusters may be started by
  /// threads in parallel.
  /// @param template_data  made with ensure_template().
  /// @throws Error precondition
  void start(const std::filesystem::path& template_data);
  /// Ends everything; the data stay.
  void stop();

  /// Makes or changes a user and its grants.
  /// @throws Error precondition `LAB_USER` with the engine's text.
  void add_user(const LabUser& user);

  /// How late `server` hears of grants, locks and roles changed elsewhere; std::nullopt: never.
  void set_privilege_delay(std::size_t server, std::optional<Millis> delay) {
    shared_.privileges.set_delay(server, delay);
  }

  ClusterState& state() { return state_; }
  FrontEnd& front_end(std::size_t server) { return *front_ends_.at(server); }
  std::string sql_address(std::size_t server) const { return front_ends_.at(server)->address(); }
  std::string pd_address() const { return pd_.address(); }
  MariaDb& engine() { return engine_; }
  PdApi& pd() { return pd_; }

 private:
  ClusterState state_;
  MariaDb engine_;
  SqlShared shared_;
  PdApi pd_;
  std::vector<std::unique_ptr<HttpServer>> status_servers_;
  std::vector<std::unique_ptr<FrontEnd>> front_ends_;
  bool running_ = false;
};

}  // namespace bdrmesh::lab
