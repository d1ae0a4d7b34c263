// One cluster's SQL behind a ChangePermit. Thread-safe as what it wraps.
#pragma once

#include "gate/guard/change_permit.h"

namespace bdrmesh {

class GuardedTidb final : public TidbCluster {
 public:
  GuardedTidb(TidbCluster& inner, ChangePermit permit)
      : inner_(inner), permit_(std::move(permit)) {}

  std::vector<TidbServerInfo> servers(const Call& call) override { return inner_.servers(call); }
  std::string release_version(const ServerAddress& server, const Call& call) override {
    return inner_.release_version(server, call);
  }
  std::vector<std::string> own_grants(const Call& call) override { return inner_.own_grants(call); }
  std::optional<std::vector<std::string>> grants_of(const std::string& user,
                                                    const Call& call) override {
    return inner_.grants_of(user, call);
  }
  std::vector<std::string> read_only_exempt_users(const Call& call) override {
    return inner_.read_only_exempt_users(call);
  }
  std::optional<std::uint64_t> cluster_id(const Call& call) override {
    return inner_.cluster_id(call);
  }
  int source_id(const Call& call) override { return inner_.source_id(call); }
  void set_source_id(int id, const Call& call) override {
    inner_.set_source_id(id, permit_.ask(call));
  }
  void set_gc_life_time(const std::string& duration, const Call& call) override {
    inner_.set_gc_life_time(duration, permit_.ask(call));
  }
  std::string global_variable(const std::string& name, const Call& call) override {
    return inner_.global_variable(name, call);
  }
  std::optional<BdrRole> bdr_role(const Call& call) override { return inner_.bdr_role(call); }
  void set_bdr_role(BdrRole role, const Call& call) override {
    inner_.set_bdr_role(role, permit_.ask(call));
  }
  bool super_read_only(const ServerAddress& server, const Call& call) override {
    return inner_.super_read_only(server, call);
  }
  void set_super_read_only(bool on, const Call& call) override {
    inner_.set_super_read_only(on, permit_.ask(call));
  }
  TransactionLook look_at_transactions(const std::vector<TidbServerInfo>& servers,
                                       const Call& call) override {
    return inner_.look_at_transactions(servers, call);
  }
  void kill_session(const ServerAddress& server, std::uint64_t session_id,
                    const Call& call) override {
    inner_.kill_session(server, session_id, permit_.ask(call));
  }
  Tso current_tso(const Call& call) override { return inner_.current_tso(call); }
  std::vector<DdlJob> ddl_jobs(const Call& call) override { return inner_.ddl_jobs(call); }
  std::optional<DdlJob> find_ddl_job(const std::string& tag, const Call& call) override {
    return inner_.find_ddl_job(tag, call);
  }
  /// Asked once more when server and connection are known, just before the statement leaves.
  void run_ddl(const std::string& sql, const DdlSession& session,
               const std::function<void(const SentDdl&)>& sent, const Call& call) override {
    permit_.ask_for_long(call);
    inner_.run_ddl(
        sql, session,
        [&](const SentDdl& where) {
          sent(where);
          permit_.ask_for_long(call);
        },
        call);
  }
  bool session_exists(const ServerAddress& server, std::uint64_t connection_id,
                      const Call& call) override {
    return inner_.session_exists(server, connection_id, call);
  }
  void cancel_ddl_job(std::int64_t id, const Call& call) override {
    inner_.cancel_ddl_job(id, permit_.ask(call));
  }
  std::vector<TableName> tables(const Call& call) override { return inner_.tables(call); }
  std::vector<TableName> views_and_sequences(const Call& call) override {
    return inner_.views_and_sequences(call);
  }
  std::optional<std::int64_t> table_id(const TableName& table, const Call& call) override {
    return inner_.table_id(table, call);
  }
  std::optional<std::string> create_statement(const TableName& table, const Call& call) override {
    return inner_.create_statement(table, call);
  }
  void make_token_schema(const Call& call) override {
    permit_.ask_for_long(call);
    inner_.make_token_schema(call);
  }
  std::optional<TokenRow> token(const Call& call) override {
    std::optional<TokenRow> row = inner_.token(call);
    permit_.notice(row);
    return row;
  }
  bool replace_token(const std::optional<TokenRow>& expected, const TokenRow& row,
                     const Call& call) override {
    return inner_.replace_token(expected, row, permit_.ask(call));
  }
  void make_marker_schema(const Call& call) override {
    permit_.ask_for_long(call);
    inner_.make_marker_schema(call);
  }
  WrittenMarker write_marker(const std::string& run, const ClusterName& origin,
                             const std::string& nonce, const Call& call) override {
    return inner_.write_marker(run, origin, nonce, permit_.ask(call));
  }
  std::optional<std::string> marker_nonce(const std::string& run, const ClusterName& origin,
                                          const Call& call) override {
    return inner_.marker_nonce(run, origin, call);
  }
  std::vector<PatchOutcome> repair_rows(const TableRead& read, const std::vector<RowPatch>& rows,
                                        int write_source, const Call& call) override {
    permit_.ask_for_long(call);
    return inner_.repair_rows(read, rows, write_source, call);
  }
  void copy_empty_table(const TableName& table, const TableName& copy, const Call& call) override {
    permit_.ask_for_long(call);
    inner_.copy_empty_table(table, copy, call);
  }
  void drop_schema(const std::string& schema, const Call& call) override {
    permit_.ask_for_long(call);
    inner_.drop_schema(schema, call);
  }

 private:
  TidbCluster& inner_;
  ChangePermit permit_;
};

}  // namespace bdrmesh
