// The ports of a FaultyWorld: each method is one call of `FaultyWorld::pass`. Thread-safe as what
// they wrap.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "clients/world.h"

namespace bdrmesh::fakes {

class FaultyWorld;

class FaultyTidb final : public TidbCluster {
 public:
  FaultyTidb(FaultyWorld& world, std::string name, TidbCluster& inner)
      : world_(world), name_(std::move(name)), inner_(inner) {}

  std::vector<TidbServerInfo> servers(const Call& call) override;
  std::string release_version(const ServerAddress& server, const Call& call) override;
  std::vector<std::string> own_grants(const Call& call) override;
  std::optional<std::vector<std::string>> grants_of(const std::string& user,
                                                    const Call& call) override;
  std::vector<std::string> read_only_exempt_users(const Call& call) override;
  std::optional<std::uint64_t> cluster_id(const Call& call) override;
  int source_id(const Call& call) override;
  void set_source_id(int id, const Call& call) override;
  std::string global_variable(const std::string& name, const Call& call) override;
  void set_gc_life_time(const std::string& duration, const Call& call) override;
  std::optional<BdrRole> bdr_role(const Call& call) override;
  void set_bdr_role(BdrRole role, const Call& call) override;
  bool super_read_only(const ServerAddress& server, const Call& call) override;
  void set_super_read_only(bool on, const Call& call) override;
  TransactionLook look_at_transactions(const std::vector<TidbServerInfo>& servers,
                                       const Call& call) override;
  void kill_session(const ServerAddress& server, std::uint64_t session_id,
                    const Call& call) override;
  Tso current_tso(const Call& call) override;
  std::vector<DdlJob> ddl_jobs(const Call& call) override;
  std::optional<DdlJob> find_ddl_job(const std::string& tag, const Call& call) override;
  void run_ddl(const std::string& sql, const DdlSession& session,
               const std::function<void(const SentDdl&)>& sent, const Call& call) override;
  bool session_exists(const ServerAddress& server, std::uint64_t connection_id,
                      const Call& call) override;
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
  WrittenMarker write_marker(const std::string& run, const ClusterName& origin,
                             const std::string& nonce, const Call& call) override;
  std::optional<std::string> marker_nonce(const std::string& run, const ClusterName& origin,
                                          const Call& call) override;
  void copy_empty_table(const TableName& table, const TableName& copy, const Call& call) override;
  void drop_schema(const std::string& schema, const Call& call) override;

 private:
  FaultyWorld& world_;
  std::string name_;
  TidbCluster& inner_;
};

class FaultyTicdc final : public TicdcClient {
 public:
  FaultyTicdc(FaultyWorld& world, std::string name, TicdcClient& inner)
      : world_(world), name_(std::move(name)), inner_(inner) {}

  TicdcServer server(const Call& call) override;
  bool healthy(const Call& call) override;
  std::vector<FeedSummary> list(const Call& call) override;
  std::optional<FeedDetail> find(const ChangefeedId& id, const Call& call) override;
  std::optional<FeedStatus> status(const ChangefeedId& id, const Call& call) override;
  void create(const CreateFeed& feed, const Call& call) override;
  void update(const ChangefeedId& id, const std::optional<Secret>& sink_uri,
              const Json& replica_config, const Call& call) override;
  void pause(const ChangefeedId& id, const Call& call) override;
  void resume(const ChangefeedId& id, const Call& call) override;
  void remove(const ChangefeedId& id, const Call& call) override;
  EligibleTables verify_table(Tso start_ts, const Secret& sink_uri, const Json& replica_config,
                              const Call& call) override;
  Tso tso(const Call& call) override;
  TicdcTraits traits(const Call& call) override;

 private:
  FaultyWorld& world_;
  std::string name_;
  TicdcClient& inner_;
};

class FaultyPd final : public PdClient {
 public:
  FaultyPd(FaultyWorld& world, std::string name, PdClient& inner)
      : world_(world), name_(std::move(name)), inner_(inner) {}

  std::uint64_t cluster_id(const Call& call) override;

 private:
  FaultyWorld& world_;
  std::string name_;
  PdClient& inner_;
};

}  // namespace bdrmesh::fakes
