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

#include "lab/backup/backup_run.h"
#include "lab/backup/backup_statement.h"
#include "lab/ddl/job_control.h"
#include "lab/history/history.h"
#include "lab/history/table_refs.h"
#include "lab/parse/ddl.h"
#include "lab/parse/statement.h"
#include "lab/schema/schema_views.h"
#include "lab/server/refused.h"
#include "lab/server/shared.h"
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
    bool optimistic = false;
    std::string conflict;             ///< table of a write conflict that COMMIT will find
    std::uint64_t reads_at = 0;       ///< of START TRANSACTION READ ONLY AS OF
    bool reads_committed = false;     ///< in the engine: for tables younger than its read view
    std::optional<std::string> role;  ///< written by ADMIN SET BDR ROLE, not yet committed
  };
  struct Prepared {
    std::string sql;
    bool local = false;  ///< the engine holds a stand-in; the lab executes the text
    std::optional<std::uint64_t> reads_at;
    std::vector<std::shared_ptr<const PastTable>> past;
  };

  // session.cc: connection, commands, dispatch
  bool log_in();
  void serve_command(const std::string& packet);
  void query(std::string_view sql);
  bool run_and_deliver(Statement& statement);
  Answer execute(Statement& statement);
  Answer dispatch(Statement& statement);
  void refuse_outside_catalogue(const Statement& statement) const;
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
  /// Whose login it was. @return false when the account is locked and the client has been told.
  bool accept_account();
  /// Grants that have reached this server since the last statement bind this session too.
  void renew_rights();
  /// The account and its active roles.
  std::vector<std::string> identities() const;
  bool has_static_privilege(const std::string& column);
  bool may(const std::string& static_column, const std::string& dynamic);
  void require_super();
  void warn(std::string level, int code, std::string message);
  ObjectName qualified(ObjectName name) const;
  OkReply engine_ok(const std::string& sql);
  std::uint64_t write_source() const;
  void on_kill(bool whole);
  /// @return false when an idle transaction has outlived its limit.
  bool wait_for_command();
  [[noreturn]] void translate(SqlFailure failure, const Statement* statement);

  // session_transaction.cc
  Answer run_select(Statement& statement);
  Answer run_write(Statement& statement, std::string_view payload);
  Answer begin(Statement& statement);
  Answer savepoint(Statement& statement);
  void use_snapshot_isolation(bool on);
  void start_engine_transaction(bool optimistic);
  bool wants_optimistic(const Statement& statement) const;
  void touch(const Statement& statement);
  void note_digest(const Statement& statement);
  void meet_tables(const std::vector<ObjectName>& tables);
  bool survives_conflict(const SqlFailure& failure, const Statement& statement);
  void open_implicitly();
  void rollback();
  void end_transaction();
  /// @param implicit  a refusal ends the transaction; an explicit COMMIT that is refused leaves the
  /// session in a new one.
  void commit(bool implicit);
  void commit_writes();
  void hold_commit(const Faults::CommitHold& hold);
  void fail_with_conflict();
  void refuse_commit(bool implicit, SqlFailure failure);
  void mark_commit(std::uint64_t commit_ts);
  void note_commit(std::uint64_t start_ts, std::uint64_t commit_ts, const std::string& error = "");
  void note_read(std::uint64_t start_ts);
  std::uint64_t execution_limit() const;
  [[noreturn]] void fail_read(const SqlFailure& failure, const Statement& statement);
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
  class InDdl;
  Answer ddl(Statement& statement);
  Answer run_job(const Statement& statement, const DdlStatement& ddl, DdlJob job);
  DdlJob new_job(const DdlStatement& ddl, const std::string& role) const;
  std::string lossy_column(const DdlStatement& ddl);
  void before_execution(const DdlStatement& ddl, std::int64_t id, Millis lock_wait);
  std::optional<SqlFailure> give_to_engine(const Statement& statement, const DdlStatement& ddl,
                                           std::int64_t id, Millis lock_wait);
  std::optional<SqlFailure> repeat_after_crash(const std::string& sql, std::int64_t id);
  std::uint64_t rows_counted(const std::string& count);
  static std::string announcement(const std::string& connection, std::int64_t job);
  void announce(std::int64_t job);
  void apply_to_ids(const DdlStatement& ddl);
  void note_ddl(const DdlJob& job);

  // session_admin.cc
  Answer admin(Statement& statement);
  Answer set_role(const std::string& role);
  void lock_role();
  Answer show_ddl();
  Answer show_ddl_jobs(const Statement& statement);
  Answer show_job_queries(const Statement& statement);
  Answer control_jobs(const Statement& statement, JobOrder order);
  Answer alter_jobs(const Statement& statement);
  Answer kill(Statement& statement);

  // session_table_locks.cc
  Answer lock_tables(Statement& statement);
  void refuse_locked(const ObjectName& table, bool writes) const;

  // session_ddl_tables.cc
  /// Whose jobs ddl_jobs shows; std::nullopt: everybody's.
  std::optional<std::set<std::string>> visible_schemas();
  std::optional<std::string> ddl_table(const std::string& schema, const std::string& table);
  void require_select_on(const std::string& mysql_table);

  // session_accounts.cc
  Answer grant_or_revoke(Statement& statement);
  Answer account(Statement& statement);
  Answer grant_roles(Statement& statement);
  Answer set_roles(Statement& statement);
  Answer show_grants(const Statement& statement);
  void require_known_account(const std::string& account, bool is_grant);
  void change_lock(const Statement& statement);
  std::string account_named(Cursor& cursor);

  // session_show.cc
  Answer show(Statement& statement);
  Answer show_variables(const Statement& statement);
  Answer show_warnings();
  Answer show_master_status();
  Answer show_processlist(bool full);
  Answer show_config(const Statement& statement);
  Answer show_regions(const Statement& statement);
  Answer split_table(const Statement& statement);
  Answer pass_through(const std::string& sql);

  // session_definitions.cc
  void note_definition(const Statement& statement, const DdlStatement& ddl);
  /// Ids for an INSERT into a table with AUTO_RANDOM. @throws Refused 8216
  void provide_auto_random(const Statement& statement);
  Answer show_create(const Statement& statement);
  Answer show_create_relation(const Statement& statement, const ObjectName& table);

  // session_history.cc
  std::optional<std::uint64_t> as_of(const Statement& statement);
  std::optional<std::uint64_t> reads_at(const Statement& statement);
  std::optional<std::uint64_t> external_ts() const;
  std::uint64_t snapshot_ts() const;
  void refuse_in_the_past(const Statement& statement);
  std::optional<Answer> begin_in_the_past(const Statement& statement);
  void open_for_the_past();
  void open_for_the_present();
  std::shared_ptr<const PastTable> past_table(const ObjectName& table, std::uint64_t ts);
  void require_readable(const ObjectName& table);
  std::string stand_in(const TableRef& ref, std::uint64_t ts);
  std::string in_the_past(const Statement& statement, std::uint64_t ts);
  /// What the engine gets for a query that reads at `ts`.
  std::string for_the_past(const Statement& statement, std::uint64_t ts);
  Answer select_in_the_past(Statement& statement, std::uint64_t ts);
  std::optional<Answer> show_create_in_the_past(const Statement& statement,
                                                const ObjectName& table);
  std::optional<ObjectName> table_for_the_past(const Statement& statement, const ObjectName& table);
  static std::string with_hidden_tables(std::string query);
  std::string columns_in_the_past(std::string present);

  void keep_past(const DdlStatement& ddl, std::int64_t job, Millis lock_wait);
  void settle_past();
  bool may_drop(const ObjectName& table);

  // session_backup.cc
  Answer backup(Statement& statement);
  void require_backup_right(bool restores);
  void require_tables(const BackupStatement& wanted);
  Answer run_backup(const BackupStatement& wanted, const std::string& directory);
  std::uint64_t backup_ts(const BackupStatement& wanted);
  std::vector<BackupRun::Source> backup_sources(const BackupStatement& wanted, std::uint64_t ts);
  std::string shown_definition(const ObjectName& table);
  Answer backup_to(const BackupStatement& wanted, const std::string& directory, std::uint64_t task,
                   BackupPace& pace);
  void refuse_for_feeds(std::uint64_t backup_ts);
  void refuse_for_tables(const std::vector<BackedUpTable>& tables);
  void make_restored(const BackupMeta& meta, const std::vector<BackedUpTable>& tables);
  Answer restore_from(const BackupStatement& wanted, const std::string& directory,
                      std::uint64_t task, BackupPace& pace);
  std::optional<Answer> show_backups(const Statement& statement);
  Answer show_backup_metadata(const Statement& statement);

  // session_times.cc
  static std::uint64_t physical_ts(std::int64_t unix_ms);
  static std::string go_time(std::uint64_t ts);
  std::uint64_t datetime_ts(const std::string& text);
  std::uint64_t time_of(const std::string& expression);
  void assign_snapshot(const std::string& value);
  bool set_next_time(const Statement& statement);

  // virtual_tables.cc
  std::optional<std::string> virtual_table(const std::string& schema, const std::string& table);
  std::string cluster_info_rows() const;
  std::string transaction_rows(bool whole_cluster);
  std::string process_rows(bool whole_cluster);
  std::string mysql_tidb_rows() const;
  std::string lock_wait_rows();
  std::string user_attribute_rows();
  std::string user_rows();
  void require_process();
  SchemaViews schema_views();
  /// DESC and SHOW COLUMNS; `from` is the index of the table's name.
  Answer describe(const Statement& statement, std::size_t from);
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
  std::set<std::string> active_roles_;
  std::uint64_t rights_seen_ = 0;
  std::string schema_;
  bool autocommit_ = true;
  bool foreign_comment_ = false;
  bool more_ = false;  ///< further statements of the same packet follow
  bool lose_answer_ = false;
  Transaction txn_;
  std::map<std::string, std::string> settings_;  ///< session values of TiDB's variables
  std::string last_txn_info_;
  std::string last_ddl_info_;
  std::string query_text_;           ///< of the running statement, as typed, with its semicolon
  bool snapshot_isolation_ = false;  ///< as the engine's session has it
  std::optional<std::vector<SqlWarning>>
      warnings_;                               ///< of the last statement, when the lab made them
  std::uint64_t snapshot_ts_ = 0;              ///< of tidb_snapshot, when that is set
  std::uint64_t reading_at_ = 0;               ///< of the query being rewritten; 0: the present
  std::uint64_t next_reads_at_ = 0;            ///< of SET TRANSACTION READ ONLY AS OF
  std::unique_ptr<History::Keeping> keeping_;  ///< around the DDL that runs
  std::vector<std::shared_ptr<const PastTable>> past_;  ///< what the running statement reads
  std::map<std::uint32_t, Prepared> prepared_;
  std::map<std::string, std::string> prepared_texts_;  ///< PREPARE name FROM
  std::uint64_t statement_ts_ = 0;                     ///< of an autocommit statement that runs
  std::atomic<bool> busy_{false};
  std::atomic<bool> in_job_{false};
  std::atomic<bool> in_commit_{false};
  std::atomic<bool> interrupted_{false};  ///< KILL QUERY came while a statement ran
  std::atomic<bool> killed_{false};
};

}  // namespace bdrmesh::lab
