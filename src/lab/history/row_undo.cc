#include "lab/history/row_undo.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "lab/parse/tokens.h"

namespace bdrmesh::lab {

namespace {

constexpr std::size_t kRowsPerStatement = 400;
constexpr std::size_t kBytesPerStatement = 1U << 20U;

std::string values_of(const Row& row) {
  std::string out = "(";
  for (std::size_t i = 0; i < row.size(); ++i) out += (i == 0 ? "" : ",") + sql_literal(row[i]);
  return out + ")";
}

/// A FLOAT column compares as the double that its float is, not as the shortest text of it.
std::string comparable(const PastColumn& column, const Value& value) {
  if (column.type != "float" || value.kind != Value::Kind::number) return sql_literal(value);
  char text[40];
  std::snprintf(text, sizeof text, "%.17ge0",
                static_cast<double>(std::strtof(value.text.c_str(), nullptr)));
  return text;
}

/// Gathers pieces into statements of a bearable size.
class Batches {
 public:
  Batches(std::vector<std::string>& out, std::string head, std::string separator, std::string tail)
      : out_(out),
        head_(std::move(head)),
        separator_(std::move(separator)),
        tail_(std::move(tail)) {}
  ~Batches() { flush(); }
  void add(const std::string& piece) {
    text_ += (text_.empty() ? head_ : separator_) + piece;
    if (++pieces_ == kRowsPerStatement || text_.size() > kBytesPerStatement) flush();
  }

 private:
  void flush() {
    if (!text_.empty()) out_.push_back(text_ + tail_);
    text_.clear();
    pieces_ = 0;
  }
  std::vector<std::string>& out_;
  std::string head_;
  std::string separator_;
  std::string tail_;
  std::string text_;
  std::size_t pieces_ = 0;
};

}  // namespace

Row RowUndo::project(const TableMap& table, const Row& row) {
  if (mapped_ != &table) {
    mapped_ = &table;
    columns_.clear();
    for (const PastColumn& column : layout_.columns) {
      const auto found =
          std::find_if(table.columns.begin(), table.columns.end(),
                       [&](const Column& c) { return to_lower(c.name) == to_lower(column.name); });
      columns_.push_back(static_cast<std::size_t>(found - table.columns.begin()));
    }
  }
  Row out;
  out.reserve(columns_.size());
  for (const std::size_t index : columns_) out.push_back(index < row.size() ? row[index] : Value{});
  return out;
}

std::string RowUndo::identity(const Row& row) const {
  std::string id;
  const auto add = [&](const Value& value) {
    id += static_cast<char>('0' + static_cast<int>(value.kind));
    id += std::to_string(value.text.size()) + ':' + value.text;
  };
  if (layout_.key.empty()) {
    for (const Value& value : row) add(value);
  } else {
    for (const std::size_t index : layout_.key) add(row[index]);
  }
  return id;
}

void RowUndo::take(const TableMap& table, RowKind kind, const RowImage& image,
                   std::uint64_t commit_ts, bool in_copy) {
  if (commit_ts <= ts_ && in_copy) return;  // it is as it should be
  const bool has_before = kind != RowKind::insert;
  const bool has_after = kind != RowKind::remove;
  const Row before = has_before ? project(table, image.before) : Row{};
  const Row after = has_after ? project(table, image.after) : Row{};
  if (layout_.key.empty()) {
    const bool later = commit_ts > ts_;
    if (later && !in_copy) return;
    const std::int64_t by = later ? 1 : -1;
    if (has_before) count(before, by);
    if (has_after) count(after, -by);
    return;
  }
  const bool same_key = has_before && has_after && identity(before) == identity(after);
  if (has_before && !(same_key && commit_ts <= ts_)) take_key(before, true, commit_ts);
  if (has_after && !(same_key && commit_ts > ts_)) take_key(after, false, commit_ts);
}

void RowUndo::take_key(const Row& row, bool before, std::uint64_t commit_ts) {
  State& state = rows_[identity(row)];
  if (state.settled) return;
  state.row = row;
  // The first change after the TSO tells what was there; until it comes, the last one before.
  state.settled = commit_ts > ts_;
  state.was_there = before == state.settled;
}

void RowUndo::count(const Row& row, std::int64_t by) {
  State& state = rows_[identity(row)];
  if (state.row.empty()) state.row = row;
  state.missing += by;
}

std::string RowUndo::condition(const Row& row) const {
  std::string out = "(";
  const auto add = [&](std::size_t index) {
    out += (out.size() > 1 ? " AND " : "") + quote_name(layout_.columns[index].name) +
           (layout_.key.empty() ? " <=> " : " = ") + comparable(layout_.columns[index], row[index]);
  };
  if (layout_.key.empty()) {
    for (std::size_t i = 0; i < row.size(); ++i) add(i);
  } else {
    for (const std::size_t index : layout_.key) add(index);
  }
  return out + ")";
}

std::vector<std::string> RowUndo::keyed_statements(const std::string& target) const {
  std::vector<std::string> out;
  {
    const bool single = layout_.key.size() == 1;
    const std::string name = quote_name(layout_.columns[layout_.key.front()].name);
    Batches removals(out, "DELETE FROM " + target + " WHERE " + (single ? name + " IN (" : ""),
                     single ? "," : " OR ", single ? ")" : "");
    for (const auto& [id, state] : rows_) {
      const std::size_t index = layout_.key.front();
      removals.add(single ? comparable(layout_.columns[index], state.row[index])
                          : condition(state.row));
    }
  }
  {
    Batches inserts(out, "INSERT INTO " + target + " (" + layout_.column_list() + ") VALUES ", ",",
                    "");
    for (const auto& [id, state] : rows_) {
      if (state.was_there) inserts.add(values_of(state.row));
    }
  }
  return out;
}

std::vector<std::string> RowUndo::multiset_statements(const std::string& target) const {
  std::vector<std::string> out;
  for (const auto& [id, state] : rows_) {
    if (state.missing >= 0) continue;
    out.push_back("DELETE FROM " + target + " WHERE " + condition(state.row) + " LIMIT " +
                  std::to_string(-state.missing));
  }
  {
    Batches inserts(out, "INSERT INTO " + target + " (" + layout_.column_list() + ") VALUES ", ",",
                    "");
    for (const auto& [id, state] : rows_) {
      for (std::int64_t i = 0; i < state.missing; ++i) inserts.add(values_of(state.row));
    }
  }
  return out;
}

std::vector<std::string> RowUndo::statements(const std::string& target) const {
  return layout_.key.empty() ? multiset_statements(target) : keyed_statements(target);
}

}  // namespace bdrmesh::lab
