// TidbCluster over MySQL Connector/C++: one or a few statements per method on a connection of its
// own, no retry, no policy. Thread-safe: methods share nothing but the connector's memory of
// servers.
#pragma once

#include "clients/sql/sql_connector.h"
#include "clients/tidb_cluster.h"

namespace bdrmesh {

class SqlTidbCluster final : public TidbCluster {
 public:
  SqlTidbCluster(SqlAccess access, const Clock& clock) : connector_(std::move(access), clock) {}

  /// A configured address is matched to its row by INSTANCE, else (behind NAT) by asking that
  /// server where our own session lives. Unmatched ones have an empty status_address; servers that
  /// are not configured carry their INSTANCE address.
  std::vector<TidbServerInfo> servers(const Call& call) override;
  std::string release_version(const ServerAddress& server, const Call& call) override;
  std::vector<std::string> own_grants(const Call& call) override;
  std::optional<std::vector<std::string>> grants_of(const std::string& user,
                                                    const Call& call) override;
  /// Roles that hold it are listed by their own names.
  std::vector<std::string> read_only_exempt_users(const Call& call) override;
  std::optional<std::uint64_t> cluster_id(const Call& call) override;
  int source_id(const Call& call) override;
  void set_source_id(int id, const Call& call) override;
  std::string global_variable(const std::string& name, const Call& call) override;
  void set_gc_life_time(const std::string& duration, const Call& call) override;

  /// Versions before 7.6 know no roles and replicate no DDL in bdr mode: `none`.
  std::optional<BdrRole> bdr_role(const Call& call) override;
  /// @throws also Error precondition `TIDB_NO_BDR_ROLES` from these, for any role but `none`.
  void set_bdr_role(BdrRole role, const Call& call) override;

  bool super_read_only(const ServerAddress& server, const Call& call) override;
  void set_super_read_only(bool on, const Call& call) override;
  /// A canary that could not be opened is told as a warning, so that the look counts as incomplete.
  TransactionLook look_at_transactions(const std::vector<TidbServerInfo>& servers,
                                       const Call& call) override;
  void kill_session(const ServerAddress& server, std::uint64_t session_id,
                    const Call& call) override;
  Tso current_tso(const Call& call) override;

  std::vector<DdlJob> ddl_jobs(const Call& call) override;
  std::optional<DdlJob> find_ddl_job(const std::string& tag, const Call& call) override;
  /// A stop abandons the answer (ambiguous `DDL_ANSWER_LOST`), never the job: KILL does not stop
  /// one (measured §1 A1).
  void run_ddl(const std::string& sql, const DdlSession& session,
               const std::function<void(const SentDdl&)>& sent, const Call& call) override;
  /// @throws Error transient `TIDB_LOOK_INCOMPLETE` when not every server answered.
  bool session_exists(const ServerAddress& server, std::uint64_t connection_id,
                      const Call& call) override;
  /// @throws also Error conflict `DDL_CANCEL_REFUSED` with the server's words.
  void cancel_ddl_job(std::int64_t id, const Call& call) override;

  std::vector<TableName> tables(const Call& call) override;
  std::vector<TableName> views_and_sequences(const Call& call) override;
  std::optional<std::int64_t> table_id(const TableName& table, const Call& call) override;
  std::optional<std::string> create_statement(const TableName& table, const Call& call) override;

  std::vector<PatchOutcome> repair_rows(const TableRead& read, const std::vector<RowPatch>& rows,
                                        int write_source, const Call& call) override;
  void make_token_schema(const Call& call) override;
  std::optional<TokenRow> token(const Call& call) override;
  bool replace_token(const std::optional<TokenRow>& expected, const TokenRow& row,
                     const Call& call) override;
  void make_marker_schema(const Call& call) override;
  /// @throws also Error transient `MARKER_UNPROVEN` when the commit-ts is not that of our
  /// transaction.
  WrittenMarker write_marker(const std::string& run, const ClusterName& origin,
                             const std::string& nonce, const Call& call) override;
  std::optional<std::string> marker_nonce(const std::string& run, const ClusterName& origin,
                                          const Call& call) override;
  void copy_empty_table(const TableName& table, const TableName& copy, const Call& call) override;
  /// @throws Error bug `NOT_OURS` for a schema whose name does not begin with `bdrmesh`.
  void drop_schema(const std::string& schema, const Call& call) override;

 private:
  SqlRows ask(std::string_view sql, std::string_view doing, const Call& call) const;
  void make_table(const TableName& table, std::string_view create, const Call& call) const;

  SqlConnector connector_;
};

}  // namespace bdrmesh
