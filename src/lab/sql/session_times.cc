// Points in time as users write them, and the variables that hold them (tidb-sql §6, measured B
// §6).
#include <algorithm>
#include <cctype>

#include "lab/server/tidb_text.h"
#include "lab/sql/session.h"
#include "lab/wire/bytes.h"

namespace bdrmesh::lab {

namespace {

constexpr int kLogicalBits = 18;
constexpr std::int64_t kLastTimestampYear = 2038;

bool is_number(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](unsigned char c) { return std::isdigit(c) != 0; });
}

/// As Go prints the parts of a time.
std::string in_braces(std::string text) {
  std::string out = "{";
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && std::isdigit(static_cast<unsigned char>(text[i])) != 0) continue;
    if (i > begin)
      out +=
          (out.size() > 1 ? " " : "") + std::to_string(std::stoll(text.substr(begin, i - begin)));
    begin = i + 1;
  }
  return out + "}";
}

}  // namespace

std::uint64_t Session::physical_ts(std::int64_t unix_ms) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(unix_ms, 0)) << kLogicalBits;
}

/// `2026-11-21 09:00:00.5 +0000 UTC`.
std::string Session::go_time(std::uint64_t ts) {
  std::string text = sql_time(static_cast<std::int64_t>(ts >> kLogicalBits));
  while (text.find('.') != std::string::npos && (text.back() == '0' || text.back() == '.')) {
    const bool dot = text.back() == '.';
    text.pop_back();
    if (dot) break;
  }
  return text + " +0000 UTC";
}

/// A time of the session's zone as a TSO, its milliseconds and nothing below.
/// @throws Refused 1292
std::uint64_t Session::datetime_ts(const std::string& text) {
  const Reply reply =
      backend_.query("SELECT CAST(" + quote_text(text) + " AS DATETIME(6)), UNIX_TIMESTAMP(CAST(" +
                     quote_text(text) + " AS DATETIME(6)))*1000");
  const auto* rows = std::get_if<RowsReply>(&reply);
  if (rows == nullptr || rows->rows.empty()) {
    throw Refused(1292, "22007", "Incorrect datetime value: '" + text + "'");
  }
  PacketReader row(rows->rows.front());
  const auto time = row.cell();
  if (!time) throw Refused(1292, "22007", "Incorrect datetime value: '" + text + "'");
  const std::string shown(*time);
  const auto millis = row.cell();
  if (!millis || std::stoll(shown) >= kLastTimestampYear) {
    throw Refused(1292, "22007", "Incorrect time value: '" + in_braces(shown) + "'");
  }
  return physical_ts(static_cast<std::int64_t>(std::stod(std::string(*millis))));
}

/// The value of an AS OF TIMESTAMP expression.
/// @throws Refused 1292, 8135
std::uint64_t Session::time_of(const std::string& expression) {
  std::string text = expression;
  std::vector<StatementText> parts = split_statements(text);
  Cursor cursor(parts.front().tokens);
  if (cursor.accept("tidb_bounded_staleness")) {
    // The later bound: here everything is there at once.
    cursor.skip_group();
    const std::vector<Token>& tokens = parts.front().tokens;
    int depth = 0;
    std::size_t comma = 0;
    for (std::size_t i = 0; i + 1 < cursor.position(); ++i) {
      if (tokens[i].is_symbol('(')) ++depth;
      if (tokens[i].is_symbol(')')) --depth;
      if (depth == 1 && tokens[i].is_symbol(',')) comma = i;
    }
    if (comma == 0)
      throw Refused(
          1582, "42000",
          "Incorrect parameter count in the call to native function 'tidb_bounded_staleness'");
    text = text.substr(tokens[comma].end, tokens[cursor.position() - 1].begin - tokens[comma].end);
  }
  const std::string sql = "SELECT " + text;
  std::vector<StatementText> texts = split_statements(sql);
  const Reply reply = backend_.query(rewrite(classify(std::move(texts.front()))));
  if (const auto* failure = std::get_if<SqlFailure>(&reply)) translate(*failure, nullptr);
  const auto& rows = std::get<RowsReply>(reply);
  const auto cell = PacketReader(rows.rows.front()).cell();
  if (!cell) {
    throw Refused(8135, "HY000", "invalid as of timestamp: as of timestamp cannot be NULL");
  }
  const std::string value(*cell);
  if (is_number(value)) throw Refused(1292, "22007", "Incorrect time value: '" + value + "'");
  const std::uint64_t ts = datetime_ts(value);
  if (ts > cluster_.oracle.next()) {
    throw Refused(8135, "HY000",
                  "invalid as of timestamp: cannot set read timestamp to a future time");
  }
  return ts;
}

/// SET tidb_snapshot.
void Session::assign_snapshot(const std::string& value) {
  if (value.empty()) {
    settings_["tidb_snapshot"] = "";
    snapshot_ts_ = 0;
    return;
  }
  const std::uint64_t safe_point = cluster_.gc.safe_point();
  std::uint64_t ts = 0;
  if (is_number(value)) {
    ts = value.size() > 19 ? ~std::uint64_t{0} : std::stoull(value);
  } else {
    ts = datetime_ts(value);
    if (ts > cluster_.oracle.next()) {
      throw Refused(1292, "22007",
                    "Incorrect time value: '" +
                        in_braces(sql_time(static_cast<std::int64_t>(ts >> kLogicalBits))) + "'");
    }
  }
  if (ts != 0) {
    if (safe_point == 0) throw Refused(1105, "HY000", "can not get 'tikv_gc_safe_point'");
    if (ts < safe_point) {
      throw Refused(8055, "HY000", "snapshot is older than GC safe point " + go_time(safe_point));
    }
  }
  settings_["tidb_snapshot"] = value;
  snapshot_ts_ = ts;
}

/// SET TRANSACTION READ ONLY AS OF TIMESTAMP x. @return false for any other SET.
bool Session::set_next_time(const Statement& statement) {
  Cursor cursor(statement.tokens);
  if (!cursor.accept({"set", "transaction", "read", "only"})) return false;
  if (!cursor.accept({"as", "of", "timestamp"})) return false;
  next_reads_at_ = time_of(std::string(statement.text.substr(cursor.peek().begin)));
  return true;
}

}  // namespace bdrmesh::lab
