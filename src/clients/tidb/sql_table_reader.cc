#include "clients/tidb/sql_table_reader.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "clients/catalogue/sql_catalogue.h"
#include "clients/catalogue/sql_catalogue_rows.h"
#include "clients/sql/sql_errors.h"

namespace bdrmesh {
namespace {

// The connector's timeouts are fixed at login: a session serves as long as its longest question
// may take, and some more.
constexpr Millis kSessionLives{2 * 3600 * 1000};
constexpr Millis kLongestQuestion{3600 * 1000};

bool is_any(int number, const std::array<int, 3>& numbers) {
  return std::ranges::find(numbers, number) != numbers.end();
}

bool no_such_table(int number) { return is_any(number, {1146, 1049, 1109}); }
bool history_gone(const SqlError& e) {
  return e.number() == 8055 || e.number() == 9006 ||
         e.message().find("GC safe point") != std::string::npos ||
         e.message().find("GC life time is shorter") != std::string::npos;
}

RangeDigest read_digest(const SqlRows& rows, std::size_t row) {
  RangeDigest digest;
  digest.rows = rows.number(row, "cnt");
  digest.sum = rows.text(row, "digest");
  if (digest.sum.empty()) digest.sum = "0";  // SUM over no rows is NULL
  if (rows.has_column("whole")) digest.opaque = digest.rows - rows.number(row, "whole");
  return digest;
}

std::vector<RowHash> read_hashes(const SqlRows& rows, std::size_t key_columns) {
  std::vector<RowHash> out;
  out.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    RowHash one;
    for (std::size_t k = 0; k < key_columns; ++k) one.key.push_back(rows.text(i, k));
    one.hash = rows.text(i, key_columns);
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace

bool cut_off_by_limit(int number, std::string_view text) {
  static constexpr int kInterrupted = 1317;
  static constexpr int kOther = 1105;
  if (is_any(number, {3024, 1969, 1028}) || number == kInterrupted) return true;
  return number == kOther && (text.find("context canceled") != std::string_view::npos ||
                              text.find("interrupted") != std::string_view::npos);
}

SqlSession SqlTableReader::open(const Call& call) const {
  // Thousands of questions: nobody is told of each one.
  const Call whole{connector_.clock().mono() + kSessionLives, call.stop, nullptr};
  const auto& servers = connector_.servers();
  if (servers.size() > 1) {
    try {
      return connector_.open(servers[nth_ % servers.size()], whole);
    } catch (const Error& e) {
      if (e.kind() != ErrorKind::transient) throw;
    }
  }
  return connector_.open_any(whole);
}

SqlSession& SqlTableReader::session(const Call& call) {
  if (session_ && connector_.clock().mono() < until_) return *session_;
  session_.reset();
  SqlSession fresh = open(call);
  try {
    fresh.query(std::string(sql_text::kReadTikv), "read from TiKV");
  } catch (const SqlError& e) {
    if (e.kind() != ErrorKind::invalid) throw;  // no TiDB has no such setting
  }
  if (at_) {
    fresh.query(sql_text::set_snapshot(*at_), "read as of " + to_string(*at_));
    // "0" and other texts are taken without a word and mean the present (measured §1 B, §6).
    const SqlRows back = fresh.query(std::string(sql_text::kReadSnapshot), "read tidb_snapshot");
    if (back.text(0, std::size_t{0}) != to_string(*at_)) {
      throw Error(ErrorKind::precondition, "SNAPSHOT_NOT_SET",
                  "tidb-server " + fresh.server().value() + " reads as of '" +
                      back.text(0, std::size_t{0}) + "' instead of " + to_string(*at_));
    }
  }
  session_.emplace(std::move(fresh));
  until_ = connector_.clock().mono() + kSessionLives - kLongestQuestion;
  return *session_;
}

SqlRows SqlTableReader::ask(const std::string& sql, std::string_view doing, const TableName& table,
                            const Call& call, Millis limit) {
  const std::string what = std::string(doing) + " " + to_string(table);
  try {
    return session(call).query(sql, what);
  } catch (const SqlError& e) {
    if (history_gone(e)) {
      throw Error(ErrorKind::precondition, "HISTORY_GONE",
                  "cannot " + what + ": garbage collection has passed " +
                      (at_ ? to_string(*at_) : std::string("the time of reading")),
                  "run the verification again with a longer --hold-history");
    }
    if (limit.count() > 0 && cut_off_by_limit(e.number(), e.message())) {
      // Some versions answer with a closed session.
      if (e.kind() != ErrorKind::invalid && e.kind() != ErrorKind::precondition) session_.reset();
      throw Error(ErrorKind::transient, "TIDB_TOO_SLOW", e.message());
    }
    if (e.kind() != ErrorKind::invalid && e.kind() != ErrorKind::precondition) session_.reset();
    throw;
  } catch (const Error&) {
    session_.reset();
    throw;
  }
}

std::optional<std::string> SqlTableReader::definition(const TableName& table, const Call& call) {
  try {
    return ask(sql_text::show_create_table(table), "read the definition of", table, call)
        .text(0, std::size_t{1});
  } catch (const SqlError& e) {
    if (no_such_table(e.number())) return std::nullopt;
    throw;
  }
}

std::uint64_t SqlTableReader::estimated_rows(const TableName& table, const Call& call) {
  const SqlRows rows = ask(sql_text::table_rows(table), "estimate the rows of", table, call);
  if (rows.empty() || rows.text(0, std::size_t{0}).empty()) return 0;
  return rows.number(0, "TABLE_ROWS");
}

std::optional<CutKey> SqlTableReader::key_at(const TableRead& read, const KeyRange& range,
                                             std::uint64_t nth, const Call& call) {
  const SqlRows rows = ask(sql_text::key_at(read, range, nth), "cut", read.table, call);
  if (rows.empty()) return std::nullopt;
  CutKey key;
  for (std::size_t i = 0; i < read.cut_by; ++i) key.push_back(rows.text(0, i));
  return key;
}

RangeDigest SqlTableReader::digest(const TableRead& read, const KeyRange& range, Millis limit,
                                   const Call& call) {
  return read_digest(
      ask(sql_text::digest(read, range, limit), "digest a range of", read.table, call, limit), 0);
}

std::vector<RowHash> SqlTableReader::hashes(const TableRead& read, const KeyRange& range,
                                            std::uint64_t most, const Call& call) {
  return read_hashes(
      ask(sql_text::hashes(read, range, most), "read hashes of rows of", read.table, call),
      read.key.size());
}

std::vector<RowHash> SqlTableReader::hashes_of(const TableRead& read,
                                               const std::vector<RowKey>& keys, const Call& call) {
  if (keys.empty()) return {};
  return read_hashes(
      ask(sql_text::hashes_of(read, keys), "read hashes of rows of", read.table, call),
      read.key.size());
}

std::map<std::string, RangeDigest> SqlTableReader::digests_by_hash(const TableRead& read,
                                                                   const std::string& prefix,
                                                                   std::size_t digits, Millis limit,
                                                                   const Call& call) {
  const SqlRows rows = ask(sql_text::digests_by_hash(read, prefix, digits, limit),
                           "digest the rows of", read.table, call, limit);
  std::map<std::string, RangeDigest> out;
  for (std::size_t i = 0; i < rows.size(); ++i) out[rows.text(i, "head")] = read_digest(rows, i);
  return out;
}

std::optional<RowValues> SqlTableReader::values(const TableRead& read, const RowKey& key,
                                                const Call& call) {
  const SqlRows rows = ask(sql_text::row_values(read, key), "read a row of", read.table, call);
  // Where the key's collation takes several texts for one, the row with the very same text is
  // meant.
  for (std::size_t row = 0; row < rows.size(); ++row) {
    bool same = true;
    for (std::size_t k = 0; k < read.key.size() && same; ++k) {
      const auto at = std::ranges::find(read.columns, read.key[k], &ColumnRead::name);
      same = rows.text(row, static_cast<std::size_t>(at - read.columns.begin())) == key.at(k);
    }
    if (same) return rows.rows[row];
  }
  return std::nullopt;
}

std::vector<RowValues> SqlTableReader::breaking(const RowNeed& need, std::size_t most, Millis limit,
                                                const Call& call) {
  return ask(sql_text::breaking(need, most, limit), "search the rows of", need.table, call, limit)
      .rows;
}

}  // namespace bdrmesh
