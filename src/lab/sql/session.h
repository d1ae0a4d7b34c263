// One client of a tidb-server: reads its commands, decides as TiDB would, lets the engine do what
// engines do. Lives on the thread of its connection; killing comes from others.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "lab/parse/ddl.h"
#include "lab/parse/statement.h"
#include "lab/sql/refused.h"
#include "lab/sql/shared.h"
#include "lab/wire/backend.h"
#include "lab/wire/handshake.h"
#include "lab/wire/packet_stream.h"

namespace bdrmesh::lab {

/// The answer has gone out already, packet by packet.
struct Streamed {};
using Answer = std::variant<OkReply, TextResult, RowsReply, Streamed>;

struct SqlWarning {
  std::string level;
  int code = 0;
  std::string message;
};

class Session {
 public:
  Session(SqlShared& shared, std::size_t server, Socket& client);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Serves the client until it leaves. @throws SocketClosed
  void run();

 private:
  struct Transaction {
    bool active = false;
    bool is_explicit = false;
    bool wrote = false;   ///< rows are in the engine's transaction
    bool locked = false;  ///< locks alone make a commit that the gate refuses
    std::uint64_t start_ts = 0;
    std::uint64_t keys = 0;
    int statements = 0;
    std::set<std::int64_t> tables;
    std::optional<std::string> role;  ///< written by ADMIN SET BDR ROLE, not yet committed
  };
  struct Prepared {
    std::string sql;
    bool local = false;  ///< the engine holds a stand-in; the lab executes the text
  };

  // session.cc: connection, commands, dispatch
  bool log_in();
  void serve_command(const std::string& packet);
  void query(std::string_view sql);
  bool run_and_deliver(Statement& statement);
  Answer execute(Statement& statement);
  Answer dispatch(Statement& statement);
  void check_gate(const Statement& statement);
  void deliver(const Answer& answer);
  void deliver_failure(const SqlFailure& failure);
  void use_schema(const std::string& name);
  std::uint16_t status() const;
  Backend::RowSink to_client();
  void begin_statement(std::string_view text);
  void end_statement();
  void publish();
  std::string setting(const std::string& name) const;
  std::string global(const std::string& name) const;
  bool global_on(const std::string& name) const { return global(name) == "ON"; }
  bool is_exempt() const;
  bool has_static_privilege(const std::string& column);
  bool may(const std::string& static_column, const std::string& dynamic);
  void require_super();
  void warn(std::string level, int code, std::string message);
  ObjectName qualified(ObjectName name) const;
  OkReply engine_ok(const std::string& sql);
  std::uint64_t write_source() const;
  void on_kill(bool whole);
  [[noreturn]] void translate(SqlFailure failure, const Statement* statement);

  // session_transaction.cc
  Answer run_select(Statement& statement);
  Answer run_write(Statement& statement, std::string_view payload);
  Answer begin(Statement& statement);
  Answer savepoint(Statement& statement);
  void touch(const Statement& statement);
  void open_implicitly();
  void rollback();
  void end_transaction();
  /// @param implicit  a refusal ends the transaction; an explicit COMMIT that is refused leaves the
  /// session in a new one.
  void commit(bool implicit);
  void commit_writes(bool implicit);
  void refuse_commit(bool implicit, SqlFailure failure);
  void mark_commit(std::uint64_t commit_ts);
  void note_commit(std::uint64_t start_ts, std::uint64_t commit_ts);
  std::uint64_t updates_so_far();

  // session_set.cc
  Answer set(Statement& statement);
  std::optional<std::string> assign(const std::vector<Token>& part, std::string_view text);
  void assign_tidb(const std::string& name, bool is_global, const std::string& value, bool is_text,
                   bool is_default);
  void assign_autocommit(bool on);
  void set_global(const std::string& name, const std::string& value);
  std::string evaluate(const std::string& expression, bool& is_text);

  // session_ddl.cc
  Answer ddl(Statement& statement);
  Answer run_job(const Statement& statement, const DdlStatement& ddl);
  DdlJob new_job(const Statement& statement, const DdlStatement& ddl) const;
  void refuse_impossible(const DdlStatement& ddl);
  void refuse_unsupported(const DdlStatement& ddl) const;
  void announce(std::int64_t job);
  void apply_to_ids(const DdlStatement& ddl);
  void finish_job(std::int64_t id, const DdlStatement& ddl);
  [[noreturn]] void fail_job(std::int64_t id, SqlFailure failure);

  // session_admin.cc
  Answer admin(Statement& statement);
  Answer set_role(const std::string& role);
  Answer show_ddl();
  Answer show_ddl_jobs(const Statement& statement);
  Answer show_job_queries(const Statement& statement);
  Answer control_jobs(const Statement& statement, const std::string& verb);
  Answer kill(Statement& statement);

  // session_accounts.cc
  Answer grant_or_revoke(Statement& statement);
  Answer account(Statement& statement);
  Answer show_grants(const Statement& statement);
  std::string account_named(Cursor& cursor);

  // session_show.cc
  Answer show(Statement& statement);
  Answer show_variables(const Statement& statement);
  Answer show_warnings();
  Answer show_master_status();
  Answer show_create_table(const Statement& statement);
  Answer show_processlist(bool full);
  Answer pass_through(const std::string& sql);

  // virtual_tables.cc
  std::optional<std::string> virtual_table(const std::string& schema, const std::string& table);
  std::string cluster_info_rows() const;
  std::string transaction_rows(bool whole_cluster);
  std::string process_rows(bool whole_cluster);
  std::string ddl_job_rows();
  std::string mysql_tidb_rows() const;
  std::string table_rows();
  std::string global_grant_rows();
  std::vector<std::size_t> answering_servers(bool whole_cluster);
  std::vector<SessionInfo> visible_sessions(bool whole_cluster);

  // expressions.cc
  class Rewriter;
  std::string rewrite(const Statement& statement);
  std::optional<std::string> variable_text(const std::string& variable);
  std::optional<std::string> function_text(const Cursor& cursor, std::size_t& length);

  // session_prepared.cc
  void prepare_statement(const std::string& packet);
  void execute_statement(const std::string& packet);
  Answer prepare_text(Statement& statement);
  Answer execute_text(Statement& statement);

  SqlShared& shared_;
  ClusterState& cluster_;
  const std::size_t server_;
  FreezeGate& freeze_;
  const std::uint64_t id_;
  PacketStream client_;
  Backend backend_;
  Login login_;
  std::string account_;  ///< user@host of the grant that applies
  std::string schema_;
  bool autocommit_ = true;
  bool foreign_comment_ = false;
  bool more_ = false;  ///< further statements of the same packet follow
  bool lose_answer_ = false;
  Transaction txn_;
  std::map<std::string, std::string> settings_;  ///< session values of TiDB's variables
  std::string last_txn_info_;
  std::optional<std::vector<SqlWarning>>
      warnings_;  ///< of the last statement, when the lab made them
  std::map<std::uint32_t, Prepared> prepared_;
  std::map<std::string, std::string> prepared_texts_;  ///< PREPARE name FROM
  std::uint64_t statement_ts_ = 0;                     ///< of an autocommit statement that runs
  std::atomic<bool> busy_{false};
  std::atomic<bool> in_job_{false};
  std::atomic<bool> killed_{false};
};

}  // namespace bdrmesh::lab
