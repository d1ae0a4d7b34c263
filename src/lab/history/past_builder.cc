#include "lab/history/past_builder.h"

#include <algorithm>

#include "lab/changes/upstream_reader.h"
#include "lab/history/past_table.h"
#include "lab/history/row_undo.h"
#include "lab/parse/tokens.h"

namespace bdrmesh::lab {

namespace {

constexpr Millis kPatience{30'000};
constexpr Millis kCopyPatience{600'000};
constexpr std::size_t kBytesPerStatement = 1U << 20U;

std::string full_name(const ObjectName& table) {
  return quote_name(table.schema) + "." + quote_name(table.name);
}
std::string hidden_name(const std::string& table) { return full_name({kPastSchema, table}); }

BinlogPosition earlier(const BinlogPosition& a, const BinlogPosition& b) {
  if (!a.is_set() || !b.is_set()) return {};
  return reached(a, b) ? b : a;
}

std::string insert_head(const std::string& to, const PastLayout& layout) {
  return "INSERT IGNORE INTO " + to + " (" + layout.column_list() + ") VALUES ";
}

BinlogPosition snapshot_position(SqlSession& session) {
  BinlogPosition position;
  for (const auto& row : session.query("SHOW STATUS LIKE 'binlog_snapshot_%'", kPatience)) {
    const std::string name = to_lower(row[0].value_or(""));
    if (name == "binlog_snapshot_file") position.file = row[1].value_or("");
    if (name == "binlog_snapshot_position") position.offset = std::stoull(row[1].value_or("0"));
  }
  return position;
}

/// Follows one table through its names, up to where its copy ends.
class TableFollower {
 public:
  TableFollower(const PastOrigin& origin, const BinlogPosition& end) : origin_(origin), end_(end) {
    if (origin.kept && origin.kept->is_original)
      marker_ = quote_name(kPastSchema) + "." + quote_name(origin.kept->table);
  }

  bool wants(const std::string& schema, const std::string& table) const {
    return std::any_of(origin_.legs.begin(), origin_.legs.end(), [&](const PastOrigin::Leg& leg) {
      return same_table(leg.name, {schema, table});
    });
  }
  bool is_ours(const TableMap& table) const {
    return same_table(origin_.legs[leg_].name, {table.schema, table.name});
  }
  /// @return false when nothing of the table comes behind this item.
  bool pass(const UpstreamItem& item) {
    if (!marker_.empty() && item.statement.find(marker_) != std::string::npos) return false;
    if (item.ddl_job) {
      if (origin_.kept && *item.ddl_job == origin_.end_job) return false;
      if (*item.ddl_job == origin_.legs[leg_].until_job && leg_ + 1 < origin_.legs.size()) ++leg_;
    }
    return !reached(item.end, end_);
  }

 private:
  const PastOrigin& origin_;
  const BinlogPosition& end_;
  std::string marker_;  ///< how the RENAME that put the table aside names it
  std::size_t leg_ = 0;
};

}  // namespace

SqlSession open_past_session(const ClusterState& cluster) {
  SqlSession session(engine_login(cluster), kPatience);
  session.query(
      "SET sql_log_bin=0, foreign_key_checks=0, unique_checks=0, check_constraint_checks=0, "
      "sql_mode='NO_AUTO_VALUE_ON_ZERO', time_zone='+00:00', tx_isolation='READ-COMMITTED'",
      kPatience);
  return session;
}

void copy_rows(SqlSession& session, const std::string& from, const std::string& to,
               const PastLayout& layout) {
  // IGNORE: rows of partitions that were added later have no place in the older table.
  session.query("INSERT IGNORE INTO " + to + " (" + layout.column_list() + ") SELECT " +
                    layout.column_list() + " FROM " + from,
                kCopyPatience);
}

BinlogPosition copy_rows_exactly(const ClusterState& cluster, SqlSession& session,
                                 const std::string& from, const std::string& to,
                                 const PastLayout& layout) {
  SqlSession reader(engine_login(cluster), kPatience);
  reader.query("SET time_zone='+00:00', tx_isolation='REPEATABLE-READ'", kPatience);
  reader.query("START TRANSACTION WITH CONSISTENT SNAPSHOT", kPatience);
  BinlogPosition position = snapshot_position(reader);
  const auto rows =
      reader.query("SELECT " + layout.tuple_expression() + " FROM " + from, kCopyPatience);
  reader.query("COMMIT", kPatience);
  session.query("BEGIN", kPatience);
  std::string sql;
  for (const auto& row : rows) {
    sql += (sql.empty() ? insert_head(to, layout) : ",") + row[0].value_or("");
    if (sql.size() < kBytesPerStatement) continue;
    session.query(sql, kCopyPatience);
    sql.clear();
  }
  if (!sql.empty()) session.query(sql, kCopyPatience);
  session.query("COMMIT", kPatience);
  return position;
}

void PastBuilder::build(const PastOrigin& origin, const std::string& definition, std::uint64_t ts,
                        const std::string& hidden) const {
  SqlSession session = open_past_session(cluster_);
  const std::string target = hidden_name(hidden);
  session.query(hidden_definition(definition, hidden), kPatience);
  try {
    const PastLayout layout = describe_table(session, kPastSchema, hidden);
    const Copy copy = fill(session, origin, target, layout);
    take_back(session, origin, ts, target, layout, copy);
  } catch (const SqlError&) {
    session.query("DROP TABLE IF EXISTS " + target, kPatience);
    throw;
  }
}

PastBuilder::Copy PastBuilder::fill(SqlSession& session, const PastOrigin& origin,
                                    const std::string& target, const PastLayout& layout) const {
  Copy copy;
  if (origin.kept) {
    if (!origin.kept->table.empty())
      copy_rows(session, hidden_name(origin.kept->table), target, layout);
    // A table put aside holds everything up to its RENAME, where reading ends anyhow.
    copy.end = origin.kept->end.is_set() ? origin.kept->end : binlog_end(session, kPatience);
    copy.stands_for = origin.kept->is_original ? copy.end : origin.kept->copied_at;
    return copy;
  }
  const std::string source = full_name(origin.present());
  if (layout.key.empty()) {
    copy.stands_for = copy_rows_exactly(cluster_, session, source, target, layout);
    copy.end = copy.stands_for;
  } else {
    copy_rows(session, source, target, layout);
    copy.end = binlog_end(session, kPatience);
    copy.stands_for = copy.end;
  }
  return copy;
}

void PastBuilder::take_back(SqlSession& session, const PastOrigin& origin, std::uint64_t ts,
                            const std::string& target, const PastLayout& layout,
                            const Copy& copy) const {
  BinlogPosition start = sampler_.start_for(ts);
  if (origin.kept && !origin.kept->is_original) start = earlier(start, origin.kept->copied_at);
  if (start.is_set() && reached(start, copy.end)) return;
  TableFollower follower(origin, copy.end);
  UpstreamReader reader(engine_login(cluster_), start,
                        [&](const std::string& schema, const std::string& table) {
                          return follower.wants(schema, table);
                        });
  RowUndo undo(layout, ts);
  for (;;) {
    const auto item = reader.next(kPatience);
    if (!item) throw Error(ErrorKind::transient, "LAB_NO_BINLOG", "the binlog ends too early");
    if (item->transaction) {
      const bool in_copy = reached(copy.stands_for, item->end);
      for (const RowChange& row : item->transaction->rows) {
        if (!follower.is_ours(*row.table)) continue;
        undo.take(*row.table, row.kind, row.image, row.commit_ts, in_copy);
      }
    }
    if (!follower.pass(*item)) break;
  }
  session.query("BEGIN", kPatience);
  for (const std::string& sql : undo.statements(target)) session.query(sql, kCopyPatience);
  session.query("COMMIT", kPatience);
}

}  // namespace bdrmesh::lab
