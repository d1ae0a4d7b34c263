#include "lab/site/provision.h"

#include "lab/load/load_tables.h"
#include "lab/load/sql_link.h"

namespace bdrmesh::lab::site {
namespace {

constexpr int kSeedOrders = 20;

void add_user(std::vector<std::string>& sql, const Account& account,
              const std::vector<std::string>& grants) {
  const std::string user = "'" + account.name + "'@'%'";
  sql.push_back("CREATE USER " + user + " IDENTIFIED BY " +
                load::sql_literal(account.password.reveal()));
  for (const std::string& grant : grants) {
    // `... TO user` may be followed by an option, which stands behind a bar here.
    const std::size_t bar = grant.find('|');
    sql.push_back("GRANT " + grant.substr(0, bar) + " TO " + user +
                  (bar == std::string::npos ? "" : " " + grant.substr(bar + 1)));
  }
}

void add_tables(std::vector<std::string>& sql) {
  sql.emplace_back("CREATE DATABASE IF NOT EXISTS app");
  for (const std::string& definition : load::load_table_definitions()) sql.push_back(definition);
  std::string orders;
  std::string items;
  for (int id = 1; id <= kSeedOrders; ++id) {
    const std::string number = std::to_string(id);
    const std::string comma = id == 1 ? "" : ", ";
    orders += comma + "(" + number + ", 'seed', 'note " + number + "', " + number +
              ".50, '2026-01-01 00:00:00.000')";
    items += comma + "(" + number + ", " + number + ", 'sku-" + number + "', 1)";
  }
  sql.push_back("INSERT INTO app.orders (id, origin, note, amount, created) VALUES " + orders);
  sql.push_back("INSERT INTO app.items (id, order_id, sku, quantity) VALUES " + items);
}

/// tidb-sql §9, "Manager (full feature set)", with CREATE USER for locking accounts.
std::vector<std::string> manager_grants() {
  return {
      "SUPER, PROCESS, CONFIG, REPLICATION CLIENT, SHOW DATABASES, RELOAD, CREATE USER ON *.*",
      "SYSTEM_VARIABLES_ADMIN, CONNECTION_ADMIN, BACKUP_ADMIN, RESTORE_ADMIN, "
      "RESTRICTED_REPLICA_WRITER_ADMIN ON *.*",
      "SELECT ON mysql.*",
      "SELECT, CREATE, ALTER, DROP, INDEX, INSERT, UPDATE, DELETE, REFERENCES, CREATE VIEW, SHOW "
      "VIEW ON app.*",
      "ALL ON bdrmesh.*",
      "ALL ON bdrmesh_local.*",
  };
}

/// ticdc-api §4.6, tidb-sql §9 "TiCDC sink user".
std::vector<std::string> sink_grants() {
  return {
      "SELECT, INDEX, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, CREATE VIEW ON *.*",
      "SYSTEM_VARIABLES_ADMIN, RESTRICTED_REPLICA_WRITER_ADMIN ON *.*",
      "SUPER ON *.*",
  };
}

}  // namespace

std::vector<std::string> provisioning(const ClusterView& cluster) {
  std::vector<std::string> sql;
  sql.push_back("SET GLOBAL tidb_source_id = " + std::to_string(cluster.source_id));
  add_tables(sql);
  add_user(sql, cluster.manager, manager_grants());
  add_user(sql, cluster.application, {"SELECT, INSERT, UPDATE, DELETE ON app.*"});
  add_user(sql, cluster.administrator, {"ALL PRIVILEGES ON *.*|WITH GRANT OPTION"});
  for (const auto& [from, account] : cluster.sinks) add_user(sql, account, sink_grants());
  return sql;
}

}  // namespace bdrmesh::lab::site
