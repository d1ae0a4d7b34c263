#include "clients/catalogue/sql_catalogue_rows.h"

#include <algorithm>

#include "base/error.h"
#include "clients/catalogue/sql_catalogue.h"

namespace bdrmesh {

const ColumnRead& TableRead::column(const std::string& name) const {
  const auto found = std::ranges::find(columns, name, &ColumnRead::name);
  if (found != columns.end()) return *found;
  throw Error(ErrorKind::bug, "UNKNOWN_COLUMN", to_string(table) + " has no column " + name);
}

namespace sql_text {
namespace {

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
  std::string out;
  for (const std::string& part : parts) {
    if (!out.empty()) out += between;
    out += part;
  }
  return out;
}

std::string select_from(Millis limit) {
  const std::string hint = limit.count() > 0
                               ? "/*+ MAX_EXECUTION_TIME(" + std::to_string(limit.count()) + ") */ "
                               : std::string();
  return std::string(kVerifyTag) + "SELECT " + hint;
}

/// What is shown of a column: what `literal` understands again.
std::string shown(const ColumnRead& column) {
  const std::string name = quote_name(column.name);
  switch (column.form) {
    case ColumnForm::binary:
      return "HEX(" + name + ")";
    case ColumnForm::real:
      return name + " * 1e0";
    case ColumnForm::plain:
    case ColumnForm::text:
      break;
  }
  return name;
}

std::string in_row(const ColumnRead& column) {
  const std::string name = quote_name(column.name);
  if (column.form != ColumnForm::text) return shown(column);
  return "LENGTH(" + name + "), " + (column.as_bytes ? "CAST(" + name + " AS BINARY)" : name);
}

std::string row_hash(const TableRead& read) { return "SHA1(" + row_text(read) + ")"; }

/// LEFT is not pushed down to TiKV, SUBSTRING is (measured §1 A23).
std::string sum_of_hashes(const TableRead& read) {
  return "SUM(CAST(CONV(SUBSTRING(" + row_hash(read) + ", 1, 16), 16, 10) AS UNSIGNED))";
}

std::string key_list(const TableRead& read, std::size_t count, std::string_view suffix) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) names.push_back(quote_name(read.key[i]) += suffix);
  return joined(names, ", ");
}

std::string shown_key(const TableRead& read, std::size_t count) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < count; ++i) parts.push_back(shown(read.column(read.key[i])));
  return joined(parts, ", ");
}

/// `(a > 1) OR (a = 1 AND b > 2)`; the first column once more alone, for servers that find ranges
/// only so.
std::string beyond(const TableRead& read, const CutKey& key, bool above) {
  const std::string strict = above ? " > " : " < ";
  const std::string last = above ? " > " : " <= ";
  const auto value = [&](std::size_t i) { return literal(read.column(read.key[i]), key.at(i)); };
  const auto name = [&](std::size_t i) { return quote_name(read.key[i]); };
  if (read.cut_by == 1) return name(0) + last + value(0);
  std::vector<std::string> cases;
  for (std::size_t i = 0; i < read.cut_by; ++i) {
    std::string one = "(";
    for (std::size_t k = 0; k < i; ++k) one += name(k) + " = " + value(k) + " AND ";
    one += name(i) + (i + 1 == read.cut_by ? last : strict) + value(i) + ")";
    cases.push_back(std::move(one));
  }
  return name(0) + (above ? " >= " : " <= ") + value(0) + " AND (" + joined(cases, " OR ") + ")";
}

std::string value_text(const ColumnRead& column, const std::optional<std::string>& value) {
  return value ? literal(column, *value) : "NULL";
}

}  // namespace

std::string set_snapshot(Tso tso) { return "SET SESSION tidb_snapshot = " + quote(to_string(tso)); }

std::string table_rows(const TableName& table) {
  return "SELECT TABLE_ROWS FROM information_schema.tables WHERE TABLE_SCHEMA = " +
         quote(table.schema) + " AND TABLE_NAME = " + quote(table.table);
}

std::string row_text(const TableRead& read) {
  std::vector<std::string> flags;
  std::vector<std::string> parts;
  for (const ColumnRead& column : read.columns) {
    if (column.nullable) flags.push_back("ISNULL(" + quote_name(column.name) + ")");
  }
  if (flags.size() == 1) parts.push_back(flags.front());
  if (flags.size() > 1) parts.push_back("CONCAT(" + joined(flags, ", ") + ")");
  for (const ColumnRead& column : read.columns) parts.push_back(in_row(column));
  return "CONCAT_WS(',', " + joined(parts, ", ") + ")";
}

std::string in_range(const TableRead& read, const KeyRange& range) {
  std::vector<std::string> bounds;
  if (range.after) bounds.push_back(beyond(read, *range.after, true));
  if (range.upto) bounds.push_back(beyond(read, *range.upto, false));
  return bounds.empty() ? "TRUE" : joined(bounds, " AND ");
}

std::string digest(const TableRead& read, const KeyRange& range, Millis limit) {
  return select_from(limit) + "COUNT(*) AS cnt, " + sum_of_hashes(read) + " AS digest" +
         (read.may_overflow ? ", COUNT(" + row_text(read) + ") AS whole" : "") + " FROM " +
         quote_name(read.table) + " WHERE " + in_range(read, range);
}

std::string key_at(const TableRead& read, const KeyRange& range, std::uint64_t nth) {
  return select_from(Millis{0}) + shown_key(read, read.cut_by) + " FROM " + quote_name(read.table) +
         " WHERE " + in_range(read, range) + " ORDER BY " + key_list(read, read.cut_by, "") +
         " LIMIT " + std::to_string(nth) + ", 1";
}

std::string hashes(const TableRead& read, const KeyRange& range, std::uint64_t most) {
  return select_from(Millis{0}) + shown_key(read, read.key.size()) + ", " + row_hash(read) +
         " FROM " + quote_name(read.table) + " WHERE " + in_range(read, range) + " LIMIT " +
         std::to_string(most);
}

std::string hashes_of(const TableRead& read, const std::vector<RowKey>& keys) {
  std::vector<std::string> rows;
  for (const RowKey& key : keys) rows.push_back("(" + is_row(read, key) + ")");
  return select_from(Millis{0}) + shown_key(read, read.key.size()) + ", " + row_hash(read) +
         " FROM " + quote_name(read.table) + " WHERE " + joined(rows, " OR ");
}

std::string digests_by_hash(const TableRead& read, const std::string& prefix, std::size_t digits,
                            Millis limit) {
  const std::string head = "SUBSTRING(" + row_hash(read) + ", 1, " + std::to_string(digits) + ")";
  const std::string where = prefix.empty()
                                ? "TRUE"
                                : "SUBSTRING(" + row_hash(read) + ", 1, " +
                                      std::to_string(prefix.size()) + ") = " + quote(prefix);
  return select_from(limit) + head + " AS head, COUNT(*) AS cnt, " + sum_of_hashes(read) +
         " AS digest FROM " + quote_name(read.table) + " WHERE " + where + " GROUP BY head";
}

std::string breaking(const RowNeed& need, std::size_t most, Millis limit) {
  std::vector<std::string> names;
  for (const std::string& column : need.columns) names.push_back(quote_name(column));
  const auto each = [&](const char* suffix, const char* between) {
    std::vector<std::string> parts;
    for (const std::string& name : names) parts.push_back(name + suffix);
    return joined(parts, between);
  };
  std::string where;
  switch (need.kind) {
    case RowNeed::Kind::unique:
      where = each(" IS NOT NULL", " AND ") + " GROUP BY " + joined(names, ", ") +
              " HAVING COUNT(*) > 1";
      break;
    case RowNeed::Kind::not_null:
      where = each(" IS NULL", " OR ");
      break;
    case RowNeed::Kind::length:
      where = "CHAR_LENGTH(" + names.at(0) + ") > " + need.high;
      break;
    case RowNeed::Kind::between:
      where = names.at(0) + " < " + need.low + " OR " + names.at(0) + " > " + need.high;
      break;
  }
  return select_from(limit) + joined(names, ", ") + " FROM " + quote_name(need.table) + " WHERE " +
         where + " LIMIT " + std::to_string(most);
}

std::string row_values(const TableRead& read, const RowKey& key) {
  std::vector<std::string> parts;
  for (const ColumnRead& column : read.columns) parts.push_back(shown(column));
  return select_from(Millis{0}) + joined(parts, ", ") + " FROM " + quote_name(read.table) +
         " WHERE " + is_row(read, key);
}

std::string set_write_source(int source) {
  return "SET SESSION tidb_cdc_write_source = " + std::to_string(source);
}

std::string lock_row(const TableRead& read, const RowKey& key) {
  return hashes_of(read, {key}) + " FOR UPDATE";
}

std::string insert_row(const TableRead& read, const RowValues& values) {
  std::vector<std::string> names;
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < read.columns.size(); ++i) {
    if (read.columns[i].stored) continue;
    names.push_back(quote_name(read.columns[i].name));
    texts.push_back(value_text(read.columns[i], values.at(i)));
  }
  return std::string(kRepairTag) + "INSERT INTO " + quote_name(read.table) + " (" +
         joined(names, ", ") + ") VALUES (" + joined(texts, ", ") + ")";
}

std::string update_row(const TableRead& read, const RowKey& key, const RowValues& values) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < read.columns.size(); ++i) {
    const ColumnRead& column = read.columns[i];
    if (column.stored) continue;
    parts.push_back(quote_name(column.name) + " = " + value_text(column, values.at(i)));
  }
  return std::string(kRepairTag) + "UPDATE " + quote_name(read.table) + " SET " +
         joined(parts, ", ") + " WHERE " + is_row(read, key);
}

std::string delete_row(const TableRead& read, const RowKey& key) {
  return std::string(kRepairTag) + "DELETE FROM " + quote_name(read.table) + " WHERE " +
         is_row(read, key);
}

std::string literal(const ColumnRead& column, const std::string& text) {
  // HEX of a BIT column is a number without leading zeros; a literal needs whole bytes.
  if (column.form == ColumnForm::binary)
    return "X" + quote((text.size() % 2 == 1 ? "0" : "") + text);
  if (column.form == ColumnForm::text) return quote(text);
  // A number between quotes would be compared as a DOUBLE: 2^53 and its neighbour become one.
  const bool number =
      !text.empty() && text.find_first_not_of("0123456789.-+eE") == std::string::npos &&
      (text.front() == '-' ? text.find('-', 1) : text.find('-')) == std::string::npos;
  return number || column.form == ColumnForm::real ? text : quote(text);
}

std::string is_row(const TableRead& read, const RowKey& key) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < read.key.size(); ++i) {
    const ColumnRead& column = read.column(read.key[i]);
    parts.push_back(quote_name(column.name) + " = " + literal(column, key.at(i)));
  }
  return joined(parts, " AND ");
}

}  // namespace sql_text
}  // namespace bdrmesh
