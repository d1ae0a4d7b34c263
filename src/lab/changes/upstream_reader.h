// One feed's view of its upstream's binlog: transactions in commit order with TiDB's facts about
// them, and DDL. Knows the convention of lab/core/binlog_convention.h. One thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lab/binlog/rows.h"
#include "lab/binlog/sql_session.h"

namespace bdrmesh::lab {

struct RowChange {
  std::shared_ptr<const TableMap> table;
  RowKind kind{};
  RowImage image;
  std::uint64_t start_ts = 0;
  std::uint64_t commit_ts = 0;
};

struct UpstreamTransaction {
  std::uint64_t start_ts = 0;
  std::uint64_t commit_ts = 0;  ///< 0 when it is none of TiDB's
  std::uint64_t write_source = 0;
  std::vector<RowChange> rows;  ///< of wanted tables only
};

/// What comes next: a transaction, a DDL, or only a later position.
struct UpstreamItem {
  std::optional<UpstreamTransaction> transaction;
  std::optional<std::int64_t> ddl_job;
  BinlogPosition end;     ///< behind it
  std::string statement;  ///< of a statement that stands in the binlog as text
};

class UpstreamReader {
 public:
  using Wanted = std::function<bool(const std::string& schema, const std::string& table)>;
  /// Whether the rows of a transaction are of interest, judged by its facts alone.
  using Passes = std::function<bool(const UpstreamTransaction& facts)>;

  /// Connects and begins at `from`, or with the oldest binlog file when it is not set.
  /// @param passes  a transaction that does not pass comes without rows: they are not even parsed.
  /// @throws Error transient, SqlError.
  UpstreamReader(const SqlLogin& login, BinlogPosition from, Wanted wanted, Passes passes = {});

  /// @return std::nullopt when nothing came within `wait`.
  /// @throws Error transient when the connection is lost; BadBinlog.
  std::optional<UpstreamItem> next(Millis wait);

 private:
  struct OpenTable {
    std::string body;
    std::string schema;
    std::string name;
    bool is_wanted = false;
    std::shared_ptr<const TableMap> map;  ///< parsed when the first row needs it
  };

  /// Rows as they came: what a transaction is, its last event tells.
  struct UnreadRows {
    std::shared_ptr<OpenTable> table;
    EventType type{};
    std::string body;
  };

  std::optional<UpstreamItem> take(RawEvent event);
  void take_table_map(const std::string& body);
  void take_rows(RawEvent event);
  void read_rows(const UnreadRows& unread);
  void forget_open();
  static const std::shared_ptr<const TableMap>& map_of(OpenTable& table);
  void take_meta_row(OpenTable& table, const RawEvent& event);
  std::optional<UpstreamItem> take_query(const QueryEvent& query);
  UpstreamItem finish_transaction();

  SqlSession session_;
  Wanted wanted_;
  Passes passes_;
  BinlogPosition at_;
  bool in_group_ = false;
  bool standalone_ = false;
  std::map<std::uint64_t, std::shared_ptr<OpenTable>> tables_;
  std::map<std::uint32_t, std::int64_t> announced_;  ///< DDL jobs by connection
  UpstreamTransaction open_;
  std::vector<UnreadRows> unread_;
};

}  // namespace bdrmesh::lab
